notify "email" "office" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://mail.example.org"
}
sync "students" {
  for_each = toset(["hss", "sci"])
  source {
    from  = source.csv.rooms
    table = "students"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "students"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns {
    code   = row.code
    status = row.status
    
  }
}
sync "none" {
  for_each = toset([])
  source {
    from  = source.csv.rooms
    table = "none"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "none"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns {
    code   = row.code
    status = row.status
    
  }
}
sync "rooms" {
  
  source {
    from  = source.csv.rooms
    table = "rooms"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "rooms"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns {
    code   = row.code
    status = row.status
    building_id = lookup("building", "id", { code = row.building })
  }
}

on_change "left" {
  sync   = sync.students
  column = "status"
  from   = "active"
  to     = "left"
  notify = [notify.email.office]
}
on_change "one" {
  sync   = sync.students["hss"]
  column = "status"
  from   = null
  to     = 3.50
  notify = [notify.email.office]
}
on_change "emptied" {
  sync   = sync.rooms
  column = "building_id.code"
  to     = null
  notify = [notify.email.office]
}
on_change "nowhere" {
  sync   = sync.none
  column = "status"
  to     = date("2026-09-01")
  notify = [notify.email.office]
}
