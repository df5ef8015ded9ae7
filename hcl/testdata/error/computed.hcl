locals {
  numbers = [[1]]
  nulls   = ["code", null]
  scope   = { origin = ["x"] }
  words   = "x"
}

faculty "law" {
  notify = local.words # ERROR: Invalid value
}

sync "rooms" {
  sensitive = local.numbers # ERROR: Invalid value
  source {
    from   = source.sqlite.apogee
    query  = "SELECT :a"
    params = local.words # ERROR: Invalid value
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = local.nulls # ERROR: Invalid value
    scope = local.scope # ERROR: Invalid value
  }
  columns {
    code = row.code
    x {} # ERROR: Unsupported block type
    assert "x" {} # ERROR: Unsupported block type
  }
  lifecycle {
    stamps  = local.words # ERROR: Invalid value
    archive = { "" = now() } # ERROR: Invalid name
  }
}

sync "by_text" {
  depends_on = [sync.rooms.x, sync.rooms[{}]] # ERROR: Invalid depends_on; ERROR: Invalid value
  source {
    from   = source.sqlite.apogee
    query  = "SELECT 'open" # ERROR: Invalid query
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room2"
    key   = ["code"]
    scope = { origin = true }
  }
  columns { code = row.code }
}

sync "same_truth" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room3"
    key   = ["code"]
    scope = { origin = true, other = false, rest = "Élan " }
  }
  columns { code = row.code }
}

sync "same_truth_too" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room3"
    key   = ["code"]
    scope = { origin = 1.0, other = "f", rest = "elan" } # ERROR: Overlapping syncs
  }
  columns { code = row.code }
}

sync "different" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room3"
    key   = ["code"]
    scope = { origin = 1.5 }
  }
  columns { code = row.code }
}
source "sqlite" "apogee" { path = "apogee.db" }
