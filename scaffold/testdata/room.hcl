# From source.sqlite.register, table "SALLE", to destination.sqlite.timetable, table "room". Written by registrar scaffold by comparing names and types.
# Nothing is in doubt; registrar plan shows what it would do.

sync "room" {
  source {
    from  = source.sqlite.register
    table = "SALLE"
  }

  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    # The table is empty, so that no row is somebody else's.
    owns_table = true
  }

  columns {
    code    = row.COD_SAL
    name    = row.LIB_SAL
    seats   = row["Nbr places"]
    visible = { O = true, N = false }[row.TEM_VISIBLE]
    column "date d'ouverture" {
      value = to_date(row.DAT_OUVERTURE, "DD/MM/YYYY")
    }
    building_id = lookup("building", "id", { code = row.COD_BAT })
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
    stamps     = { created_on = "insert", updated_on = "update" }
  }
}

# Columns of the destination that are left to others, or to their defaults: "note"
