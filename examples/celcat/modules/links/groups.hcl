# Links bear no origin: those of our groups are ours. A link of a group that was typed
# in by hand is never read, and a group of the same code there is never meant.

sync "subgroups" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = var.rules.subgroups
    params = { component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "group_subgroup"
    key   = ["group_id", "subgroup_id"]
    scope = { group_id = in_parent("student_group", "id", { origin = var.rules.origin }) }
  }

  columns {
    group_id    = lookup("student_group", "id", { origin = var.rules.origin, code = row.code })
    subgroup_id = lookup("student_group", "id", { origin = var.rules.origin, code = row.sub_code })
  }

  lifecycle {
    on_missing = "delete"
  }
}

sync "group_students" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = var.rules.members
    params = { component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "group_student"
    key   = ["group_id", "student_id"]
    scope = { group_id = in_parent("student_group", "id", { origin = var.rules.origin }) }
  }

  columns {
    group_id   = lookup("student_group", "id", { origin = var.rules.origin, code = row.code })
    student_id = lookup("student", "id", { code = row.student }) # of whatever faculty
  }

  lifecycle {
    on_missing = "delete"
  }

  # In the same transaction, if there is anything to apply.
  after_apply = file("sql/count_students.sql")
}
