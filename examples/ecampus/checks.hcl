# Remote status: the group, the element and the administrative enrolment must agree on
# whether a student learns at a distance. Three checks on one query, which has the
# published truth table; what it calls normal, and b, is no finding.
check "remote_error" {
  severity = "error"
  code     = "insc_bdd"
  source   = source.sqlite.refer
  query    = "${local.refer}${file("checks/remote_status.sql")}"
  params   = { today = var.today, report = "error" }
  message  = "situation ${row.SITUATION}: ${row.CONSEQUENCE}"
  key      = ["COD_ETU", "COD_ELP", "IDGROUPE"]
  blocks   = [] # an error of this student's records: the others' enrolments go on
}

check "remote_w9" {
  severity = "warning"
  code     = "w9"
  source   = source.sqlite.refer
  query    = "${local.refer}${file("checks/remote_status.sql")}"
  params   = { today = var.today, report = "w9" }
  message  = "situation ${row.SITUATION}: ${row.CONSEQUENCE}"
  key      = ["COD_ETU", "COD_ELP", "IDGROUPE"]
}

check "remote_unsaid" {
  severity = "info"
  source   = source.sqlite.refer
  query    = "${local.refer}${file("checks/remote_status.sql")}"
  params   = { today = var.today, report = "unsaid" }
  message  = "situation ${row.SITUATION}: ${row.CONSEQUENCE}"
  key      = ["COD_ETU", "COD_ELP", "IDGROUPE"]
}

check "no_group" {
  severity = "warning"
  source   = source.sqlite.refer
  query    = "${local.refer}${file("checks/no_group.sql")}"
  params   = { today = var.today }
  message  = "not enrolled: ${row.RAISON} (changed on ${row.DAT_MOD})"
  key      = ["COD_ETU", "COD_ELP"]
}

check "shared_group" {
  severity = "warning"
  source   = source.sqlite.refer
  query    = "${local.refer}${file("checks/shared_group.sql")}"
  params   = { today = var.today }
  message  = "the group stands in course ${row.COD_COURS} and cannot stand in ${row.COD_ELP} too: neither carries the other"
  key      = ["IDGROUPE", "COD_ELP"]
}

check "masked_schedule" {
  severity = "warning"
  source   = source.sqlite.refer
  query    = "${local.refer}${file("checks/masked_schedule.sql")}"
  params   = { today = var.today }
  message  = "${row.COD_COURS} has groups now, but is still scheduled on the pseudo-group (sessions: ${row.NOMBRE})"
  key      = ["IDGROUPE"]
}

check "teacher_left_out" {
  severity = "info"
  source   = source.sqlite.refer
  query    = "${local.refer}${file("checks/teacher_left_out.sql")}"
  params   = { today = var.today }
  message  = "enrolled in no course for this activity: ${row.RAISON}"
  key      = ["UID", "LIBELLE"]
}

check "exchange" {
  severity = "info"
  source   = source.sqlite.refer
  query    = "${local.refer}${file("checks/exchange.sql")}"
  params   = { today = var.today }
  message  = "left out: ${row.LIB_PRG}"
  key      = ["COD_ETU", "COD_ELP"]
}

check "replaced" {
  severity = "warning"
  source   = source.sqlite.refer
  query    = "${local.refer}${file("checks/replaced.sql")}"
  params   = { today = var.today }
  message  = "not enrolled: the element was chosen under ${row.COD_ETP}, cancelled and replaced by ${row.COD_ETP_ACTUEL}"
  key      = ["COD_ETU", "COD_ELP"]
}

# An edited code would archive the course and make an empty one: nothing is done until
# it is put right.
check "idnumber_edited" {
  severity    = "error"
  destination = destination.sqlite.ecampus
  query       = file("checks/idnumber_edited.sql")
  message     = "somebody edited the code of \"${row.SHORTNAME}\""
  key         = ["IDNUMBER"]
  blocks      = [sync.courses]
}

check "manual_without_end" {
  severity    = "info"
  destination = destination.sqlite.ecampus
  query       = file("checks/manual_without_end.sql")
  message     = "enrolled by hand without an end date: ${row.NUMBER}"
  key         = ["SHORTNAME"]
}
