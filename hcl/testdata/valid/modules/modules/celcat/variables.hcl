variable "faculty" {
  type    = faculty
  default = null
}

variable "others" {
  type    = map(faculty)
  default = {}
}

variable "from" { type = source }

variable "into" { type = destination }

variable "schedules" {
  type = object({
    usual   = optional(schedule)
    special = optional(schedule)
    note    = optional(string, "none")
  })
  default = {}
}

variable "notifiers" {
  type    = list(notify)
  default = []
}

variable "origin" {
  type    = string
  default = "CELCAT"
  validation {
    condition     = var.origin == upper(var.origin)
    error_message = "An origin is written in capitals."
  }
}

variable "tables" {
  type    = set(string)
  default = ["room", "equipment"]
}

variable "secret" {
  type    = string
  default = ""
}
