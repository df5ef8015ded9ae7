source "sqlite" "apogee" { path = "apogee.db" }
destination "bundle" "export" {}
variable "secret" {
  sensitive = true
  default   = "invented"
}
check { # ERROR: Missing label
  message = "x"
}
check "no name" { # ERROR: Invalid name
  message = "x"
}
check "nothing" { # ERROR: Missing required argument; ERROR: Missing required argument
}
check "two_things" {
  source      = source.sqlite.apogee
  destination = destination.sqlite.timetable # ERROR: Conflicting arguments
  sync        = sync.students # ERROR: Conflicting arguments
  query       = "SELECT 1"
  message     = "x"
}
check "two_things" { # ERROR: Duplicate check
  source  = source.sqlite.apogee
  query   = "SELECT 1"
  message = "x"
}
check "no_query" { # ERROR: Missing required argument
  source  = source.sqlite.apogee
  where   = row.code == "x" # ERROR: Conflicting arguments
  message = "x"
}
check "no_where" { # ERROR: Missing required argument
  sync    = sync.students
  query   = "SELECT 1" # ERROR: Conflicting arguments
  params  = { a = 1 } # ERROR: Conflicting arguments
  key     = ["code"] # ERROR: Conflicting arguments
  message = "x"
}
check "references" {
  source  = source.sqlite.apogea # ERROR: Undeclared source
  query   = "SELECT 1"
  message = rwo.x # ERROR: Invalid reference
}
check "kinds" {
  source  = destination.sqlite.timetable # ERROR: Invalid reference
  query   = "SELECT 1"
  message = ["x"] # ERROR: Unsuitable value
}
check "csv" {
  source  = source.csv.rooms # ERROR: Unsupported query
  query   = "SELECT 1"
  message = "x"
}
check "bundle" {
  destination = destination.bundle.export # ERROR: Unsupported query
  query       = "SELECT 1"
  message     = "x"
}
check "writes" {
  destination = destination.sqlite.timetable
  query       = "DELETE FROM student" # ERROR: Invalid query
  message     = "x"
}
check "params" {
  source   = source.sqlite.apogee
  query    = "SELECT 1 WHERE a = :yaer" # ERROR: Unknown param
  params   = { year = 2026 } # ERROR: Unused param
  message  = row["code"]
  severity = "fatal" # ERROR: Invalid value
  code     = "" # ERROR: Invalid value
  sensitive = "some" # ERROR: Invalid value
  blocks    = [sync.students]
}
check "names" {
  sync      = sync.students
  where     = row.mail == null # ERROR: Unknown column
  message   = "${row.CODE} ${row["Code"]} ${row["department_id.kode"]}" # ERROR: Unknown column; ERROR: Unknown column
  sensitive = ["name"] # ERROR: Unknown column
}
check "ambiguous" {
  sync    = sync.students
  where   = row.site == "x" # ERROR: Ambiguous column
  message = "${row["SITE"]} ${row["department_id.code"]}"
}
check "condition" {
  sync    = sync.students
  where   = "x" # ERROR: Unsuitable value
  message = null # ERROR: Invalid value
}
check "secrets" {
  sync    = sync.students
  where   = row.code == var.secret # ERROR: Sensitive value not allowed
  message = "not ${var.secret}" # ERROR: Sensitive value not allowed
}
check "blocks" {
  sync    = sync.students
  where   = row.code == "x"
  message = "x"
  blocks  = [sync.students] # ERROR: Conflicting arguments
}
check "blocked" {
  severity = "error"
  sync     = sync.student # ERROR: Undeclared sync
  where    = row.code == "x"
  message  = "x"
  blocks   = [sync.studentz, "sync.students"] # ERROR: Undeclared sync; ERROR: Invalid blocks
}
check "list" {
  severity = "error"
  sync     = sync.students
  where    = row.code == "x"
  message  = "x"
  blocks   = sync.students # ERROR: Invalid blocks
}
sync "students" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "student"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns {
    code          = row.code
    email         = row.MAIL
    Site          = row.site
    SITE          = row.site
    department_id = lookup("department", "id", { code = row.dep })
  }
}
