sync "compare" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "t"
    key        = ["code"]
    owns_table = true
    compare    = "trimmed" # ERROR: Unsupported argument
  }
  columns {
    code = row.code
    column "a" {
      value   = row.a
      compare = "trimed" # ERROR: Invalid value
    }
    column "b" {
      value   = row.b
      compare = "rounded" # ERROR: Invalid value
    }
    column "c" {
      value   = row.c
      compare = "rounded(-1)" # ERROR: Invalid value
    }
    column "d" {
      value   = row.d
      compare = rounded(2) # ERROR: Call to unknown function
    }
    column "e" {
      value   = row.e
      compare = "rounded(39)" # ERROR: Invalid value
    }
    column "f" {
      value   = row.f
      compare = trimmed # ERROR: Invalid reference
    }
  }
}
