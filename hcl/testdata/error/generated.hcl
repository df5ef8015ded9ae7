
sync "forms" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "t"
    key   = ["code"]
    scope = { origin = "A" }
    generated = {
      id     = sequence("s")
      a      = sequence("s", 1) # ERROR: Invalid generated column
      b      = 12 # ERROR: Invalid generated column
      c      = upper(sequence("s")) # ERROR: Invalid generated column
    }
  }
  columns {
    code = sequence("s") # ERROR: sequence() not allowed here
  }
}

sync "values" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "u"
    key   = ["code"]
    scope = { origin = "A" }
    generated = {
      id     = sequence("")  # ERROR: Invalid value
      code   = sequence("s") # ERROR: Conflicting column
      origin = sequence("s") # ERROR: Conflicting column
      n      = sequence("s")
      N      = sequence("s") # ERROR: Duplicate column
    }
  }
  columns {
    code = row.code
  }
}

sync "not_written_out" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "v"
    key        = ["code"]
    owns_table = true
    generated  = local.generated # ERROR: Invalid generated column
  }
  columns {
    code = row.code
  }
}

locals {
  generated = { id = 1 }
}
