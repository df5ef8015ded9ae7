sync "staff" {
  for_each = faculty
  faculty  = each.value

  source {
    from  = source.csv.exports
    table = "staff_${each.key}"
  }

  destination {
    into  = destination.sqlite.timetable
    table = "staff"
    key   = ["number"]
    scope = { origin = "HARPEGE-${each.value.code}" }
  }

  columns {
    number     = upper(trim(row.NUM_PERS))
    last_name  = upper(trim(row.NOM))
    first_name = title(lower(trim(row.PRENOM)))
    birth_date = to_date(row.DAT_NAI, "DD/MM/YYYY")
    email      = lower(coalesce(row.MAIL, "${row.NUM_PERS}@${var.email_domain}"))
    grade      = local.grades[row.COD_GRADE]
    quota      = row.QUOTITE
  }

  sensitive = ["last_name", "first_name", "birth_date", "email"] # masked in every output

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
    stamps     = { created_on = "insert", updated_on = "update" }
  }

  guard {
    min_source_rows = 5
    max_delete      = var.max_delete
  }
}
