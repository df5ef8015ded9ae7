sync "columns" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "t"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    column { # ERROR: Missing label
      value = row.a
    }
    column "code" { # ERROR: Duplicate column
      value = row.b
    }
    column "a\"b]c" {
      value = row["a\"b]c"]
    }
    column "nothing" { # ERROR: Missing required argument
    }
    column "more" {
      value = row.c
      vlaue = row.d # ERROR: Unsupported argument
    }
    colunm "x" { # ERROR: Unsupported block type
    }
  }
}
