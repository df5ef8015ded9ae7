sync "students" {
  for_each = faculty
  faculty  = each.value

  source {
    from   = source.oracle.apogee
    query  = file("sql/students.sql")
    params = { component = each.value.code, year = var.year } # bound, never pasted into the text
  }

  destination {
    into  = destination.postgres.timetable
    table = "student"
    key   = ["code"]
    scope = { origin = "APOGEE-${each.value.code}" }
  }

  columns {
    code          = tostring(row.COD_ETU) # a NUMBER
    last_name     = upper(row.LIB_NOM_PAT_IND)
    first_name    = row.LIB_PR1_IND
    birth_date    = date(row.DATE_NAI_IND) # a DATE of Oracle has a time of day
    email         = lower(row.ADR_MAIL)    # what Oracle holds as '' is NULL
    fees          = row.MNT_DROITS
    enrolled_at   = in_zone(row.DAT_CRE_IAE, "Europe/Paris") # a wall clock there, a point in time here
    department_id = lookup("department", "id", { code = row.COD_DEP })
  }

  sensitive = ["last_name", "first_name", "birth_date", "email", "fees"]

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
    stamps     = { created_on = "insert", updated_on = "update" }
  }

  guard {
    min_source_rows = 2
    max_delete      = "50%"
  }
}
