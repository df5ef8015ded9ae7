source "cvs" "a" {} # ERROR: Unknown provider
source "cvs" "b" { # ERROR: Unknown provider
  directory = var.nothing # ERROR: Undeclared variable
}
source "bundle" "a" {} # ERROR: Provider is no source
destination "csv" "a" {} # ERROR: Provider is no destination
source "csv" "b" {} # ERROR: Missing required argument
source "csv" "c" {
  directory = "data"
  delimeter = ";" # ERROR: Unsupported argument
}
source "csv" "d" {
  directory = ["data"] # ERROR: Incorrect attribute value type
}
source "csv" "e" {
  directory = var.nothing # ERROR: Undeclared variable
  encodign  = "utf-8" # ERROR: Unsupported argument
}
source "csv" "f" {
  directory = row.x # ERROR: "row" not allowed here
}
source "csv" "g" {
  directory = "data"
  delimiter = ";;" # ERROR: Unsuitable delimiter
}
