sync "params" {
  source {
    from   = source.csv.rooms
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
    from   = source.csv.rooms
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
    from  = source.csv.rooms
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
    from  = source.csv.rooms
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
