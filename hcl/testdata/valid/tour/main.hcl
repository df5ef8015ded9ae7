registrar {
  required_version = ">= 0.1, < 2.0"
  plan_ttl         = "3d"
  timezone         = "Europe/Paris"
}

variable "timetable_url" {
  type      = string
  sensitive = true
  default   = "postgres://registrar:invented@db.example.org/timetable"
}

variable "ports" {
  description = "Where the databases listen."
  type        = object({ oracle = optional(number, 1521), postgres = number })
  default     = { postgres = 5432 }

  validation {
    condition     = var.ports.oracle > 0 && var.ports.postgres > 0
    error_message = "A port is above 0."
  }
}

locals {
  origin    = upper(local.origin_lower)
  big_ones  = { for label, f in faculty : label => f if f.code != "30" }
  campuses  = toset(["east", "west"])
  main_from = source.sqlite.apogee
}

locals {
  origin_lower = "apogee"
}

source "csv" "rooms" {
  directory = "data"
  delimiter = ";"
}

source "sqlite" "apogee" {
  path = "apogee.db"
}

destination "postgres" "timetable" {
  url     = var.timetable_url
  port    = var.ports.oracle
  options = { application_name = "registrar", unset = null }
  hosts   = ["a.example.org", "b.example.org"]
  ratio   = 0.25
}

faculty "hss" {
  name     = "UFR Humanités et sciences sociales"
  code     = "12"
  schedule = schedule.working_hours
  notify   = [notify.email.scolarite]
}

faculty "law" {
  code = "20"
}

faculty "sport" {
  code = "30"
}

sync "students" {
  for_each   = local.big_ones
  faculty    = each.value
  depends_on = [sync.departments]
  sensitive  = ["last_name"]

  source {
    from   = local.main_from
    query  = file("sql/students.sql")
    params = { component = each.value.code, today = "2026-10-01" }
  }

  destination {
    into  = destination.postgres.timetable
    table = "student"
    key   = ["code"]
    scope = { origin = "${local.origin}-${each.value.code}" }
  }

  columns {
    code       = row.COD_ETU
    last_name  = upper(trimspace(row.LIB_NOM))
    birth_date = row["DATE_NAI"]
    visible    = false
  }

  lifecycle {
    on_missing     = "archive"
    archive        = { deleted_on = now() }
    stamps         = { created_on = "insert", updated_on = "update" }
    ignore_changes = ["visible"]
    operations     = ["insert", "update", "archive", "undelete"]
  }

  guard {
    min_source_rows = 10
    max_insert      = 500
    max_update      = "12.5%"
    max_delete      = "5%"
    on_breach       = "hold"
  }
}

sync "departments" {
  source {
    from  = source.csv.rooms
    table = "departments"
  }
  destination {
    into       = destination.postgres.timetable
    table      = "department"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
  }
  lifecycle { on_missing = "delete" }
  schedule = schedule.nightly
  notify   = []
}

sync "rooms" {
  for_each  = local.campuses
  sensitive = "all"
  source {
    from  = source.csv.rooms
    table = "rooms-${each.key}"
  }
  destination {
    into           = destination.postgres.timetable
    table          = "room"
    key            = ["campus_code", "code"]
    scope          = { origin = each.value }
    unenforced_key = true
  }
  columns {
    campus_code = each.key
    code        = row.code
  }
  depends_on = [sync.students["hss"], sync.departments]
}

sync "capacities" {
  for_each = faculty
  faculty  = faculty.hss
  source {
    from  = source.sqlite.apogee
    query = "SELECT code, seats FROM rooms WHERE owner = :owner"
    params = {
      owner = each.value.name
    }
  }
  destination {
    into  = destination.postgres.timetable
    table = "seats"
    key   = ["code"]
    scope = { "origin" = each.key }
  }
  columns {
    code  = row.code
    seats = row.seats
  }
  depends_on = [sync.rooms["east"]]
}

schedule "working_hours" {
  timezone = "Europe/Berlin"
  every    = "15m"
  jitter   = "30s"
  catch_up = "last"
  active {
    from  = "2026-09-01"
    until = "2027-09-30"
  }
  window {
    days  = ["mon-fri", "sun"]
    hours = "06:00-19:45"
  }
  except "weekly optimisation" {
    days  = ["sun"]
    hours = "09:00-11:00"
  }
  except "holidays" {
    from  = "2026-12-24"
    until = "2027-01-02"
  }
  except "closed" {
    dates = ["2027-05-01", "2026-11-11"]
  }
}

schedule "nightly" {
  at = ["22:15", "02:30"]
  window {
    hours = "22:00-05:00"
  }
}

schedule "busy" {
  cron = "*/15 6-19 * * 1-5"
}

notify "email" "scolarite" {
  on   = ["failure", "held", "findings"]
  to   = ["scol-hss@example.org", "Registry <registry@example.org>"]
  from = "registrar@example.org"
  smtp = "smtp://mail.example.org:587"
}
