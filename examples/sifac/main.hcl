# Funding programmes (PFI) from SIFAC into the table progfin of Zébu: the run of
# 5 September 2017 that UnicaenDbImport's documentation publishes.

registrar {
  required_version = ">= 0.1"
  timezone         = "Europe/Paris"
}

# It stands for a query on SIFAC's Oracle database; README.md describes that one.
# FLECHE is a single blank, in quotes so that readers see it; an empty field would
# be NULL.
source "csv" "sifac" {
  directory = "data"
  delimiter = ";"

  types = {
    DEBUT_VALIDITE = "date"
    FIN_VALIDITE   = "date"
  }
}

destination "sqlite" "zebu" {
  path = "zebu.db"
}

sync "pfi" {
  source {
    from  = source.csv.sifac
    table = "pfi"
  }

  destination {
    into       = destination.sqlite.zebu
    table      = "progfin"
    key        = ["code"]
    owns_table = true # no one else writes progfin
  }

  columns {
    code           = row.CODE
    libelle        = row.LIBELLE
    fleche         = row.FLECHE
    debut_validite = row.DEBUT_VALIDITE
    fin_validite   = row.FIN_VALIDITE
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
    stamps     = { created_on = "insert", updated_on = "update" }
  }

  guard {
    min_source_rows = 10
    max_delete      = "10%"
  }
}
