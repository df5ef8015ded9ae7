sync "hooks" {
  before_apply = [
    "UPDATE a SET b = 1",
    "COMMIT", # ERROR: Invalid hook
    "UPDATE a SET b = 1; DELETE FROM a", # ERROR: Invalid hook
    "UPDATE a SET b = :c", # ERROR: Invalid hook
    1 + 1, # ERROR: Invalid hook
    "", # ERROR: Invalid hook
    ["x"], # ERROR: Invalid value
    null, # ERROR: Invalid value
    var.secret, # ERROR: Sensitive value not allowed
    row.x, # ERROR: "row" not allowed here
    now(), # ERROR: now() not allowed here
  ]
  after_apply = { a = 1 } # ERROR: Invalid value
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
}

sync "computed" {
  before_apply = local.statements # ERROR: Invalid hook
  after_apply  = "UPDATE a SET b = $$ ; $$" # ERROR: Invalid hook
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
}

sync "no_statements" {
  after_apply = "UPDATE a SET b = 1" # ERROR: Unsupported hook
  source {
    from  = source.csv.rooms
    table = "t"
  }
  destination {
    into       = destination.bundle.export
    table      = "c"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
}

destination "bundle" "export" { path = "export.zip" }
locals { statements = ["UPDATE a SET b = 1", "PRAGMA foreign_keys = off"] }
variable "secret" {
  type      = string
  sensitive = true
  default   = "UPDATE a SET b = 1"
}
