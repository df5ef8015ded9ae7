# From one PostgreSQL database into another: students and buildings of two
# faculties. Both URLs hold passwords and come from the environment:
#
#   export REGISTRAR_VAR_apogee_url=postgres://registrar_ro:…@apogee-db.example.org/apogee
#   export REGISTRAR_VAR_timetable_url=postgres://registrar:…@timetable-db.example.org/timetable

registrar {
  required_version = ">= 0.1"
  timezone         = "Europe/Paris"
}

variable "apogee_url" {
  type      = string
  sensitive = true
}

variable "timetable_url" {
  type      = string
  sensitive = true
}

source "postgres" "apogee" {
  url = var.apogee_url
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
