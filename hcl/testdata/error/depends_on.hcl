locals { each = toset(["x", "y"]) }
sync "a" {
  depends_on = [sync.b] # ERROR: Dependency cycle
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
sync "b" {
  for_each   = local.each
  depends_on = [sync.c[each.key]]
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "b"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}
sync "c" {
  for_each   = local.each
  depends_on = [
    sync.a,
    sync.bb, # ERROR: Undeclared sync
    sync.b["z"], # ERROR: Undeclared sync
    sync.a["z"], # ERROR: Undeclared sync
    sync.a.name, # ERROR: Invalid depends_on
    sync, # ERROR: Invalid depends_on
    "sync.a", # ERROR: Invalid depends_on
    source.csv.rooms, # ERROR: Invalid depends_on
  ]
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "c"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}
sync "d" {
  depends_on = sync.a # ERROR: Invalid depends_on
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "d"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
sync "e" {
  depends_on = [sync.e] # ERROR: Dependency cycle
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "e"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
