sync "rooms" {
  faculty = var.faculty

  source {
    from  = var.exports
    table = "rooms_${var.faculty.label}" # table to table
  }

  destination {
    into  = var.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = var.rules.origin }
  }

  columns {
    code    = upper(trim(row.COD_SAL))
    name    = trim(row.LIB_SAL)
    site_id = lookup("site", "id", { code = row.COD_SITE })
    seats   = row.CAPACITE
    area    = row.SURFACE
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now(), status = var.rules.gone.status, visible = var.rules.gone.visible }
    restore    = { deleted_on = null, status = "ACTIVE", visible = true }
    stamps     = { created_on = "insert", updated_on = "update" }
  }
}
