# An export: from the timetable to the payroll office's database. It reads what the
# timetable holds when the plan is made; what the same plan imports is exported by
# the next.

source "sqlite" "timetable" {
  path = "timetable.db"
}

destination "sqlite" "payroll" {
  path = "payroll.db"
}

sync "teaching_hours" {
  schedule = schedule.before_payroll
  notify   = [notify.email.scolarite]

  source {
    from   = source.sqlite.timetable
    query  = file("sql/teaching_hours.sql")
    params = { origin = "MANUAL" }
  }

  destination {
    into  = destination.sqlite.payroll
    table = "teaching_hours"
    key   = ["staff_code", "academic_year", "week", "category"]
    scope = { application = "TIMETABLE" } # other applications write there, too
  }

  columns {
    staff_code    = row.staff_code
    academic_year = row.academic_year
    week          = row.week
    category      = row.category
    hours         = row.hours
  }

  lifecycle {
    on_missing = "delete"
    stamps     = { created_on = "insert", updated_on = "update" }
    protect    = dest.paid # what has been paid stays
  }
}
