# The synchronisations of a web shop with the ERP that keeps its stock, customers and
# orders: what a folder of scripts and scheduled tasks did before. README.md says where
# each of its needs is answered.

registrar {
  required_version = ">= 0.1"
  timezone         = "Europe/Paris"
}

# The ERP writes its files here; paths are those of this folder, wherever a task starts.
source "csv" "erp" {
  directory = "data"
  delimiter = ";"
  encoding  = "iso-8859-15"
  decimal   = ","

  types = {
    QUANTITE = "integer"
    RESERVE  = "integer"
    PRIX     = "decimal"
    MONTANT  = "decimal"
  }
}

destination "sqlite" "shop" {
  path = "shop.db"
}
