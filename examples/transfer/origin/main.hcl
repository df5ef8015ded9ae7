# The server that a faculty leaves. See ../README.md.

registrar {
  required_version = ">= 0.1"
  timezone         = "Europe/Paris"
}

source "csv" "exports" {
  directory = "../data"
  delimiter = ";"
}

destination "sqlite" "campus" {
  path = "campus.db"
}

faculty "hss" {
  name = "UFR Humanités et sciences sociales"
  code = "12"
}

faculty "sci" {
  name = "UFR Sciences"
  code = "25"
}

locals {
  # The exports of each faculty, by its label.
  exports = { hss = "hss", sci = "sci" }
}
