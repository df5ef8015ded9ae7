notify "emial" "a" {} # ERROR: Unknown kind of notifier
notify "email" "b" {} # ERROR: Missing required argument; ERROR: Missing required argument; ERROR: Missing required argument
notify "email" "c" {
  on   = ["fialure"] # ERROR: Invalid value
  to   = ["nobody"] # ERROR: Invalid value
  from = "nobody" # ERROR: Invalid value
  smtp = "mail.example.org" # ERROR: Invalid value
}
notify "email" "d" {
  on   = [] # ERROR: Invalid value
  to   = [] # ERROR: Invalid value
  smtp = null # ERROR: Missing required argument
}
