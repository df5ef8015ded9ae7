source "csv" "rooms" { directory = "data" }
destination "sqlite" "timetable" { path = "timetable.db" }
faculty "hss" {}

locals { root_only = "x" }

variable "asked" { type = faculty } # ERROR: Unsuitable type
variable "mixed" {
  type = list(sourcce) # ERROR: Invalid type specification
}

module "missing" { source = "./modules/rom" } # ERROR: Invalid module source
module "outside" { source = "../elsewhere" } # ERROR: Invalid module source
module "absolute" { source = "/etc" } # ERROR: Invalid module source
module "registry" { source = "celcat/modules" } # ERROR: Invalid module source
module "number" { source = 1 } # ERROR: Invalid module source
module "computed" { source = "./modules/${local.root_only}" } # ERROR: Variables not allowed
module "file" { source = "./main.hcl" } # ERROR: Invalid module source
module "empty" { source = "./data" } # ERROR: No configuration files
module "itself" { source = "./." } # ERROR: Module includes itself
module "loop" { source = "./modules/loop" }
module "none" {} # ERROR: Missing required argument
module "twice" { source = "./modules/types" }
module "twice" { source = "./modules/types" } # ERROR: Duplicate module
module "an other" { source = "./modules/types" } # ERROR: Invalid name
module { source = "./modules/types" } # ERROR: Missing label

module "arguments" { # ERROR: Missing required argument
  source  = "./modules/rooms"
  count   = 2                  # ERROR: Unsupported argument
  fro     = source.csv.rooms   # ERROR: Unsupported argument
  into    = source.csv.rooms   # ERROR: Invalid value for variable
  faculty = source.csv.nowhere # ERROR: Undeclared source
  codes   = { a = [] }         # ERROR: Invalid value for variable
  people  = { a = "hss" }      # ERROR: Invalid value for variable
  origin  = "lower"            # ERROR: Invalid value for variable
  hooks {}                     # ERROR: Unsupported block type
}

module "null" {
  source = "./modules/rooms"
  from   = null # ERROR: Missing required argument
  into   = destination.sqlite.timetable
}

module "loose" {
  source   = "./modules/rooms"
  for_each = ["a"] # ERROR: Invalid for_each
  from     = source.csv.rooms
  into     = destination.sqlite.timetable
}

module "broken" {
  source = "./modules/broken"
  maybe  = 1
}

# What is wrong in a module is found where it has no instance too.
module "unused" {
  source   = "./modules/outer"
  for_each = toset([])
  nothing  = each.key # ERROR: Unsupported argument
}

locals {
  output = module.unused.x # ERROR: Invalid reference
  inner  = local.of_module # ERROR: Undeclared local value
}

sync "after" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "x"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  depends_on = [
    module.nul,                    # ERROR: Undeclared module
    module.null["x"],              # ERROR: Undeclared module
    module.null.sync.room,         # ERROR: Undeclared sync
    module.null.sync.rooms["x"],   # ERROR: Undeclared sync
    module.null.sync.rooms.x,      # ERROR: Invalid depends_on
    module.null.local.x,           # ERROR: Invalid depends_on
    module.null.sync,              # ERROR: Invalid depends_on
    module,                        # ERROR: Invalid depends_on
    module.unused["x"],            # ERROR: Undeclared module
    module.unused.sync.nothing,    # ERROR: Undeclared sync
    module.missing.sync.x,
    module.loose["a"].sync.rooms,
    module.broken.sync.of_broken,
    module.broken.module.maybe.sync.x,
  ]
}
