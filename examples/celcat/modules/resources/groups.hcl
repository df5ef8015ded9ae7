# What a group is, each faculty says itself.
sync "groups" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = var.rules.groups # one SELECT that drives add, update and delete
    params = { component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "student_group"
    key   = ["code"]
    scope = { origin = var.rules.origin } # part of the unique index: another origin may have the same codes
  }

  columns {
    code = row.code
    name = row.name
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now(), status = var.rules.gone.status, visible = var.rules.gone.visible }
    restore    = { deleted_on = null, status = "ACTIVE", visible = true }
    stamps     = { created_on = "insert", updated_on = "update" }
  }
}
