sync "keys" {
  sensitive = "some" # ERROR: Invalid value
  source {
    from   = source.csv.rooms
    table  = "rooms"
    params = { a = 1 } # ERROR: Conflicting arguments
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = [] # ERROR: Invalid value
    scope = {} # ERROR: Missing ownership
  }
  columns { # ERROR: No columns
  }
}

sync "null" {
  source {
    from  = null # ERROR: Missing required argument
    table = "rooms"
  }
  destination {
    into  = destination.sqlite.timetable
    table = null # ERROR: Missing required argument
    key   = ["code", null] # ERROR: Invalid value
    scope = { origin = null, campus = ["x"], other = "1", OTHER = 2 } # ERROR: Invalid value; ERROR: Invalid value; ERROR: Duplicate column
  }
  columns { code = row.code }
}

sync "unowned" {
  source {
    from  = source.csv.rooms
    table = "rooms"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "c"
    key        = ["code"]
    owns_table = false # ERROR: Missing ownership
  }
  columns {
    code = row.code
    list = [1, 2] # ERROR: Unsuitable value
    file = file(row.path) # ERROR: file() cannot depend on a row
    time = now() # ERROR: now() not allowed here
  }
}
