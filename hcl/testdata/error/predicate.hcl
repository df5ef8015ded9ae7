locals {
  frozen = dest.frozen # ERROR: "dest" not allowed here
  years  = ["2024", null]
  values = { a = ["2024"] }
}

sync "predicates" {
  for_each = {
    nothing    = 1
  }
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
    code = dest.code # ERROR: "dest" not allowed here
  }
  lifecycle {
    archive    = { status = dest.x } # ERROR: Unsupported text
    protect    = dest.a == dest.b # ERROR: Unsupported predicate
    on_missing = dest.x # ERROR: "dest" not allowed here
  }
}

sync "operands" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "u"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    protect = (
      true # ERROR: Unsupported predicate
      || dest # ERROR: Invalid reference
      || dest.a.b # ERROR: Invalid reference
      || upper(dest.a) == "X" # ERROR: Unsupported predicate
      || "${dest.a}" == "X" # ERROR: Unsupported predicate
      || dest.a < null # ERROR: Unsupported predicate
      || dest.a >= true # ERROR: Unsupported predicate
      || dest.a == ["x"] # ERROR: Invalid value
      || (dest.a ? true : false) # ERROR: Unsupported predicate
      || contains([dest.a], "x") # ERROR: Unsupported predicate
      || contains([dest.a], dest.b) # ERROR: Unsupported predicate
      || contains(local.years, dest.year) # ERROR: Invalid value
      || contains(["2024", null], dest.year) # ERROR: Invalid value
      || contains("2024", dest.year) # ERROR: Invalid value
      || contains([["2024"]], dest.year) # ERROR: Invalid value
      || contains(["a"], dest.a, 1) # ERROR: Unsupported predicate
      || dest.a + 1 == 2 # ERROR: Unsupported predicate
      || !dest.a == 1 # ERROR: Unsupported predicate
      || -dest.a # ERROR: Unsupported predicate
      || 1 == 2 # ERROR: Unsupported predicate
      || dest[""] # ERROR: Invalid reference
      || dest[null] == 1 # ERROR: Invalid reference
      || dest.a == var.secret # ERROR: Sensitive value not allowed
    )
  }
}

sync "names" {
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "v"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle {
    archived       = dest.a == row.a # ERROR: "row" not allowed here
    archived_since = dset.since # ERROR: Invalid reference
    protect        = dest.a == local.x # ERROR: Undeclared local value
  }
}

variable "secret" {
  type      = string
  sensitive = true
  default   = "x"
}
