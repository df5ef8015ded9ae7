# The rooms of the planning office's workbook, as a file that the door displays read.

registrar {
  required_version = ">= 0.1"
  timezone         = "Europe/Paris"
}

source "xlsx" "planning" {
  path      = "data/planning.xlsx" # table = "Salles" is its sheet Salles
  first_row = 3                    # above are a title and an empty row
}

# One file per table: table = "rooms" is out/rooms.csv. Its register and its state are in
# out/registrar.db.
destination "csv" "displays" {
  directory      = "out"
  delimiter      = ";"
  encoding       = "windows-1252"
  date_format    = "DD/MM/YYYY"
  guard_formulas = true # people open the file in a spreadsheet, too

  types = {
    seats     = "integer"
    opened_on = "date"
  }
}

sync "rooms" {
  source {
    from  = source.xlsx.planning
    table = "Salles"
  }

  destination {
    into  = destination.csv.displays
    table = "rooms"
    key   = ["code"]
    scope = { origin = "PLANNING" } # what the reception adds by hand is left alone
  }

  columns {
    code      = row.Code
    name      = trim(row["Libellé"])
    building  = row["Bâtiment"]
    seats     = row.Places
    opened_on = row["Ouverte le"]
  }

  lifecycle {
    on_missing = "delete"
  }

  guard {
    min_source_rows = 3
    max_delete      = "50%"
  }
}
