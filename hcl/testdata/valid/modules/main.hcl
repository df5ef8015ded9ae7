variable "password" {
  type      = string
  sensitive = true
  default   = "invented"
}

source "sqlite" "apogee" { path = "apogee.db" }

destination "postgres" "timetable" { url = "postgres://registrar:${var.password}@db.example.org/timetable" }

schedule "nightly" { at = ["02:30"] }

notify "email" "office" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://mail.example.org"
}

faculty "hss" {
  code     = "12"
  schedule = schedule.nightly
  notify   = [notify.email.office]
}

faculty "law" { code = "20" }

locals {
  origin = "root" # not the module's
}

module "celcat" {
  source     = "./modules/celcat"
  for_each   = faculty
  faculty    = each.value
  others     = { for label, f in faculty : label => f if label != each.key }
  from       = source.sqlite.apogee
  into       = destination.postgres.timetable
  schedules  = { usual = schedule.nightly, special = null }
  secret     = var.password
  depends_on = [sync.departments]
}

# A module needs no faculty; what is null counts as left out.
module "campus" {
  source    = "./modules/celcat"
  into      = destination.postgres.timetable
  from      = source.sqlite.apogee
  origin    = "CAMPUS"
  faculty   = null
  tables    = ["room"]
  notifiers = [notify.email.office]
}

module "none" {
  source   = "./modules/celcat"
  for_each = toset([])
  into     = destination.postgres.timetable
  from     = source.sqlite.apogee
}

sync "departments" {
  source {
    from  = source.sqlite.apogee
    table = "departments"
  }
  destination {
    into       = destination.postgres.timetable
    table      = "department"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
}

sync "summary" {
  source {
    from  = source.sqlite.apogee
    query = file("sql/rooms.sql")
  }
  destination {
    into       = destination.postgres.timetable
    table      = "summary"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  depends_on = [
    module.celcat["law"].sync.rooms["room"],
    module.celcat.module.parts,
    module.campus.sync.rooms,
    module.none,
    module.none.sync.rooms,
  ]
}
