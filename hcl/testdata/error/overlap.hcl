destination "sqlite" "again" { path = "timetable.db" }
faculty "hss" { code = "12" }
faculty "law" { code = "20" }

sync "classic" {
  for_each = faculty
  source {
    from  = source.csv.rooms
    table = each.key
  }
  destination {
    into  = destination.sqlite.timetable
    table = "student"
    key   = ["code"]
    scope = { origin = "APOGEE" } # ERROR: Overlapping syncs
  }
  columns { code = row.code }
}

sync "fine" {
  for_each = faculty
  source {
    from  = source.csv.rooms
    table = each.key
  }
  destination {
    into  = destination.sqlite.timetable
    table = "student"
    key   = ["code"]
    scope = { origin = "CELCAT", faculty = each.key }
  }
  columns { code = row.code }
}

sync "other_column" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.again
    table = "Student"
    key   = ["code"]
    scope = { faculty = "HSS" } # ERROR: Overlapping syncs; ERROR: Overlapping syncs
  }
  columns { code = row.code }
}

sync "whole" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "room"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
  }
}

sync "updates_same_column" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "room"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code = row.code
    NAME = row.name
  }
  lifecycle { operations = ["update"] }
}

sync "inserts_too" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "room"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code  = row.code
    seats = row.seats
  }
  lifecycle { operations = ["update", "insert"] }
}

sync "number" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "numbered"
    key   = ["code"]
    scope = { origin = "012" }
  }
  columns { code = row.code }
}

sync "same_number" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "numbered"
    key   = ["code"]
    scope = { origin = 12 } # ERROR: Overlapping syncs
  }
  columns { code = row.code }
}
