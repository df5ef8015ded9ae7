variable "campus" { default = "east" }
faculty "law" {
  schedule = schedule.nigthly # ERROR: Undeclared schedule
  notify   = [notify.email.office, notify.sms.x] # ERROR: Undeclared notify; ERROR: Undeclared notify
}
faculty "hss" {
  schedule = notify.email.registry # ERROR: Invalid reference
  notify   = notify.email.registry # ERROR: Invalid value
}
schedule "nightly" { every = "24h" }
notify "email" "registry" {
  on   = ["failure"]
  to   = ["a@example.org"]
  smtp = "smtp://mail.example.org"
}
locals {
  a = var.campsu # ERROR: Undeclared variable
  b = var # ERROR: Invalid reference
  c = local.z # ERROR: Undeclared local value
  d = campus # ERROR: Invalid reference
  e = vra.campus # ERROR: Invalid reference
  f = source.csv.romos # ERROR: Undeclared source
  g = source.cvs.rooms # ERROR: Undeclared source
  h = destination.sqlite.x # ERROR: Undeclared destination
  i = faculty.hs # ERROR: Undeclared faculty
  j = sync.rooms # ERROR: Invalid reference
  k = each.key # ERROR: Invalid reference
  l = row.code # ERROR: "row" not allowed here
  m = now() # ERROR: now() not allowed here
  n = uper("x") # ERROR: Call to unknown function
  o = source.csv.rooms.directory # ERROR: Invalid reference
  p = source # ERROR: Invalid reference
}
