# A list of codes and names that the whole university shares.

variable "table" {
  type        = string
  description = "The timetable's table."
}

variable "file" {
  type        = string
  description = "The file's name, without its extension."
}

variable "origin" {
  type = string
}

variable "adopt" {
  type        = bool
  default     = false
  description = "Take over entries that were typed in by hand and are in the file now."
}

variable "exports" {
  type = source
}

variable "timetable" {
  type = destination
}

variable "schedule" {
  type = schedule
}

sync "entries" {
  schedule = var.schedule

  source {
    from  = var.exports
    table = var.file
  }

  destination {
    into  = var.timetable
    table = var.table
    key   = ["code"]
    scope = { origin = var.origin }
    adopt = var.adopt
  }

  columns {
    code = upper(trim(row.CODE))
    name = trim(row.LIBELLE)
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
    stamps     = { created_on = "insert", updated_on = "update" }
  }
}
