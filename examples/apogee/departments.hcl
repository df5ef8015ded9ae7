# The departments of both faculties: a table whose rows nobody else writes.
sync "departments" {
  source {
    from  = source.oracle.apogee
    query = file("sql/departments.sql")
  }

  destination {
    into       = destination.postgres.timetable
    table      = "department"
    key        = ["code"]
    owns_table = true
  }

  columns {
    code = row.COD_CMP # CHAR(6): its padding is gone already
    name = row.LIB_CMP
  }
}
