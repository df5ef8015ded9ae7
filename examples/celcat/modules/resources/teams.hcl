sync "teams" {
  faculty = var.faculty

  source {
    from  = var.exports
    table = "teams_${var.faculty.label}"
  }

  destination {
    into  = var.timetable
    table = "team"
    key   = ["code"]
    scope = { origin = var.rules.origin }
  }

  columns {
    code = upper(trim(row.CODE))
    name = trim(row.LIBELLE)
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now(), status = var.rules.gone.status, visible = var.rules.gone.visible }
    restore    = { deleted_on = null, status = "ACTIVE", visible = true }
    stamps     = { created_on = "insert", updated_on = "update" }
  }
}
