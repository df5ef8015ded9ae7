locals { destination = destination.sqlite.timetable }

sync "no_archive" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = local.destination
    table = "a"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  lifecycle {
    on_missing     = "archive" # ERROR: Missing required argument
    ignore_changes = ["code", "nothing"] # ERROR: Conflicting column; ERROR: Unknown column
    operations     = ["insrt"] # ERROR: Invalid value
    restore        = { a = null } # ERROR: Conflicting arguments
    stamp          = {} # ERROR: Unsupported argument
  }
}

sync "no_now" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = local.destination
    table = "b"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  lifecycle {
    on_missing = "archve" # ERROR: Invalid value
    archive    = { deleted = true } # ERROR: Archived rows cannot be told
    operations = [] # ERROR: Invalid value
  }
}

sync "two_nows" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = local.destination
    table = "c"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  lifecycle {
    archive = { deleted_on = now(), since = now() } # ERROR: Archived rows cannot be told
  }
}

sync "conflicts" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = local.destination
    table = "d"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns {
    code       = row.code
    deleted_on = row.d
    updated_on = row.u
  }
  lifecycle {
    archive = { # ERROR: Archived rows cannot be told
      deleted_on = now()
      state      = "x"
      origin     = "gone" # ERROR: Conflicting column
    }
    restore = {
      deleted_on = now() # ERROR: Conflicting column
    }
    stamps = {
      updated_on = "update"  # ERROR: Conflicting column
      created_on = "created" # ERROR: Invalid value
      removed_on = "delete"  # ERROR: Invalid value
      changed_on = now()     # ERROR: Invalid value
      state      = "archive" # ERROR: Conflicting column
    }
  }
}

sync "restore_forgets" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = local.destination
    table = "e"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
  lifecycle {
    archive = { deleted_on = now() }
    restore = { state = "live" } # ERROR: Restored rows stay archived
  }
}

sync "now_in_text" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = local.destination
    table = "f"
    key   = ["code"]
    scope = { origin = now() } # ERROR: now() not allowed here
  }
  columns { code = row.code }
  lifecycle {
    archive = { deleted_on = upper(now()) } # ERROR: Invalid function argument
  }
}
