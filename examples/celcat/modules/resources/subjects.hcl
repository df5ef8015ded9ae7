sync "subjects" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = file("sql/subjects.sql")
    params = { component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "subject"
    key   = ["code"]
    scope = { origin = var.rules.origin } # a subject typed in by hand is left alone, whatever its code
  }

  columns {
    code   = row.cod_elp
    name   = row.lib_elp
    colour = "#BDC3C7"

    column "department_id" {
      value         = lookup("department", "id", { code = row.cod_dep })
      on_unresolved = "null" # a subject without a department is better than none
    }
  }

  lifecycle {
    on_missing     = "archive"
    archive        = { deleted_on = now(), status = var.rules.gone.status, visible = var.rules.gone.visible }
    restore        = { deleted_on = null, status = "ACTIVE", visible = true }
    stamps         = { created_on = "insert", updated_on = "update" }
    ignore_changes = ["colour"]  # a start; then the timetable office's own
    protect        = dest.locked # by the timetable office
  }
}
