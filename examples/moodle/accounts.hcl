# From MariaDB to PostgreSQL: who has an account, and who is in which of the cohorts that
# people keep by hand.
sync "accounts" {
  source {
    from  = source.mysql.moodle
    query = file("sql/accounts.sql")
  }

  destination {
    into       = destination.postgres.portal
    table      = "portal.account"
    key        = ["login"]
    owns_table = true
  }

  columns {
    login      = row.username
    moodle_id  = row.id # unsigned there
    first_name = row.firstname
    last_name  = row.lastname
    email      = nullif(lower(row.email), "")
    suspended  = row.suspended == 1
    created_at = in_zone(row.created, "UTC") # what FROM_UNIXTIME makes: every session's clock shows UTC
    last_seen  = in_zone(row.last_seen, "UTC")
  }

  sensitive = ["first_name", "last_name", "email"]

  lifecycle {
    on_missing = "archive"
    archive    = { gone_on = now() }
    restore    = { gone_on = null }
  }

  guard {
    min_source_rows = 2
  }
}

sync "cohorts_by_hand" {
  source {
    from  = source.mysql.moodle
    query = file("sql/cohorts_by_hand.sql")
  }

  destination {
    into       = destination.postgres.portal
    table      = "portal.cohort_by_hand"
    key        = ["cohort_id", "login"]
    owns_table = true
  }

  columns {
    cohort_id = row.cohortid
    login     = row.username
    cohort    = row.name
    since     = in_zone(row.since, "UTC")
  }

  lifecycle {
    on_missing = "delete"
  }
}
