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

on_change "empty" {} # ERROR: Missing required argument; ERROR: Missing required argument; ERROR: Missing required argument; ERROR: Missing required argument
on_change "no_end" { # ERROR: Missing required argument
  sync   = sync.students
  column = "status"
  notify = [notify.email.office]
}
on_change "no_end" { # ERROR: Duplicate on_change block
}
on_change "wrong" {
  sync   = sync.studens # ERROR: Undeclared sync
  column = "status"
  to     = ["left"] # ERROR: Invalid value
  notify = []
}
on_change "column" {
  sync   = sync.students
  column = "state" # ERROR: Unknown column
  to     = "left"
  notify = [notify.email.office]
}
on_change "instance" {
  sync   = sync.students["law"] # ERROR: Undeclared sync
  column = "status"
  to     = "left"
  notify = [notify.email.office]
}
on_change "lookup" {
  sync   = sync.rooms
  column = "building_id" # ERROR: Column is a lookup
  to     = 12
  notify = [notify.email.office]
}
on_change "same" {
  sync   = sync.rooms
  column = "status"
  from   = "left"
  to     = "left" # ERROR: Invalid value
  notify = [notify.email.office]
}
on_change "nulls" {
  sync   = sync.rooms
  column = "status"
  from   = null
  to     = null # ERROR: Invalid value
  notify = [notify.email.office]
}
on_change "nobody" {
  sync   = sync.rooms
  column = "status"
  to     = "left"
  notify = [] # ERROR: Invalid value
  events = [] # ERROR: Unsupported argument
}
on_change "somebody_else" {
  sync   = sync.rooms
  column = "status"
  to     = "left"
  notify = [notify.email.ofice] # ERROR: Undeclared notify
}
on_chnage "x" {} # ERROR: Unsupported block type
