locals { key = "east" }
moved {
  sync = sync.seats[local.key]
  from = { room = "A", number = 2 }
  to   = { room = "A", number = 3 }
}
moved {
  sync = sync.seats
  from = { room = "A", number = 1 }
  to   = { room = "A", "number" = 2 }
}
moved {
  sync = sync.none
  from = "a"
  to   = "b"
}
sync "seats" {
  for_each = toset(["east", "west"])
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "seat"
    key   = ["room", "number"]
    scope = { origin = each.key }
  }
  columns {
    room   = row.room
    number = row.number
  }
}
sync "none" {
  for_each = {}
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "none"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}
