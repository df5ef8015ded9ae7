locals {
  mark    = { name = "gone" }
  nothing = null
}

variable "token" {
  type      = string
  sensitive = true
  default   = "x"
}

sync "columns" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code", "site"]
    scope = { origin = "x", enrol_id = in_parent("enrol", "id", { kind = "x" }) }
  }
  columns {
    code     = row.code
    site     = row.site
    name     = row.name
    visible  = row.visible
    enrol_id = row.enrol
  }
  lifecycle {
    archive = {
      gone_on  = now()
      CODE     = "gone"              # ERROR: Conflicting column
      site     = "${dest.site} gone" # ERROR: Conflicting column
      origin   = "gone"              # ERROR: Conflicting column
      enrol_id = 1                   # ERROR: Conflicting column
      name     = "gone"
      visible  = false
      NAME     = "gone" # ERROR: Duplicate column
    }
    restore = {
      gone_on  = null
      visible  = true
      name     = "back" # ERROR: Conflicting column
      code     = "back" # ERROR: Conflicting column
      enrol_id = 1      # ERROR: Conflicting column
    }
    stamps = {
      name    = "archive"  # ERROR: Conflicting column; ERROR: Conflicting column
      gone_on = "undelete" # ERROR: Conflicting column
    }
    ignore_changes = ["visible"]
  }
}

sync "spelling" {
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
  columns {
    code    = row.code
    visible = row.visible
  }
  lifecycle {
    archive        = { gone_on = now() }
    restore        = { gone_on = null, Visible = true } # ERROR: Conflicting column
    ignore_changes = ["visible"]
  }
}

sync "texts" {
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
    archive = {
      gone_on     = now()
      a           = dest.name                              # ERROR: Unsupported text
      b           = "(${upper(dest.name)})"                # ERROR: Unsupported text
      c           = upper("(${dest.name})")                # ERROR: Unsupported text
      d           = "(${dest.name == null ? "" : "x"})"    # ERROR: Unsupported text
      e           = "(%{if dest.name == "x"}y%{endif})"    # ERROR: Unsupported text
      f           = dest.name == "x" ? "y" : "z"           # ERROR: Unsupported text
      g           = "(${dest})"                            # ERROR: Invalid reference
      h           = "(${dest.name.first})"                 # ERROR: Invalid reference
      i           = "${dest.name} ${var.token}"            # ERROR: Sensitive value not allowed
      j           = "${dest.name} ${local.nothing}"        # ERROR: Invalid value
      k           = "${dest.name} ${now()}"                # ERROR: Invalid value
      m           = "${dest.name} ${local.mark}"           # ERROR: Invalid value
      n           = "%{for c in [dest.name]}${c}%{endfor}" # ERROR: Unsupported text
      o           = ["${dest.name}"]                       # ERROR: Unsupported text
      (dest.name) = "x"                                    # ERROR: Unsupported text
    }
  }
}

sync "computed" {
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
    archive = merge(local.mark, { name = "(${dest.name})" }) # ERROR: Unsupported text
    restore = { name = "${dest.name} again" }                # ERROR: "dest" not allowed here
    stamps  = { made_on = "${dest.name}" }                   # ERROR: "dest" not allowed here
  }
}

sync "told_by_mapped" {
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
  columns {
    code  = row.code
    until = row.until
  }
  lifecycle {
    archive = { until = now() } # ERROR: Archived rows cannot be told
  }
}

sync "inserted_archived" {
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
  columns {
    code    = row.code
    visible = false
  }
  lifecycle {
    archive        = { visible = false }
    restore        = { visible = true }
    archived       = dest.visible == false # ERROR: Inserted rows are archived
    ignore_changes = ["visible"]
  }
}

sync "comes_back_archived" {
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
    code    = row.code
    visible = false
  }
  lifecycle {
    archive    = { visible = false }
    archived   = dest.visible == false # ERROR: Restored rows stay archived
    operations = ["update", "archive", "undelete"]
  }
}

sync "restore_needed" {
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
  columns {
    code     = row.code
    category = row.category
    visible  = row.visible
  }
  lifecycle {
    archive        = { category = "ARCHIVE", visible = false }
    archived       = dest.category == "ARCHIVE" # ERROR: Missing required argument
    ignore_changes = ["visible"]
  }
}
