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
sync "both" {
  source {
    from  = source.sqlite.apogee
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "f"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  incremental {
    fingerprints = 1024
    watermark    = row.updated_at # ERROR: Conflicting arguments
    full_every   = "7d"           # ERROR: Conflicting arguments
    overlap      = "10m"          # ERROR: Conflicting arguments
  }
}
sync "many" {
  source {
    from  = source.sqlite.apogee
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "g"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  incremental {
    fingerprints = 65537 # ERROR: Invalid value
  }
}
sync "few" {
  source {
    from  = source.sqlite.apogee
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "h"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  incremental {
    fingerprints = 1 # ERROR: Invalid value
  }
}
sync "broken_bucket" {
  source {
    from  = source.sqlite.apogee
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "i"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  incremental {
    fingerprints = 2.5 # ERROR: Invalid value
  }
}
sync "no_bucket" {
  source {
    from  = source.sqlite.apogee
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "j"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  incremental {
    fingerprints = null # ERROR: Missing required argument
  }
}
sync "printed_tasks" {
  source {
    from = source.sqlite.apogee
    queries {
      insert = "SELECT code FROM x"
    }
  }
  destination {
    into  = destination.sqlite.timetable
    table = "k"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  incremental { # ERROR: Conflicting blocks
    fingerprints = 1024
  }
}
