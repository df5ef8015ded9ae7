sync "rooms" {
  atomic = true # ERROR: Not supported in this version
  source {
    from  = source.csv.rooms
    table = "rooms"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  lifecycle {
    generated = [] # ERROR: Not supported in this version
  }
}
