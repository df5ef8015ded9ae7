sync "subject_modules" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = file("sql/subject_modules.sql")
    params = { component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "subject_module"
    key   = ["subject_id", "module_id"]
    scope = { subject_id = in_parent("subject", "id", { origin = var.rules.origin }) }
  }

  columns {
    subject_id = lookup("subject", "id", { origin = var.rules.origin, code = row.cod_elp_fils })
    module_id  = lookup("module", "id", { code = row.cod_elp_pere })
  }

  lifecycle {
    on_missing = "delete"
  }
}
