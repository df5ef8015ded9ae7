sync "departments" {
  faculty = var.faculty

  source {
    from  = var.exports
    table = "departments_${var.faculty.label}"
  }

  destination {
    into  = var.timetable
    table = "department"
    key   = ["code"]
    scope = { origin = var.origin }
  }

  columns {
    code       = row.CODE
    name       = row.LIBELLE
    faculty_id = lookup("faculty", "id", { code = var.faculty.code })
    parent_id  = lookup("department", "id", { code = row.PARENT }) # NULL where it has none
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    stamps     = { created_on = "insert", updated_on = "update" }
  }
}

sync "modules" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = file("sql/modules.sql")
    params = { component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "module"
    key   = ["code"]
    scope = { origin = var.origin }
  }

  columns {
    code = row.cod_elp
    name = row.lib_elp
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    stamps     = { created_on = "insert", updated_on = "update" }
  }
}

sync "supervisors" {
  faculty   = var.faculty
  sensitive = ["name", "email"]

  source {
    from  = var.exports
    table = "supervisors_${var.faculty.label}"
  }

  destination {
    into  = var.timetable
    table = "supervisor"
    key   = ["code"]
    scope = { origin = var.origin }
  }

  columns {
    code  = upper(trim(row.NUMERO))
    name  = "${trim(row.PRENOM)} ${upper(trim(row.NOM))}"
    email = lower(row.MAIL)
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    stamps     = { created_on = "insert", updated_on = "update" }
  }
}
