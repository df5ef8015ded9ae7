registrar {
  plan_ttl = "24h"
}

source "csv" "exports" {
  directory = "data"
  delimiter = ";"
  types     = { capacity = "integer" }
}

destination "sqlite" "timetable" { path = "timetable.db" }

sync "rooms" {
  source {
    from  = source.csv.exports
    table = "rooms"
  }

  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = "EXPORT" }
  }

  columns {
    code     = row.code
    name     = upper(row.name)
    capacity = row.capacity
    contact  = row.contact
  }

  sensitive = ["contact"]

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
  }
}

sync "sites" {
  source {
    from  = source.csv.exports
    table = "sites"
  }

  destination {
    into       = destination.sqlite.timetable
    table      = "site"
    key        = ["campus", "code"]
    owns_table = true
  }

  columns {
    campus = row.campus
    code   = row.code
    name   = row.name
  }

  lifecycle {
    on_missing = "delete"
  }
}
