variable "from" { type = source }
variable "into" { type = destination }
variable "faculty" {
  type    = faculty
  default = null
}
variable "codes" {
  type    = map(string)
  default = {}
}
variable "people" {
  type    = map(faculty)
  default = {}
}
variable "origin" {
  type    = string
  default = "CELCAT"
  validation {
    condition     = var.origin == upper(var.origin)
    error_message = "An origin is written in capitals."
  }
}
locals { of_module = "x" }
sync "rooms" {
  source {
    from  = var.from
    table = "rooms"
  }
  destination {
    into  = var.into
    table = "room"
    key   = ["code"]
    scope = { origin = var.origin }
  }
  columns { code = row.code }
}
