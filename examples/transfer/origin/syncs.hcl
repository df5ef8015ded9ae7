sync "departments" {
  for_each = faculty
  faculty  = each.value

  source {
    from  = source.csv.exports
    table = "departments_${local.exports[each.key]}"
  }

  destination {
    into  = destination.sqlite.campus
    table = "department"
    key   = ["code"]
    scope = { faculty = each.value.code }
  }

  columns {
    code = row.code
    name = row.name
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
    stamps     = { created_on = "insert", updated_on = "update" }
  }

  guard {
    max_delete = "50%"
  }
}

sync "staff" {
  for_each = faculty
  faculty  = each.value

  source {
    from  = source.csv.exports
    table = "staff_${local.exports[each.key]}"
  }

  destination {
    into  = destination.sqlite.campus
    table = "staff"
    key   = ["number"]
    scope = { faculty = each.value.code }
  }

  columns {
    number     = row.number
    last_name  = row.last_name
    first_name = row.first_name
    birth_date = to_date(row.birth_date, "YYYY-MM-DD")
    quota      = to_number(row.quota)

    department_id = lookup("department", "id", { code = row.department })
  }

  sensitive = ["last_name", "first_name", "birth_date"]

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
    stamps     = { created_on = "insert", updated_on = "update" }
  }

  guard {
    max_delete = "50%"
  }
}

sync "students" {
  for_each   = faculty
  faculty    = each.value
  depends_on = [sync.staff]

  source {
    from  = source.csv.exports
    table = "students_${local.exports[each.key]}"
  }

  destination {
    into  = destination.sqlite.campus
    table = "student"
    key   = ["number"]
    scope = { faculty = each.value.code }
  }

  columns {
    number        = row.number
    name          = row.name
    department_id = lookup("department", "id", { code = row.department })
    tutor         = row.tutor
  }

  sensitive = ["name"]

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
    stamps     = { created_on = "insert", updated_on = "update" }
  }

  guard {
    max_delete = "50%"
  }
}
