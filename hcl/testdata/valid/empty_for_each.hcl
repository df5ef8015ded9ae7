variable "campuses" {
  type    = set(string)
  default = []
}

sync "rooms" {
  for_each = var.campuses
  source {
    from  = source.csv.rooms
    table = each.key
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}

sync "of_no_faculty" {
  for_each   = faculty
  depends_on = [sync.rooms]
  source {
    from  = source.csv.rooms
    table = each.value.code
  }
  destination {
    into  = destination.sqlite.timetable
    table = "seats"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}
