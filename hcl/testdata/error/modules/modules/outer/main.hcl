registrar { plan_ttl = "1h" } # ERROR: Unsupported block type
variable "source" { default = 1 } # ERROR: Invalid name
locals {
  a = local.root_only     # ERROR: Undeclared local value
  b = source.csv.rooms    # ERROR: Undeclared source
  c = destination.csv     # ERROR: Undeclared destination
  d = faculty.hss         # ERROR: Undeclared faculty
  e = file("nowhere.sql") # ERROR: Invalid function argument
  f = file("../../../../../../../../etc/hostname") # ERROR: Invalid function argument
}
module "types" {
  source = "../types"
  left   = each.key # ERROR: Invalid reference; ERROR: Unsupported argument
}
sync "late" {
  source {
    from  = local.none # ERROR: Undeclared local value
    table = "x"
  }
  destination {
    into       = var.none # ERROR: Undeclared variable
    table      = "x"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  depends_on = [sync.after] # ERROR: Undeclared sync
}
