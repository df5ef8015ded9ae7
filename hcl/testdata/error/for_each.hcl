variable "names" {
  type      = set(string)
  default   = ["a"]
  sensitive = true
}
variable "addresses" {
  type      = map(string)
  default   = { a = "x" }
  sensitive = true
}

sync "list" {
  for_each = ["a", "b"] # ERROR: Invalid for_each
  source {
    from  = source.csv.rooms
    table = each.keys # ERROR: Invalid reference
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}

sync "text" {
  for_each = "a" # ERROR: Invalid for_each
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}

sync "numbers" {
  for_each = toset([1, 2]) # ERROR: Invalid for_each
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}

sync "secret_set" {
  for_each = var.names # ERROR: Sensitive value not allowed
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}

sync "secret_map" {
  for_each = { for k, v in var.addresses : k => v } # ERROR: Sensitive value not allowed
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}

sync "itself" {
  for_each = { (each.key) = 1 } # ERROR: Invalid reference
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "a"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}

sync "secret_values" {
  for_each = { a = var.addresses["a"] }
  source {
    from  = source.csv.rooms
    table = each.value # ERROR: Sensitive value not allowed
  }
  destination {
    into  = destination.sqlite.timetable
    table = "b"
    key   = ["code"]
    scope = { origin = each.value } # ERROR: Sensitive value not allowed
  }
  columns { code = row.code }
}
