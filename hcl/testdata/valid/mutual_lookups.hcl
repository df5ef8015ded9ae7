# Two tables may refer to each other where one of the references is written afterwards.
sync "department" {
  source {
    from  = source.csv.rooms
    table = "department"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "department"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
  }
}

sync "staff" {
  source {
    from  = source.csv.rooms
    table = "staff"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "staff"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    department_id = lookup("department", "id", { code = row.department })
  }
}

sync "heads" {
  source {
    from  = source.csv.rooms
    table = "heads"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "department"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    head_id = lookup("staff", "id", { code = row.head })
  }
  lifecycle { operations = ["update"] }
}
