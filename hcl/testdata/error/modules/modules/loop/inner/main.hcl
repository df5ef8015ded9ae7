module "outer" { source = "../../loop" } # ERROR: Module includes itself
module "self" { source = "./" } # ERROR: Module includes itself
