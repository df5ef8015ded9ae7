# One sync adds and removes, the other only updates columns of its own.
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
    name = row.name
  }
}

sync "seats" {
  source {
    from  = source.csv.rooms
    table = "seats"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "ROOM"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code  = row.code
    seats = row.seats
  }
  lifecycle { operations = ["update"] }
}
