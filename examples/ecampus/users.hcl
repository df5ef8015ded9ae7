sync "accounts" {
  source {
    from  = source.sqlite.refer
    table = "compte"
  }

  destination {
    into  = destination.sqlite.ecampus
    table = "account"
    key   = ["username"]
    scope = { auth = "cas" }
  }

  columns {
    username   = row.UID
    last_name  = upper(row.NOM)
    first_name = row.PRENOM
    email      = lower(row.MAIL)
  }

  sensitive = ["last_name", "first_name", "email"]

  # Without an address the user would be stuck on the profile page at the first login:
  # the account is made the night after the component has given one.
  assert "has_email" {
    condition  = row.MAIL != null
    message    = "account ${row.UID} has no e-mail: its component has to give one"
    on_failure = "reject"
  }

  lifecycle {
    on_missing = "archive"
    archive    = { suspended_on = now() }
    restore    = { suspended_on = null }
  }

  guard {
    min_source_rows = 10
    max_reject      = 20
  }

  schedule = schedule.nightly
  notify   = [notify.email.platform]
}

# Students are enrolled where their pedagogical enrolment reaches a group, a pseudo-group
# where there is none.
sync "students" {
  source {
    from   = source.sqlite.refer
    query  = "${local.refer}${file("sql/students.sql")}"
    params = { today = var.today }
  }

  destination {
    into  = destination.sqlite.ecampus
    table = "user_enrolment"
    key   = ["enrol_id", "account_id"]
    scope = { enrol_id = in_parent("enrol", "id", { enrol = "database", role = "student" }) }
  }

  columns {
    enrol_id   = lookup("enrol", "id", { enrol = "database", name = "${row.COD_COURS} student" })
    account_id = lookup("account", "id", { username = row.UID })
    status     = row.TEM_SUS_ELP == "O" ? 1 : 0 # a suspended element suspends its enrolments
  }

  # An enrolment that ends is closed, and kept for two years with what was done under it.
  lifecycle {
    on_missing  = "archive"
    archive     = { time_end = now() }
    restore     = { time_end = null }
    stamps      = { time_start = "insert" }
    purge_after = "730d"
  }

  guard {
    min_source_rows = 10
    max_reject      = 20
  }

  schedule = schedule.nightly
  notify   = [notify.email.platform]
}

# Teachers are enrolled where they are scheduled; being associated is not enough.
sync "teachers" {
  source {
    from   = source.sqlite.refer
    query  = "${local.refer}${file("sql/teachers.sql")}"
    params = { today = var.today }
  }

  destination {
    into  = destination.sqlite.ecampus
    table = "user_enrolment"
    key   = ["enrol_id", "account_id"]
    scope = { enrol_id = in_parent("enrol", "id", { enrol = "database", role = "teacher" }) }
  }

  columns {
    enrol_id   = lookup("enrol", "id", { enrol = "database", name = "${row.COD_COURS} teacher" })
    account_id = lookup("account", "id", { username = row.UID })
    status     = row.TEM_SUS_ELP == "O" ? 1 : 0
  }

  lifecycle {
    on_missing  = "archive"
    archive     = { time_end = now() }
    restore     = { time_end = null }
    stamps      = { time_start = "insert" }
    purge_after = "730d"
  }

  guard {
    max_delete = 20
    max_reject = 20
  }

  schedule = schedule.nightly
  notify   = [notify.email.platform]
}
