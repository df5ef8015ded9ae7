sync "rooms" {
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
  guard {
    min_source_rows = -1 # ERROR: Invalid value
    max_insert      = 1.5 # ERROR: Invalid value
    max_update      = "0%" # ERROR: Invalid value
    max_delete      = "101%" # ERROR: Invalid value
    max_deletes     = 1 # ERROR: Unsupported argument
    on_breach       = "holt" # ERROR: Invalid value
  }
}
sync "seats" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "b"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  guard {
    min_source_rows = "few" # ERROR: Invalid value
    max_insert      = "many" # ERROR: Invalid value
    max_update      = "5 %%" # ERROR: Invalid value
    max_delete      = ["5%"] # ERROR: Invalid value
  }
}
