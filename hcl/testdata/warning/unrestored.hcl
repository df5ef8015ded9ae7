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
