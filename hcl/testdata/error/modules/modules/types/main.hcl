variable "a" {
  type    = facultty # ERROR: Invalid type specification
  default = null
}
variable "b" {
  type    = object({ x = optional(shedule) }) # ERROR: Invalid type specification
  default = {}
}
variable "c" {
  type    = source("x") # ERROR: Invalid type specification
  default = null
}
variable "d" {
  type    = list(faculty, source) # ERROR: Invalid type specification
  default = null
}
