notify "emial" "a" {} # ERROR: Unknown kind of notifier
notify "email" "b" {} # ERROR: Missing required argument; ERROR: Missing required argument; ERROR: Missing required argument
notify "email" "c" {
  on     = ["fialure"] # ERROR: Invalid value
  to     = ["nobody"] # ERROR: Invalid value
  from   = "nobody" # ERROR: Invalid value
  smtp   = "mail.example.org" # ERROR: Invalid value
  repeat = "daily" # ERROR: Invalid value
}
notify "email" "d" {
  on   = [] # ERROR: Invalid value
  to   = [] # ERROR: Invalid value
  smtp = null # ERROR: Missing required argument
}

# Events of versions that sent nothing.
notify "email" "former" {
  on   = ["success", "recovery", "failure"] # ERROR: Invalid value; ERROR: Invalid value
  to   = ["office@example.org"]
  smtp = "smtp://mail.example.org"
  url  = "https://example.org" # ERROR: Unsupported argument
}
notify "email" "password_in_the_clear" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://u:p@mail.example.org?tls=none" # ERROR: Invalid value
}
notify "email" "no_password" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://u@mail.example.org" # ERROR: Invalid value
}
notify "email" "encrypted_anyhow" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtps://mail.example.org?tls=none" # ERROR: Invalid value
}
notify "email" "unknown_tls" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://mail.example.org?tls=off" # ERROR: Invalid value
}
notify "email" "unknown_parameter" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://mail.example.org?ssl=none" # ERROR: Invalid value
}
notify "email" "path" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://u:p/w@mail.example.org" # ERROR: Invalid value
}
notify "email" "port" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://mail.example.org:70000" # ERROR: Invalid value
}

notify "webhook" "none" {} # ERROR: Missing required argument; ERROR: Missing required argument
notify "webhook" "wrong" {
  on      = ["failure"]
  url     = "ftp://example.org/x" # ERROR: Invalid value
  format  = "matermost" # ERROR: Invalid value
  headers = { "A B" = "x" } # ERROR: Invalid value
  timeout = "2m" # ERROR: Invalid value
  repeat  = "-1h" # ERROR: Invalid value
  to      = ["office@example.org"] # ERROR: Unsupported argument
}
notify "webhook" "headers" {
  on      = ["failure"]
  url     = "https://chat.example.org/hooks/1"
  headers = { host = "x", X-Two = "a\nb" } # ERROR: Invalid value; ERROR: Invalid value
}
notify "webhook" "list" {
  on      = ["failure"]
  url     = "https://" # ERROR: Invalid value
  headers = ["x"] # ERROR: Invalid value
}
