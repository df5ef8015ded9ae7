locals {
  mark = "(archived)"
  name = "old_name"
}

# Moved, renamed and hidden, and all of it undone by the mapping but for what is the owners'.
sync "courses" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "course"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns {
    code        = row.code
    name        = row.name
    category_id = lookup("category", "id", { code = row.category })
    visible     = false
    left_on     = null
  }
  lifecycle {
    on_missing = "archive"
    archive = {
      name         = "${local.mark} ${dest.name}"
      (local.name) = "${dest["name"]}"
      note         = <<-EOT
        was in ${dest.building}, ${("room")} ${dest.room}
      EOT
      category_id  = 1
      visible      = false
      left_on      = now()
    }
    restore        = { old_name = null, note = null, visible = true }
    ignore_changes = ["visible"]
  }
}

# Nothing is left to restore.
sync "rooms" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "room"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code     = row.code
    category = row.category
  }
  lifecycle {
    on_missing = "archive"
    archive    = { category = "ARCHIVE" }
    archived   = dest.category == "ARCHIVE"
  }
}

# Others hide rows; this one shows again what comes back.
sync "seats" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "seat"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code    = row.code
    visible = row.visible
  }
  lifecycle {
    archived       = !dest.visible
    restore        = { visible = true }
    ignore_changes = ["visible"]
  }
}
