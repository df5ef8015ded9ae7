sync "students" {
  faculty   = var.faculty
  sensitive = ["last_name", "first_name", "birth_date", "email"] # masked in every output

  source {
    from   = var.registers
    query  = file("sql/students.sql")
    params = { component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "student"
    key   = ["code"]
    scope = { origin = var.rules.origin }
  }

  columns {
    code       = row.cod_etu
    last_name  = upper(trim(row.lib_nom_pat_ind))
    first_name = trim(row.lib_pr1_ind)
    birth_date = row.date_nai_ind
    email      = lower(row.mail)
  }

  # One faculty takes them all the same, the other waits for the address.
  assert "has_email" {
    condition  = row.mail != null
    message    = "student ${row.cod_etu} has no e-mail: the first login would fail"
    on_failure = var.rules.without_email
  }

  lifecycle {
    on_missing  = "archive"
    archive     = { deleted_on = now(), status = var.rules.gone.status, visible = var.rules.gone.visible }
    restore     = { deleted_on = null, status = "ACTIVE", visible = true }
    stamps      = { created_on = "insert", updated_on = "update" }
    purge_after = var.rules.purge_after
  }
}
