registrar {
  trusted_keys = [
    "ed25519:AAAA",                                        # ERROR: Invalid value
    "rsa:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo", # ERROR: Invalid value
  ]
  require_approval = 11     # ERROR: Invalid value
  sensitive        = "some" # ERROR: Invalid value
  limits {
    plan_timeout      = "500ms" # ERROR: Invalid value
    statement_timeout = 5       # ERROR: Invalid value
    max_rows          = 0       # ERROR: Invalid value
    max_row           = 1       # ERROR: Unsupported argument
  }
}

variable "secret" {
  default   = "x"
  sensitive = true
}

destination "sqlite" "named" {
  path      = "named.db"
  sensitive = ["name"] # ERROR: Invalid value
}

destination "sqlite" "hidden" {
  path      = "hidden.db"
  sensitive = var.secret # ERROR: Sensitive value not allowed
}

faculty "hss" {}

faculty "law" {}

sync "rooms" {
  for_each = { hss = faculty.hss }
  faculty  = each.value
  source {
    from  = source.csv.rooms
    table = "rooms"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}

policy "missing" { # ERROR: Missing required argument
  message = "x"
}

policy "misspelt" {
  condition = plan.deletes == 0 # ERROR: Invalid reference
  message   = "x"
}

policy "operation" {
  condition = plan.count.removal == 0                # ERROR: Invalid reference
  message   = "${plan.faculty["hss"].count.inserts}" # ERROR: Invalid reference
}

policy "bare" {
  condition = length(plan) > 0              # ERROR: Invalid reference
  message   = "${plan.faculty.hss.deletes}" # ERROR: Invalid reference
}

policy "unknown" {
  condition = plan.faculty["hs"].deletions == 0                    # ERROR: Undeclared faculty
  message   = "${plan.sync["sync.rooms[\"law\"]"].rejected} rooms" # ERROR: Undeclared sync
}

policy "computed" {
  for_each  = toset(["hss", "arts"])
  condition = plan.faculty[each.key].deletions == 0 # ERROR: Invalid index
  message   = "x"
}

policy "types" {
  condition = plan.deletions   # ERROR: Invalid value
  message   = [plan.deletions] # ERROR: Invalid value
}

policy "date" {
  condition = plan.date < 5 # ERROR: Invalid operand
  message   = "x"
}

policy "of_elements" {
  condition = length([for f in plan.faculty : f if f.deletes > 0]) == 0 # ERROR: Unsupported attribute
  message   = "x"
}

policy "secret" {
  condition = plan.deletions < length(var.secret) # ERROR: Sensitive value not allowed
  message   = "x"
}

policy "file" {
  condition = plan.deletions == 0
  message   = file("message.txt") # ERROR: file() not allowed here
}

policy "both" {
  faculty   = faculty.hss # ERROR: Conflicting arguments
  syncs     = [sync.rooms]
  condition = plan.deletions == 0
  message   = "x"
}

policy "nothing" {
  syncs      = [sync.room] # ERROR: Undeclared sync
  faculties  = faculty     # ERROR: Unsupported argument
  condition  = plan.deletions == 0
  message    = "x"
  on_failure = "holds" # ERROR: Invalid value
}

policy "row" {
  condition = row.deletions == 0 # ERROR: "row" not allowed here
  message   = now()              # ERROR: now() not allowed here
}

policy "no_instance" {
  for_each  = {}
  condition = plan.live_row > 0 # ERROR: Invalid reference
  message   = "x"
}

policy "nothing" { # ERROR: Duplicate policy
}

locals { early = plan.deletions } # ERROR: "plan" not allowed here
