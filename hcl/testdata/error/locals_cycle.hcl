locals {
  a = local.b # ERROR: Dependency cycle
  b = "${local.c}!"
  c = upper(local.a)
  d = local.d # ERROR: Dependency cycle
  e = local.f # ERROR: Dependency cycle
  f = faculty.law.code
}

faculty "law" { code = local.e }
