sync "courses" {
  for_each = faculty
  faculty  = each.value

  source {
    from  = source.csv.exports
    table = "courses_${each.key}"
  }

  destination {
    into  = destination.sqlite.timetable
    table = "course"
    key   = ["code"]
    scope = { origin = "APOGEE-${each.value.code}" }
  }

  columns {
    code      = upper(trim(row.COD_ELP))
    title     = trim(row.LIB_ELP)
    hours     = row.NBR_HEU
    credits   = row.NBR_CRD
    starts_on = to_date(row.DAT_DEB, "DD/MM/YYYY") # an empty field is NULL, and stays NULL
    room      = row.COD_SAL
    teacher   = row.NUM_PERS
    visible   = false # new courses are hidden until their owners open them
  }

  lifecycle {
    on_missing     = "archive"
    archive        = { deleted_on = now() }
    restore        = { deleted_on = null }
    stamps         = { created_on = "insert", updated_on = "update" }
    ignore_changes = ["visible"]
  }

  guard {
    min_source_rows = 5
    max_delete      = var.max_delete
  }

  # A new course may be given in a new room, by a new teacher.
  depends_on = [sync.rooms, sync.staff]
}
