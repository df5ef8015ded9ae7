sync "rooms" {
  assert { # ERROR: Missing label
  }
  assert "a b" { # ERROR: Invalid name
    condition = true
    message   = "x"
  }
  assert "nothing" { # ERROR: Missing required argument; ERROR: Missing required argument
  }
  assert "types" {
    condition  = "${row.a}!" == "b" ? 1 : 2 # ERROR: Unsuitable value
    message    = [row.a] # ERROR: Unsuitable value
    on_failure = "ignore" # ERROR: Invalid value
  }
  assert "constant" {
    condition = "maybe" # ERROR: Unsuitable value
    message   = "x"
  }
  assert "number" {
    condition = row.a + 1 # ERROR: Unsuitable value
    message   = "x"
  }
  assert "date" {
    condition = to_date(row.a, "DD/MM/YYYY") # ERROR: Unsuitable value
    message   = "x"
  }
  assert "types" { # ERROR: Duplicate assert
    condition = row.a != null
    message   = "x"
  }
  assert "names" {
    condition = rwo.a != null # ERROR: Invalid reference
    message   = "x ${dest.a}" # ERROR: "dest" not allowed here
    on_fail   = "warn" # ERROR: Unsupported argument
  }
  assert "when" {
    condition  = row.a != null
    message    = "x"
    on_failure = row.a # ERROR: "row" not allowed here
  }
  assert "looks" {
    condition = lookup("a", "id", { code = row.a }) != null # ERROR: lookup() not allowed here
    message   = "x"
  }
  source {
    from  = source.csv.rooms
    table = "rooms"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
