faculty "hss" {}

faculty "law" {}

sync "rooms" {
  faculty = faculty.hss
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
}

policy "law" { # WARNING: Policy of no sync
  faculty   = faculty.law
  condition = plan.deletions == 0
  message   = "x"
}

# Of one of its faculties there is a sync.
policy "all" {
  for_each  = faculty
  faculty   = each.value
  condition = plan.deletions == 0
  message   = "x"
}
