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
  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    stamps     = { created_on = "insert", updated_on = "update" }
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
  lifecycle {
    # What it does not insert, it does not stamp.
    stamps     = { created_on = "insert", seats_on = "update" }
    operations = ["update"]
  }
}
