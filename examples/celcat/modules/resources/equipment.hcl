# The inventory keeps what was scrapped, and much that was never lent. Three queries
# say what to add, what to bring up to date, and what to remove; any other row of
# ours stays as it is.
sync "equipment" {
  faculty = var.faculty

  source {
    from = var.registers

    queries {
      insert = file("sql/equipment_insert.sql")
      update = file("sql/equipment_update.sql")
      delete = file("sql/equipment_delete.sql")
    }

    params = { component = var.faculty.code, since = "2026-08-01" }
  }

  destination {
    into  = var.timetable
    table = "equipment"
    key   = ["code"]
    scope = { origin = var.rules.origin }
  }

  columns {
    code = row.num_inv
    name = row.lib_mat
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now(), status = var.rules.gone.status, visible = var.rules.gone.visible }
    restore    = { deleted_on = null, status = "ACTIVE", visible = true }
    stamps     = { created_on = "insert", updated_on = "update" }
  }
}
