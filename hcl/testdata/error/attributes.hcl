faculty "law" {}
locals {
  a = { for f in faculty : f.label => f.cod } # ERROR: Unsupported attribute
  b = faculty.law.cod # ERROR: Unsupported attribute
  c = "code-${faculty.law.code}" # ERROR: Invalid template interpolation value
}
