# Null stands for an argument left out.
locals {
  tables = {
    rooms = { table = "rooms", query = null }
    seats = { table = null, query = "SELECT 1 AS code WHERE 'a' = :a" }
  }
}

schedule "nightly" {
  every  = null
  at     = ["02:30"]
  jitter = null
}

sync "rooms" {
  for_each = local.tables
  schedule = null
  source {
    from   = source.sqlite.apogee
    table  = each.value.table
    query  = each.value.query
    params = each.value.query == null ? null : { a = each.key }
  }
  destination {
    into       = destination.sqlite.timetable
    table      = each.key
    key        = ["code"]
    scope      = null
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archive = null
    stamps  = null
  }
  guard { max_delete = null }
}
source "sqlite" "apogee" { path = "apogee.db" }
