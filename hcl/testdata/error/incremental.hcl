source "sqlite" "apogee" { path = "apogee.db" }
sync "columns" {
  source {
    from  = source.sqlite.apogee
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  incremental {
    watermark  = upper(row.updated_at) # ERROR: Invalid value
    full_every = "10s"                 # ERROR: Invalid value
    overlap    = 10                    # ERROR: Invalid value
    every      = "7d"                  # ERROR: Unsupported argument
  }
}
sync "missing" {
  source {
    from  = source.sqlite.apogee
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "b"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  incremental { # ERROR: Missing required argument
    full_every = row.updated_at # ERROR: "row" not allowed here
  }
}
sync "constant" {
  source {
    from  = source.sqlite.apogee
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "c"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  incremental {
    watermark = "updated_at" # ERROR: Invalid value
  }
}
sync "tasks" {
  source {
    from = source.sqlite.apogee
    queries {
      insert = "SELECT code FROM x"
    }
  }
  destination {
    into  = destination.sqlite.timetable
    table = "d"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  incremental { # ERROR: Conflicting blocks
    watermark = row.updated_at
  }
}
sync "files" {
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
  incremental { # ERROR: Source cannot filter
    watermark = row.updated_at
  }
}
