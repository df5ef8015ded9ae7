sorce "csv" "b" {} # ERROR: Unsupported block type
source "csv" { } # ERROR: Missing label
source "csv" "c" "d" { } # ERROR: Extraneous label
source "csv" "r 1" { directory = "x" } # ERROR: Invalid name
source "csv" "rooms" { directory = "x" } # ERROR: Duplicate source
destination "sqlite" "timetable" { path = "x" } # ERROR: Duplicate destination
directory = "x" # ERROR: Unsupported argument
faculty "law" {}
faculty "law" {} # ERROR: Duplicate faculty
schedule "s" { every = "1h" }
schedule "s" { every = "1h" } # ERROR: Duplicate schedule
notify "email" "n" {
  on   = ["failure"]
  to   = ["a@example.org"]
  smtp = "smtp://mail.example.org"
}
notify "email" "n" {} # ERROR: Duplicate notifier
variable "v" { default = 1 }
variable "v" { default = 1 } # ERROR: Duplicate variable
registrar {}
registrar {} # ERROR: Duplicate registrar block
locals { a = 1 }
locals {
  a = 2 # ERROR: Duplicate local value
  b {} # ERROR: Unsupported block type
}
