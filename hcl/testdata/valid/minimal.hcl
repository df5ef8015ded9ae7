sync "rooms" {
  source {
    from  = source.csv.rooms
    table = "rooms"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "room"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
  }
}
