# Groups of Apogée, and pseudo-groups ELP_… for courses that have none but teaching load.
sync "groups" {
  source {
    from   = source.sqlite.refer
    query  = "${local.refer}${file("sql/groups.sql")}"
    params = { today = var.today }
  }

  destination {
    into  = destination.sqlite.ecampus
    table = "course_group"
    key   = ["idnumber"]
    scope = { origin = "APOGEE" }
  }

  columns {
    idnumber  = row.IDGROUPE
    name      = "${row.IDGROUPE} ${row.LIB_GPE}"
    course_id = lookup("course", "id", { idnumber = row.COD_COURS })
  }

  # A pseudo-group goes when real groups come.
  lifecycle {
    on_missing = "delete"
  }

  schedule = schedule.nightly
  notify   = [notify.email.platform]
}

sync "members" {
  source {
    from   = source.sqlite.refer
    query  = "${local.refer}${file("sql/members.sql")}"
    params = { today = var.today }
  }

  destination {
    into  = destination.sqlite.ecampus
    table = "group_member"
    key   = ["group_id", "account_id"]
    scope = { component = "enrol_database" } # who was put there by hand stays
  }

  columns {
    group_id   = lookup("course_group", "id", { idnumber = row.IDGROUPE })
    account_id = lookup("account", "id", { username = row.UID })
  }

  lifecycle {
    on_missing = "delete"
  }

  guard {
    max_reject = 20
  }

  schedule = schedule.nightly
  notify   = [notify.email.platform]
}
