variable "faculty" {
  type = faculty
}

variable "rules" {
  type = object({
    origin        = string
    groups        = string
    subgroups     = string
    members       = string
    gone          = object({ status = string, visible = bool })
    purge_after   = optional(string)
    without_email = string
  })
  description = "What the faculty does in its own way."
}

variable "exports" {
  type = source
}

variable "registers" {
  type = source
}

variable "timetable" {
  type = destination
}
