sync "empty" {
  source {
    from = source.sqlite.apogee
    queries { # ERROR: Missing required argument
    }
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}

sync "both" {
  source {
    from  = source.sqlite.apogee
    table = "x"
    queries { # ERROR: Conflicting arguments
      insert = "SELECT 1"
    }
  }
  destination {
    into  = destination.sqlite.timetable
    table = "b"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}

sync "texts" {
  source { # ERROR: Missing required argument
    from    = source.sqlite.apogee
    queries = {} # ERROR: Unsupported argument
  }
  destination {
    into  = destination.sqlite.timetable
    table = "c"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}

sync "statements" {
  source {
    from = source.sqlite.apogee
    queries {
      insert  = "INSERT INTO x VALUES (1)" # ERROR: Invalid query
      update  = "SELECT 1 WHERE a = :yaer" # ERROR: Unknown param
      delete  = "SELECT 1; SELECT 2" # ERROR: Invalid query
      archive = "SELECT 1" # ERROR: Unsupported argument
    }
    params = { year = 2026 }
  }
  destination {
    into  = destination.sqlite.timetable
    table = "d"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  lifecycle { on_missing = "delete" }
}

sync "params" {
  source {
    from = source.sqlite.apogee
    queries {
      insert = "SELECT 1 WHERE a = :year"
      update = "SELECT 1 WHERE a = :year AND b = :site"
    }
    params = {
      year   = 2026
      site   = "N"
      campus = "W" # ERROR: Unused param
    }
  }
  destination {
    into  = destination.sqlite.timetable
    table = "e"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}

sync "files" {
  source {
    from = source.csv.rooms
    queries {
      insert = "SELECT 1" # ERROR: Unsupported query
    }
  }
  destination {
    into  = destination.sqlite.timetable
    table = "f"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}

sync "not_said_how" {
  source {
    from = source.sqlite.apogee
    queries {
      delete = "SELECT 1" # ERROR: Missing required argument
    }
  }
  destination {
    into  = destination.sqlite.timetable
    table = "g"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}

sync "kept" {
  source {
    from = source.sqlite.apogee
    queries {
      delete = "SELECT 1" # ERROR: Missing required argument
    }
  }
  destination {
    into  = destination.sqlite.timetable
    table = "h"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  lifecycle { on_missing = "keep" }
}

sync "nothing_missing" {
  source {
    from = source.sqlite.apogee
    queries {
      insert = "SELECT 1"
    }
  }
  destination {
    into  = destination.sqlite.timetable
    table = "i"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  lifecycle {
    on_missing = "archive" # ERROR: Conflicting arguments
    archive    = { deleted_on = now() }
  }
}

source "sqlite" "apogee" { path = "apogee.db" }
