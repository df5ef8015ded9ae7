# A whole table, and what is gone from it is deleted.
sync "buildings" {
  source {
    from  = source.postgres.apogee
    table = "apogee.batiment"
  }

  destination {
    into       = destination.postgres.timetable
    table      = "timetable.building"
    key        = ["site", "code"]
    owns_table = true
  }

  columns {
    site    = row.cod_site
    code    = row.cod_bat
    name    = row.lib_bat
    opened  = row.dat_ouv
    surface = row.surface
  }

  lifecycle {
    on_missing = "delete"
  }

  guard {
    max_delete = 1
  }
}
