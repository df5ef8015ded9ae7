# Every value of the module is unknown: it has no instance.
source "sqlite" "a" { path = "a.db" }
destination "sqlite" "b" { path = "b.db" }

module "m" {
  source     = "./m"
  for_each   = toset([])
  v          = each.key
  src        = source.sqlite.a
  dst        = destination.sqlite.b
  faculties  = faculty
  schedule   = each.value
  depends_on = [module.m[each.key]]
}
