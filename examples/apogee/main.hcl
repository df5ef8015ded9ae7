# Students and departments of Apogée, an Oracle database, into a timetable on
# PostgreSQL. What differs from place to place comes from the environment:
#
#   export REGISTRAR_VAR_apogee_host=apogee-db.example.org
#   export REGISTRAR_VAR_apogee_password=…
#   export REGISTRAR_VAR_timetable_url=postgres://registrar:…@timetable-db.example.org/timetable

registrar {
  required_version = ">= 0.1"
  timezone         = "Europe/Paris"
}

variable "apogee_host" {
  type = string
}

variable "apogee_port" {
  type    = number
  default = 1521
}

variable "apogee_service" {
  type    = string
  default = "APOGEE"
}

variable "apogee_user" {
  type        = string
  default     = "REGISTRAR_RO"
  description = "A user who may read INDIVIDU, INS_ADM_ETP and COMPOSANTE, and nothing else."
}

variable "apogee_password" {
  type      = string
  sensitive = true
}

variable "timetable_url" {
  type      = string
  sensitive = true
}

variable "year" {
  type        = string
  default     = "2026"
  description = "The academic year, by the calendar year that it begins in."
}

source "oracle" "apogee" {
  host     = var.apogee_host
  port     = var.apogee_port
  service  = var.apogee_service
  user     = var.apogee_user
  password = var.apogee_password
}

destination "postgres" "timetable" {
  url = var.timetable_url
}

faculty "hss" {
  name = "UFR Humanités et sciences sociales"
  code = "12"
}

faculty "sci" {
  name = "UFR Sciences"
  code = "25"
}
