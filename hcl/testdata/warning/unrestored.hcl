sync "rooms" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  lifecycle {
    archive = {
      deleted_on = now()
      visible    = false # WARNING: Column not restored
    }
  }
}

sync "courses" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "b"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns {
    code    = row.code
    name    = row.name
    visible = row.visible
    shown   = row.shown
  }
  lifecycle {
    archive = {
      deleted_on = now()
      name       = "gone"
      visible    = false # WARNING: Column not restored
      shown      = false
      since      = "only archiving sets it"
    }
    restore        = { deleted_on = null, shown = true }
    ignore_changes = ["visible", "shown"]
  }
}

sync "seats" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "c"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns {
    code    = row.code
    name    = row.name
    visible = row.visible
  }
  lifecycle {
    archive = {
      deleted_on = now()
      name       = "gone"
      visible    = false # WARNING: Column not restored
    }
    ignore_changes = ["visible"]
  }
}
