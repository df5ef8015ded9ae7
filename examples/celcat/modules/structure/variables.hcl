# The classifications that a faculty has of its own.

variable "faculty" {
  type = faculty
}

variable "origin" {
  type = string
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
