sync "rooms" {
  source {
    from  = source.csv.lost
    table = "x"
    tabel = "x" # ERROR: Unsupported argument
  }
  destination {
    into  = destination.sqlite.nowhere # ERROR: Undeclared destination
    table = "x"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.code }
}
