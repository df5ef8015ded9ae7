# Hours taught, from the timetable in CELCAT, a SQL Server database, into the payroll
# office's tables on PostgreSQL. What differs from place to place comes from the
# environment:
#
#   export REGISTRAR_VAR_celcat_host=celcat-db.example.org
#   export REGISTRAR_VAR_celcat_password=…
#   export REGISTRAR_VAR_payroll_url=postgres://registrar:…@payroll-db.example.org/payroll

registrar {
  required_version = ">= 0.1"
  timezone         = "Europe/Paris"
}

variable "celcat_host" {
  type = string
}

variable "celcat_port" {
  type    = number
  default = 1433
}

variable "celcat_database" {
  type    = string
  default = "timetable"
}

variable "celcat_user" {
  type        = string
  default     = "registrar_ro"
  description = "A member of db_datareader, and of nothing else: SQL Server has no read-only transaction."
}

variable "celcat_password" {
  type      = string
  sensitive = true
}

variable "celcat_authority" {
  type        = string
  default     = null
  description = "A PEM file of the authority that vouches for the server; the system's unless set."
}

variable "payroll_url" {
  type      = string
  sensitive = true
}

variable "since" {
  type        = string
  default     = "2026-09-01"
  description = "The first day of the academic year."
}

# Connections are encrypted, and the server has to prove who it is, unless a line says
# otherwise.
source "mssql" "celcat" {
  host     = var.celcat_host
  port     = var.celcat_port
  database = var.celcat_database
  user     = var.celcat_user
  password = var.celcat_password
  ca_file  = var.celcat_authority
}

destination "postgres" "payroll" {
  url = var.payroll_url
}

sync "hours" {
  source {
    from   = source.mssql.celcat
    query  = file("sql/hours.sql")
    params = { since = var.since }
  }

  destination {
    into  = destination.postgres.payroll
    table = "taught_hour"
    key   = ["session", "staff"]
    scope = { origin = "CELCAT" }
  }

  columns {
    session    = row.session_guid
    staff      = row.staff_code # char(8): its padding is gone already
    subject    = row.subject
    day        = row.session_date
    starts     = time(row.start_time) # a datetime, of which only the clock counts
    ends       = time(row.end_time)
    hours      = row.hours
    cancelled  = row.is_cancelled
    changed_at = row.changed_at
  }

  lifecycle {
    on_missing = "delete"
    protect    = dest.paid # what is paid stays, and is reported
  }

  guard {
    min_source_rows = 2
    max_delete      = "50%"
  }
}
