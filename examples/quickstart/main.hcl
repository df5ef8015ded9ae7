# Keeps the timetable of two faculties in step with the nightly exports of the
# student and staff registers. Try it: go run ./cmd/registrar demo

registrar {
  required_version = ">= 0.1"
  plan_ttl         = "72h"          # a saved plan older than this is refused
  timezone         = "Europe/Paris" # where clocks without a zone are
}

variable "email_domain" {
  type        = string
  default     = "univ-exemple.fr"
  description = "Where staff without an address of their own receive mail."

  validation {
    condition     = can(regex("^[a-z0-9-]+([.][a-z0-9-]+)+$", var.email_domain))
    error_message = "A domain such as univ-exemple.fr is expected."
  }
}

variable "max_delete" {
  type        = string
  default     = "20%"
  description = "The share of a faculty's rows that one plan may archive."
}

locals {
  # What the exports write as codes and people want to read in full.
  buildings = {
    L = "Bâtiment des Lettres"
    M = "Maison de la recherche"
    P = "Plateforme expérimentale"
    S = "Bâtiment des Sciences"
  }

  grades = {
    ATER = "Attaché temporaire d'enseignement et de recherche"
    MCF  = "Maître de conférences"
    PR   = "Professeur des universités"
    PRAG = "Professeur agrégé"
  }
}

# The exports: files in ISO 8859-15, numbers with a decimal comma, days written
# DD/MM/YYYY. Columns that are not named in types are text.
source "csv" "exports" {
  directory = "data" # table = "rooms_hss" is data/rooms_hss.csv
  delimiter = ";"
  encoding  = "iso-8859-15"
  decimal   = ","

  true_values  = ["O"]
  false_values = ["N"]

  types = {
    CAPACITE  = "integer"
    SURFACE   = "decimal"
    ACCES_PMR = "bool"
    QUOTITE   = "decimal"
    NBR_HEU   = "decimal"
    NBR_CRD   = "integer"
  }
}

destination "sqlite" "timetable" {
  path = "timetable.db"
}
