sync "students" {
  for_each = faculty
  faculty  = each.value

  source {
    from   = source.postgres.apogee
    query  = file("sql/students.sql")
    params = { component = each.value.code } # bound to :component, never pasted into the text
  }

  destination {
    into  = destination.postgres.timetable
    table = "timetable.student"
    key   = ["code"]
    scope = { origin = "APOGEE-${each.value.code}" }
  }

  columns {
    code       = row.cod_etu
    last_name  = upper(trim(row.lib_nom_pat_ind))
    first_name = row.lib_pr1_ind
    birth_date = row.date_nai_ind
    email      = lower(row.mail) # NULL stays NULL
    fees       = row.mnt_droits
    group_code = row.cod_gpe
  }

  sensitive = ["last_name", "first_name", "birth_date", "email", "fees"]

  lifecycle {
    on_missing     = "archive"
    archive        = { deleted_on = now() }
    restore        = { deleted_on = null }
    stamps         = { created_on = "insert", updated_on = "update" }
    ignore_changes = ["group_code"] # the timetable office moves students between groups
  }

  guard {
    min_source_rows = 3
    max_delete      = "50%"
  }

  depends_on = [sync.buildings]
}
