# Lists and maps need not be written out.
locals {
  key       = ["code", "site"]
  scope     = { origin = "x", site_kind = 2 }
  sensitive = toset(["code"])
  ops       = concat(["insert"], ["update"])
  notify    = [notify.email.office]
  to        = ["a@example.org"]
}

faculty "law" {
  notify = local.notify
}

notify "email" "office" {
  on   = ["failure"]
  to   = local.to
  smtp = "smtps://mail.example.org"
}

sync "rooms" {
  sensitive = local.sensitive
  notify    = faculty.law.notify
  source {
    from   = source.sqlite.apogee
    query  = "SELECT :a, :b"
    params = merge({ a = 1 }, { b = date("2026-10-01") })
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = local.key
    scope = local.scope
  }
  columns {
    code = row.code
    site = row.site
  }
  lifecycle {
    operations = local.ops
  }
}

schedule "nightly" {
  at = ["00:30", "23:00"]
  window { hours = "22:00-02:00" }
}

schedule "weekdays" {
  at = ["12:00"]
  window { days = ["mon-fri"] }
}
source "sqlite" "apogee" { path = "apogee.db" }
