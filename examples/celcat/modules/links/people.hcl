sync "team_staff" {
  faculty = var.faculty

  source {
    from  = var.exports
    table = "team_staff_${var.faculty.label}"
  }

  destination {
    into  = var.timetable
    table = "team_staff"
    key   = ["team_id", "staff_id"]
    scope = { team_id = in_parent("team", "id", { origin = var.rules.origin }) }
  }

  columns {
    team_id     = lookup("team", "id", { origin = var.rules.origin, code = row.EQUIPE })
    staff_id    = lookup("staff", "id", { code = row.NUMERO })
    coordinator = row.RESPONSABLE
  }

  lifecycle {
    on_missing = "delete"
  }
}

sync "student_supervisors" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = file("sql/student_supervisors.sql")
    params = { component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "student_supervisor"
    key   = ["student_id", "supervisor_id"]
    scope = { student_id = in_parent("student", "id", { origin = var.rules.origin }) }
  }

  columns {
    student_id    = lookup("student", "id", { origin = var.rules.origin, code = row.cod_etu })
    supervisor_id = lookup("supervisor", "id", { code = row.num_dir })
  }

  lifecycle {
    on_missing = "delete"
  }
}
