sync "restore_missing" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "a"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archive  = { category = "ARCHIVE" }
    archived = dest.category == "ARCHIVE" # ERROR: Missing required argument
  }
}

sync "archive_misspelt" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "b"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archive  = { category = "ARCHIV" } # ERROR: Archived rows cannot be told
    restore  = { category = "LIVE" }
    archived = dest.category == "ARCHIVE"
  }
}

sync "archive_elsewhere" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "c"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archive  = { visible = false } # ERROR: Archived rows cannot be told
    restore  = { visible = true, category = "LIVE" }
    archived = dest.category == "ARCHIVE" || dest.hidden
  }
}

sync "restore_keeps" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "d"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archive  = { category = "ARCHIVE", visible = false }
    restore  = { category = "GONE" } # ERROR: Restored rows stay archived
    archived = contains(["ARCHIVE", "GONE"], dest.category)
  }
}

sync "restore_elsewhere" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "e"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archive  = { category = "ARCHIVE", visible = false }
    restore  = { visible = true } # ERROR: Restored rows stay archived
    archived = dest.category == "ARCHIVE"
  }
}

sync "others_archive" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "f"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    on_missing = "archive" # ERROR: Missing required argument
    archived   = dest.hidden
  }
}

sync "comes_back" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "g"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code   = row.code
    hidden = row.hidden
  }
  lifecycle {
    archived       = dest.hidden # ERROR: Restored rows stay archived
    ignore_changes = ["hidden"]
  }
}

sync "purges_at_once" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "h"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archive     = { deleted_on = now() }
    purge_after = "0s" # ERROR: Invalid value
  }
}

sync "purges_what" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "i"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    on_missing  = "delete"
    purge_after = "365d" # ERROR: Conflicting arguments
  }
}

sync "purges_since_when" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "j"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archive     = { category = "ARCHIVE" }
    restore     = { category = "LIVE" }
    archived    = dest.category == "ARCHIVE"
    purge_after = "365d" # ERROR: Missing required argument
  }
}

sync "since" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "k"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archive        = { deleted_on = now() }
    archived_since = dest.deleted_on # ERROR: Conflicting arguments
  }
}

sync "no_column" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "l"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archive        = { deleted_on = now() }
    archived_since = dest.deleted_on != null # ERROR: Invalid reference
    purge_after    = "1 year" # ERROR: Invalid value
    operations     = ["purg"] # ERROR: Invalid value
  }
}
