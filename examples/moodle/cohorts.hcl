# From PostgreSQL to MariaDB: groups of the portal become cohorts of the platform. Moodle
# lets nobody edit a cohort by hand whose component is set, so that these are ours, and
# all others are not.
sync "cohorts" {
  source {
    from  = source.postgres.portal
    query = file("sql/groups.sql")
  }

  destination {
    into  = destination.mysql.moodle
    table = "mdl_cohort"
    key   = ["idnumber"]
    scope = { component = "local_registrar" }
  }

  columns {
    contextid         = 1 # the whole platform
    idnumber          = row.code
    name              = row.name
    descriptionformat = 1
    timecreated       = row.opened # Moodle counts seconds since 1970
    timemodified      = row.changed
  }

  # A cohort is hidden, and keeps what courses made of it, until its group is back.
  lifecycle {
    on_missing = "archive"
    archive    = { visible = 0 }
    restore    = { visible = 1 }
    archived   = dest.visible == 0
  }
}

sync "cohort_members" {
  source {
    from  = source.postgres.portal
    query = file("sql/members.sql")
  }

  destination {
    into  = destination.mysql.moodle
    table = "mdl_cohort_members"
    key   = ["cohortid", "userid"]
    scope = { cohortid = in_parent("mdl_cohort", "id", { component = "local_registrar" }) }
  }

  columns {
    cohortid  = lookup("mdl_cohort", "id", { idnumber = row.group_code, component = "local_registrar" })
    userid    = lookup("mdl_user", "id", { username = row.login })
    timeadded = row.since
  }

  lifecycle {
    on_missing     = "delete"
    ignore_changes = ["timeadded"]
  }

  guard {
    max_reject = 5 # people of a group who have no account yet
  }
}
