destination "sqlite" "again" { path = "timetable.db" }
faculty "hss" { code = "12" }
faculty "law" { code = "20" }

sync "classic" {
  for_each = faculty
  source {
    from  = source.csv.rooms
    table = each.key
  }
  destination {
    into  = destination.sqlite.timetable
    table = "student"
    key   = ["code"]
    scope = { origin = "APOGEE" } # ERROR: Overlapping syncs
  }
  columns { code = row.code }
}

sync "fine" {
  for_each = faculty
  source {
    from  = source.csv.rooms
    table = each.key
  }
  destination {
    into  = destination.sqlite.timetable
    table = "student"
    key   = ["code"]
    scope = { origin = "CELCAT", faculty = each.key }
  }
  columns { code = row.code }
}

sync "other_column" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.again
    table = "Student"
    key   = ["code"]
    scope = { faculty = "HSS" } # ERROR: Overlapping syncs; ERROR: Overlapping syncs
  }
  columns { code = row.code }
}

sync "whole" {
  source {
    from  = source.csv.rooms
    table = "x"
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

sync "updates_same_column" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "room"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code = row.code
    NAME = row.name
  }
  lifecycle { operations = ["update"] }
}

sync "inserts_too" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "room"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code  = row.code
    seats = row.seats
  }
  lifecycle { operations = ["update", "insert"] }
}

sync "number" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "numbered"
    key   = ["code"]
    scope = { origin = "012" }
  }
  columns { code = row.code }
}

sync "same_number" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "numbered"
    key   = ["code"]
    scope = { origin = 12 } # ERROR: Overlapping syncs
  }
  columns { code = row.code }
}

# What a lifecycle writes counts as well.
sync "archives" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "staff"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
  }
  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now(), status = "gone" }
    restore    = { deleted_on = null, status = "here" }
    stamps     = { updated_on = "update" }
  }
}

sync "maps_archived" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "staff"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code       = row.code
    Deleted_On = row.gone
  }
  lifecycle { operations = ["update"] }
}

sync "maps_status" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "staff"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code   = row.code
    status = row.status
  }
  lifecycle { operations = ["update"] }
}

sync "maps_stamp" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "staff"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code       = row.code
    updated_on = row.changed
  }
  lifecycle { operations = ["update"] }
}

sync "stamps" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "course"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
  }
  lifecycle {
    stamps = { updated_on = "update" }
  }
}

sync "stamps_too" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "course"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code  = row.code
    seats = row.seats
  }
  lifecycle {
    stamps     = { UPDATED_ON = "update" }
    operations = ["update"]
  }
}

sync "archives_too" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "staff"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs; ERROR: Overlapping syncs
  }
  columns {
    code  = row.code
    phone = row.phone
  }
  lifecycle {
    archive    = { deleted_on = now() }
    operations = ["update"]
  }
}

# What a sync finds its rows by must not change under it.
sync "scoped" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "building"
    key   = ["code"]
    scope = { origin = "APOGEE" }
  }
  columns {
    code = row.code
    name = row.name
  }
}

sync "maps_scope" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "building"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code   = row.code
    origin = row.origin
  }
  lifecycle { operations = ["update"] }
}

sync "named" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "campus"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
  }
}

sync "maps_key" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "campus"
    key        = ["Name"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code = row.code
    Name = row.name
  }
  lifecycle { operations = ["update"] }
}

sync "deleting" {
  source {
    from  = source.csv.rooms
    table = "deleting"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "deleting"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
  }
  lifecycle {
    on_missing = "delete"
  }
}

sync "beside_deleting" {
  source {
    from  = source.csv.rooms
    table = "seats"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "deleting"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code  = row.code
    seats = row.seats
  }
  lifecycle {
    operations = ["update"]
  }
}

# Parents that hold different constants have no row in common.
sync "database_enrolments" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "user_enrol"
    key   = ["code"]
    scope = { enrol_id = in_parent("enrol", "id", { kind = "database" }) }
  }
  columns {
    code     = row.code
    enrol_id = row.enrol
  }
}

sync "manual_enrolments" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "user_enrol"
    key   = ["code"]
    scope = { ENROL_ID = in_parent("Enrol", "ID", { KIND = "manual" }) }
  }
  columns {
    code     = row.code
    ENROL_ID = row.enrol
  }
}

sync "same_parents" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "user_enrol"
    key   = ["code"]
    scope = { enrol_id = in_parent("enrol", "id", { kind = "MANUAL" }) } # ERROR: Overlapping syncs
  }
  columns {
    code     = row.code
    enrol_id = row.enrol
  }
}

sync "other_parents" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "user_enrol"
    key   = ["code"]
    scope = { enrol_id = in_parent("enrol", "code", { kind = "self" }) } # ERROR: Overlapping syncs; ERROR: Overlapping syncs; ERROR: Overlapping syncs
  }
  columns {
    code     = row.code
    enrol_id = row.enrol
  }
}

# What a predicate looks at must not change under it.
sync "protects" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "year"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    protect = dest.frozen || dest.closed == true
  }
}

sync "writes_protected" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "year"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code   = row.code
    closed = row.closed
  }
  lifecycle {
    operations = ["update"]
  }
}

sync "purges" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "purged"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archive     = { deleted_on = now() }
    purge_after = "365d"
  }
}

sync "updates_purged" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "purged"
    key        = ["code"]
    owns_table = true # ERROR: Overlapping syncs
  }
  columns {
    code = row.code
    name = row.name
  }
  lifecycle {
    operations = ["update"]
  }
}
