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
    head_id = lookup("staff", "id", { code = row.head }) # ERROR: Dependency cycle
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
    office_id = lookup("office", "id", { code = row.office })
  }
}

sync "office" {
  source {
    from  = source.csv.rooms
    table = "office"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "OFFICE"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    department_id = lookup("department", "id", { code = row.department })
  }
}

# A table may refer to itself.
sync "groups" {
  source {
    from  = source.csv.rooms
    table = "groups"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "grp"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    parent_id = lookup("grp", "id", { code = row.parent })
  }
}

# A scope's parent must be there first, too.
sync "enrol" {
  depends_on = [sync.user_enrol] # ERROR: Dependency cycle
  source {
    from  = source.csv.rooms
    table = "enrol"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "enrol"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    course_id = row.course
  }
}

sync "user_enrol" {
  source {
    from  = source.csv.rooms
    table = "user_enrol"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "user_enrol"
    key        = ["code"]
    scope = { enrol_id = in_parent("enrol", "id", { kind = "database" }) }
  }
  columns {
    code = row.code
    enrol_id = row.enrol
  }
}
