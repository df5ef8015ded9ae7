# The server that the faculty is brought to. Its faculties have labels and codes of their own: Id_Import says which one a
# faculty of the bundle becomes. See ../README.md.

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

faculty "humanities" {
  name = "Faculty of Humanities"
  code = "HUM"
}

faculty "sci" {
  name = "UFR Sciences"
  code = "25"
}

locals {
  # The exports of each faculty, by its label.
  exports = { humanities = "hss", sci = "sci" }
}
