locals {
  scope = { enrol_id = in_parent("enrol", "id", { kind = "x" }) } # ERROR: in_parent() not allowed here
}

sync "forms" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "t"
    key   = ["code"]
    scope = {
      a = in_parent("enrol", "id") # ERROR: Invalid in_parent
      b = in_parent("enrol", "id", {}) # ERROR: Missing ownership
      c = in_parent("", "id", { kind = "x" }) # ERROR: Invalid value
      d = in_parent("enrol", "id", { kind = null }) # ERROR: Invalid value
      e = in_parent("enrol", "id", { kind = row.x }) # ERROR: "row" not allowed here
      f = in_parent("enrol", "id", { kind = "x", KIND = "y" }) # ERROR: Duplicate column
      g = in_parent("enrol", "id", { kind = now() }) # ERROR: now() not allowed here
      h = in_parent("enrol", "id", "x") # ERROR: Invalid value
      i = upper(in_parent("enrol", "id", { kind = "x" })) # ERROR: in_parent() not allowed here
    }
  }
  columns {
    code = in_parent("enrol", "id", { kind = "x" }) # ERROR: in_parent() not allowed here
    b    = row.b
    c    = row.c
    d    = row.d
    e    = row.e
    f    = row.f
    g    = row.g
    h    = row.h
  }
}

sync "columns" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "u"
    key   = ["code"]
    scope = {
      enrol_id = in_parent("enrol", "id", { kind = "x" }) # ERROR: Duplicate column
      course   = in_parent("enrol", "id", { kind = "x" }) # ERROR: Unknown column
      ENROL_ID = 1 # ERROR: Conflicting column
      Enrol_Id = in_parent("enrol", "id", { kind = "y" }) # ERROR: Unknown column
    }
  }
  columns {
    code     = row.code
    enrol_id = lookup("enrol", "id", { course = row.course })
  }
}

sync "twice" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "v"
    key   = ["code"]
    scope = {
      enrol_id = in_parent("enrol", "id", { kind = "x" })
      (local.column) = in_parent("enrol", "id", { kind = "y" }) # ERROR: Duplicate column
    }
  }
  columns {
    code     = row.code
    enrol_id = row.enrol
  }
}

sync "adopts_nothing" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "w"
    key        = ["code"]
    owns_table = true
    adopt      = true # ERROR: Conflicting arguments
  }
  columns { code = row.code }
}

locals { column = "enrol_id" }
