locals { codes = ["a", "b"] }
moved {
  sync = sync.rooms
  from = "a"
  to   = "b"
}
moved { # ERROR: Duplicate moved
  sync = sync.rooms["west"]
  from = local.codes[0]
  to   = "c"
}
moved { # ERROR: Conflicting moved
  sync = sync.rooms["east"]
  from = "d"
  to   = { code = "b" }
}
moved { # ERROR: Moved nowhere
  sync = sync.rooms
  from = 5
  to   = "5"
}
moved { # ERROR: Cycle of moved blocks
  sync = sync.courses
  from = "a"
  to   = "b"
}
moved {
  sync = sync.courses
  from = "c"
  to   = "a"
}
moved {
  sync = sync.courses
  from = "b"
  to   = "c"
}
sync "rooms" {
  for_each = toset(["east", "west"])
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}
sync "courses" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "course"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
