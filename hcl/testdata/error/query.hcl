sync "params" {
  source {
    from   = source.postgres.students
    query  = "SELECT ':no', x::text FROM a WHERE c = :componnent AND d = :d" # ERROR: Unknown param; ERROR: Unknown param
    params = {
      component = 1 # ERROR: Unused param
      list      = [1] # ERROR: Invalid value; ERROR: Unused param
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
sync "unused" {
  source {
    from   = source.sqlite.apogee
    query  = "SELECT 1 WHERE c = :componnent AND d = :d" # ERROR: Unknown param; ERROR: Unknown param
    params = {
      component = 1 # ERROR: Unused param
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
sync "writes" {
  source {
    from  = source.sqlite.apogee
    query = "SELECT 1; DROP TABLE student" # ERROR: Invalid query
  }
  destination {
    into  = destination.sqlite.timetable
    table = "c"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
sync "missing_file" {
  source {
    from  = source.sqlite.apogee
    query = file("sql/none.sql") # ERROR: Invalid function argument
  }
  destination {
    into  = destination.sqlite.timetable
    table = "d"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
sync "no_queries" {
  source {
    from  = source.csv.rooms
    query = "SELECT 1" # ERROR: Unsupported query
  }
  destination {
    into  = destination.sqlite.timetable
    table = "no_queries"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
sync "no_dollar_quotes" {
  source {
    from  = source.sqlite.apogee
    query = "SELECT $$ it's $$" # ERROR: Invalid query
  }
  destination {
    into  = destination.sqlite.timetable
    table = "no_dollar_quotes"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
sync "dollar_quotes" {
  source {
    from  = source.postgres.students
    query = "SELECT $$ it's $$"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "dollar_quotes"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
sync "no_casts" {
  source {
    from  = source.sqlite.apogee
    query = "SELECT code::text FROM student" # ERROR: Invalid query
  }
  destination {
    into  = destination.sqlite.timetable
    table = "no_casts"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
sync "no_nested_comments" {
  source {
    from  = source.sqlite.apogee
    query = "SELECT 1 /* /* */; DELETE FROM student -- */ */" # ERROR: Invalid query
  }
  destination {
    into  = destination.sqlite.timetable
    table = "no_nested_comments"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
sync "brackets" {
  source {
    from  = source.sqlite.apogee
    query = "SELECT 1 AS ['] ; DELETE FROM student --']" # ERROR: Invalid query
  }
  destination {
    into  = destination.sqlite.timetable
    table = "brackets"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
source "sqlite" "apogee" { path = "apogee.db" }
source "postgres" "students" { url = "postgres://students.example.org/apogee" }
