sync "empty" {} # ERROR: Missing required block; ERROR: Missing required block; ERROR: Missing required block

sync "a b" {} # ERROR: Invalid name

sync "arguments" {
  foreach = faculty # ERROR: Unsupported argument
  columns = {} # ERROR: Unsupported argument
  sensitive {} # ERROR: Unsupported block type
  sorce {} # ERROR: Unsupported block type
  source { # ERROR: Missing required argument; ERROR: Missing required argument
  }
  destination { # ERROR: Missing required argument; ERROR: Missing required argument; ERROR: Missing required argument; ERROR: Missing ownership
  }
  guard {}
  guard {} # ERROR: Duplicate block
}

sync "types" {
  faculty  = "law" # ERROR: Invalid reference
  schedule = "nightly" # ERROR: Invalid reference
  source {
    from  = destination.sqlite.timetable # ERROR: Invalid reference
    table = ["rooms"] # ERROR: Invalid value
  }
  destination {
    into           = source.csv.rooms # ERROR: Invalid reference
    table          = "" # ERROR: Invalid value
    key            = "code" # ERROR: Invalid value
    owns_table     = "yes" # ERROR: Invalid value
    unenforced_key = 1 # ERROR: Invalid value
  }
  columns { code = row.code }
}

sync "names" {
  sensitive = ["nmae"] # ERROR: Unknown column
  source {
    from   = source.csv.rooms
    table  = "rooms"
    query  = "SELECT 1" # ERROR: Conflicting arguments; ERROR: Unsupported query
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "a"
    key        = ["cod", "code", "code"] # ERROR: Unknown column; ERROR: Duplicate element
    scope      = { origin = "x", CODE = 1 } # ERROR: Conflicting column
    owns_table = true # ERROR: Conflicting ownership
  }
  columns {
    code = row.code
    name = each.key # ERROR: Invalid reference
    x    = row.x + # ERROR: Invalid expression
  }
}
