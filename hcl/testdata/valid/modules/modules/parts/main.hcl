variable "faculty" { type = faculty }
variable "from" { type = source }
variable "into" { type = destination }
variable "origin" { type = string }
variable "schedule" { type = schedule }

# What a module declares itself has an address of its own.
schedule "hourly" { every = "1h" }

faculty "hss" { code = "other" }

sync "parts" {
  faculty  = var.faculty
  schedule = var.schedule
  source {
    from  = var.from
    query = file("../celcat/sql/parts.sql")
  }
  destination {
    into  = var.into
    table = "part"
    key   = ["code"]
    scope = { origin = var.origin }
  }
  columns { code = row.code }
}

sync "own" {
  faculty  = faculty.hss
  schedule = schedule.hourly
  source {
    from  = var.from
    table = "own"
  }
  destination {
    into  = var.into
    table = "own"
    key   = ["code"]
    scope = { origin = "${var.origin}-${var.faculty.label}" }
  }
  columns { code = row.code }
  depends_on = [sync.parts]
}
