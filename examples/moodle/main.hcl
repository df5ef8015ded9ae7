# A learning platform on MariaDB (Moodle) and a portal on PostgreSQL, in step both ways:
# the platform's accounts come into the portal, the portal's groups become cohorts of the
# platform. What differs from place to place comes from the environment:
#
#   export REGISTRAR_VAR_moodle_host=moodle-db.example.org
#   export REGISTRAR_VAR_moodle_password=…
#   export REGISTRAR_VAR_portal_url=postgres://registrar:…@portal-db.example.org/portal

registrar {
  required_version = ">= 0.1"
  timezone         = "Europe/Paris"

  guard {
    max_delete = "50%"
  }
}

variable "moodle_host" {
  type = string
}

variable "moodle_port" {
  type    = number
  default = 3306
}

variable "moodle_database" {
  type    = string
  default = "moodle"
}

variable "moodle_user" {
  type    = string
  default = "registrar"
}

variable "moodle_password" {
  type      = string
  sensitive = true
}

variable "portal_url" {
  type      = string
  sensitive = true
}

source "mysql" "moodle" {
  host     = var.moodle_host
  port     = var.moodle_port
  database = var.moodle_database
  user     = var.moodle_user
  password = var.moodle_password
}

destination "mysql" "moodle" {
  host     = var.moodle_host
  port     = var.moodle_port
  database = var.moodle_database
  user     = var.moodle_user
  password = var.moodle_password
}

source "postgres" "portal" {
  url = var.portal_url
}

destination "postgres" "portal" {
  url = var.portal_url
}
