sync "nothing" {
  source {
    from  = source.csv.rooms # ERROR: Missing required argument
    table = null
    query = null
  }
  destination { # ERROR: Missing ownership
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code"]
    scope = null
    owns_table = null
  }
  columns { code = row.code }
}

schedule "never" { # ERROR: Missing required argument
  every = null
}
