variable "no_value" { # ERROR: No value for required variable
  type = string
}
variable "bad_default" {
  type    = number
  default = "many" # ERROR: Invalid value for variable
}
variable "bad_type" {
  type = strng # ERROR: Invalid type specification
}
variable "not_constant" {
  default = var.bad_default # ERROR: Variables not allowed
}
variable "called" {
  default = upper("x") # ERROR: Function calls not allowed
}
variable "argument" {
  default   = 1
  senstive  = true # ERROR: Unsupported argument
}
variable "validated" {
  default = 0 # ERROR: Invalid value for variable
  validation {
    condition     = var.validated > 0
    error_message = "Must be above 0."
  }
  validation {
    condition     = 1 > 0 # ERROR: Invalid validation
    error_message = "Never."
  }
  validation {
    condition     = var.validated + local.x > 0 # ERROR: Invalid reference
    error_message = "Never."
  }
  validation { # ERROR: Missing required argument
    condition = var.validated == 0
  }
}
locals { x = 1 }
