# What CELCAT Synchronisation does, for the timetable of a university with two
# faculties: seven resources, eight classifications, eleven kinds of links, and an
# export. README.md says where each of its features is.

registrar {
  required_version = ">= 0.1"
  timezone         = "Europe/Paris"

  guard {
    max_delete = 5 # the tables are small; a share such as "5%" serves larger ones
  }
}

# Files that offices send: ISO 8859-15, numbers with a decimal comma.
source "csv" "exports" {
  directory = "data" # table = "rooms_hss" is data/rooms_hss.csv
  delimiter = ";"
  encoding  = "iso-8859-15"
  decimal   = ","

  true_values  = ["O"]
  false_values = ["N"]

  types = {
    CAPACITE    = "integer"
    SURFACE     = "decimal"
    NOMBRE      = "integer"
    QUOTITE     = "decimal"
    RESPONSABLE = "bool"
  }
}

# Stands for Apogée and the inventory, which would be source "postgres" or the like.
source "sqlite" "registers" {
  path = "registers.db"
}

destination "sqlite" "timetable" {
  path = "timetable.db"
}
