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
    max_undelete    = "5" # ERROR: Invalid value
    max_purge       = "5 rows" # ERROR: Invalid value
    max_reject      = true # ERROR: Invalid value
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
    min_source_ratio = 0.8 # ERROR: Invalid value
  }
}
registrar {
  guard {
    max_delete = "20" # ERROR: Invalid value
    max_delet  = 20 # ERROR: Unsupported argument
    min_source_ratio = "80" # ERROR: Invalid value
  }
  guard {} # ERROR: Duplicate block
}
faculty "hss" {
  guard {
    min_source_ratio = "120%" # ERROR: Invalid value
    on_breach        = faculty.hsss.code # ERROR: Undeclared faculty
  }
}
faculty "law" {
  guard = { max_delete = 5 } # ERROR: Unsupported argument
}
