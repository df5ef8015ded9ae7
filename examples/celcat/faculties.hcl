# Two faculties that keep the same registers in different ways.

faculty "hss" {
  name     = "UFR Humanités et sciences sociales"
  code     = "12"
  schedule = schedule.nightly
  notify   = [notify.email.scolarite]
}

faculty "sci" {
  name     = "UFR Sciences"
  code     = "25"
  schedule = schedule.every_two_hours
  notify   = [notify.email.scolarite]

  guard {
    max_delete = 2
    max_purge  = 1
    max_reject = 2 # new students wait for their address
  }
}

locals {
  rules = {
    hss = {
      origin = "APOGEE-12" # whose rows are whose

      # Groups are groups of a collection.
      groups    = file("sql/collections_groups.sql")
      subgroups = file("sql/collections_subgroups.sql")
      members   = file("sql/collections_members.sql")

      # Who leaves stays to be seen, marked as archived, for ever.
      gone          = { status = "ARCHIVED", visible = true }
      purge_after   = null
      without_email = "warn"
    }

    sci = {
      origin = "SCIENCES"

      # Groups are steps of a degree and their versions.
      groups    = file("sql/steps_groups.sql")
      subgroups = file("sql/steps_subgroups.sql")
      members   = file("sql/steps_members.sql")

      # Who leaves is hidden, and is deleted after a year.
      gone          = { status = "HIDDEN", visible = false }
      purge_after   = "365d"
      without_email = "reject"
    }
  }
}
