# Rooms, staff and equipment that a group or a subject always has (fixed), or has
# where they are free (preferred).

variable "preference" {
  type        = string
  description = "What the timetable calls it: fixed or preferred."
}

variable "nature" {
  type        = string
  description = "What the register calls it: F or P."
}

variable "faculty" {
  type = faculty
}

variable "origin" {
  type        = string
  description = "Of the groups and subjects; their rooms, staff and equipment may be anyone's."
}

variable "registers" {
  type = source
}

variable "timetable" {
  type = destination
}
