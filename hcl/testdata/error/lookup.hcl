locals {
  table = { a = "x" }
  found = lookup("department", "id", { code = "x" }) # ERROR: lookup() not allowed here
}

sync "forms" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "t"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code      = row.code
    too_few   = lookup("department", "id") # ERROR: Invalid lookup
    too_many  = lookup("department", "id", {}, 1) # ERROR: Invalid lookup
    terraform = lookup(local.table, row.a, "x") # ERROR: Invalid lookup
    expanded  = lookup(["department", "id", { code = row.a }]...) # ERROR: Invalid lookup
    computed  = lookup("department", "id", local.table) # ERROR: Invalid lookup
    no_key    = lookup("department", "id", {}) # ERROR: Invalid lookup
    twice     = lookup("department", "id", { code = row.a, CODE = row.b }) # ERROR: Duplicate column
    empty     = lookup("", " ", { code = row.a }) # ERROR: Invalid value; ERROR: Invalid value
    nothing   = lookup(null, "id", { code = row.a }) # ERROR: Invalid value
    types     = lookup(["department"], "id", { code = row.a }) # ERROR: Invalid value
    by_row    = lookup(row.table, "id", { code = row.a }) # ERROR: "row" not allowed here
    key_row   = lookup("department", "id", { (row.k) = row.a }) # ERROR: "row" not allowed here
    value     = lookup("department", "id", { code = [row.a] }) # ERROR: Unsuitable value
    name      = lookup("department", "id", { code = loca.x }) # ERROR: Invalid reference
    nested    = lookup("department", "id", { code = lookup("x", "y", { a = row.a }) }) # ERROR: lookup() not allowed here
    part      = coalesce(lookup("department", "id", { code = row.a }), 0) # ERROR: lookup() not allowed here
    text      = "${lookup("department", "id", { code = row.a })}" # ERROR: lookup() not allowed here
    secret    = lookup(var.secret, "id", { code = row.a }) # ERROR: Sensitive value not allowed
    unknown   = lookpu("department", "id", { code = row.a }) # ERROR: Call to unknown function
  }
}

sync "options" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "link"
    key   = ["a_id"]
    scope = { b_id = in_parent("b", "id", { origin = "x" }) }
  }
  columns {
    column "a_id" {
      value         = lookup("a", "id", { code = row.a })
      on_unresolved = "null" # ERROR: Conflicting arguments
    }
    column "b_id" {
      value         = lookup("b", "id", { code = row.b })
      on_unresolved = "null" # ERROR: Conflicting arguments
      archived      = "perhaps" # ERROR: Invalid value
    }
    column "c_id" {
      value         = lookup("c", "id", { code = row.c })
      on_unresolved = "rejct" # ERROR: Invalid value
      compare       = "trimmed" # ERROR: Conflicting arguments
    }
    column "plain" {
      value         = row.d
      on_unresolved = "null" # ERROR: Conflicting arguments
      archived      = true # ERROR: Conflicting arguments
    }
    column "F_ID.code" {
      value = row.f
    }
    f_id = lookup("f", "id", { code = row.f }) # ERROR: Conflicting column
    column "by_row" {
      value    = lookup("d", "id", { code = row.d })
      archived = row.x # ERROR: "row" not allowed here
    }
  }
}

variable "secret" {
  type      = string
  sensitive = true
  default   = "department"
}
