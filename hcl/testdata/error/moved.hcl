moved { # ERROR: Missing required argument; ERROR: Missing required argument; ERROR: Missing required argument
}
moved "label" { # ERROR: Extraneous label
  sync = sync.rooms
  from = "a"
  to   = "b"
}
moved {
  sync  = sync.room # ERROR: Undeclared sync
  from  = "a"
  to    = "b"
  table = "x" # ERROR: Unsupported argument
}
moved {
  sync = "rooms" # ERROR: Invalid sync
  from = row.code # ERROR: "row" not allowed here
  to   = now() # ERROR: now() not allowed here
}
moved {
  sync = sync.rooms["west"] # ERROR: Undeclared sync
  from = "a"
  to   = "b"
}
moved {
  sync = sync.rooms
  from = ["a"] # ERROR: Invalid value
  to   = null # ERROR: Missing required argument
}
moved {
  sync = sync.rooms
  from = { kode = "a" } # ERROR: Unknown column
  to   = { code = null } # ERROR: Invalid value
}
moved {
  sync = sync.seats
  from = "a" # ERROR: Invalid value
  to   = { room = "a" } # ERROR: Incomplete key
}
moved {
  sync = sync.seats["south"] # ERROR: Undeclared sync
  from = { room = "a", number = 1 }
  to   = { room = "b", number = 1 }
}
moved {
  sync = sync.seats
  from = { room = "a", number = 1, colour = "red" } # ERROR: Unknown column
  to   = { room = "a", number = 2, number = 3 } # ERROR: Duplicate column
}
moved {
  sync = sync.links # ERROR: Key is a lookup
  from = { department_id = "a", code = "b" }
  to   = { department_id = "a", code = "c" }
}
variable "secret" {
  sensitive = true
  default   = "invented"
}
moved {
  sync = sync.rooms
  from = var.secret # ERROR: Sensitive value not allowed
  to   = "b"
}
sync "rooms" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
sync "seats" {
  for_each = toset(["east", "west"])
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "seat"
    key   = ["room", "number"]
    scope = { origin = each.key }
  }
  columns {
    room   = row.room
    number = row.number
    colour = row.colour
  }
}
sync "links" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "link"
    key   = ["department_id", "code"]
    scope = { origin = "x" }
  }
  columns {
    code          = row.code
    department_id = lookup("department", "id", { code = row.dep })
  }
}
