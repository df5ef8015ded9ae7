sync "staff" {
  faculty   = var.faculty
  sensitive = ["last_name", "first_name", "email", "quota"]

  source {
    from  = var.exports
    table = "staff_${var.faculty.label}"
  }

  destination {
    into  = var.timetable
    table = "staff"
    key   = ["code"]
    scope = { origin = var.rules.origin }
  }

  columns {
    code          = upper(trim(row.NUMERO))
    last_name     = upper(trim(row.NOM))
    first_name    = trim(row.PRENOM)
    email         = lower(row.MAIL)
    quota         = row.QUOTITE
    department_id = lookup("department", "id", { code = row.COD_DEP })
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now(), status = var.rules.gone.status, visible = var.rules.gone.visible }
    restore    = { deleted_on = null, status = "ACTIVE", visible = true }
    stamps     = { created_on = "insert", updated_on = "update" }
  }
}
