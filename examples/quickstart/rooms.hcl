sync "rooms" {
  for_each = faculty # two instances: sync.rooms["hss"] and sync.rooms["sci"]
  faculty  = each.value

  source {
    from  = source.csv.exports
    table = "rooms_${each.key}"
  }

  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = "APOGEE-${each.value.code}" } # rows of any other origin are left alone
  }

  columns {
    code       = upper(trim(row.COD_SAL))
    name       = trim(row.LIB_SAL)
    building   = local.buildings[row.COD_BAT]
    seats      = row.CAPACITE
    area       = row.SURFACE
    accessible = coalesce(row.ACCES_PMR, false)
    visible    = true
  }

  lifecycle {
    on_missing     = "archive"
    archive        = { deleted_on = now() }
    restore        = { deleted_on = null }
    stamps         = { created_on = "insert", updated_on = "update" }
    ignore_changes = ["visible"] # set on insert, then the timetable office's own choice
  }

  guard {
    min_source_rows = 5 # an export that was cut off never archives anything
    max_delete      = var.max_delete
  }
}
