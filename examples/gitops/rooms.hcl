sync "rooms" {
  for_each = faculty
  faculty  = each.value

  source {
    from  = source.csv.exports
    table = "rooms_${each.key}"
  }

  destination {
    into  = destination.postgres.timetable
    table = "room"
    key   = ["code"]
    scope = { faculty = each.value.code }
  }

  columns {
    code  = row.code
    name  = trim(row.name)
    seats = row.seats
  }

  sensitive = [] # rooms are nobody's secret

  lifecycle {
    on_missing = "delete"
  }

  guard {
    max_delete = "20%"
  }
}
