# Keeps a learning platform (tables in the manner of Moodle) in step with Apogée, the
# directory of accounts and the timetable, every night. README.md says which file
# answers which need.

registrar {
  required_version = ">= 0.1"
  timezone         = "Europe/Paris"

  # What every sync may do at most, unless it says otherwise.
  guard {
    max_delete = "30%"
    max_update = "50%"
  }
}

variable "today" {
  type        = string
  default     = null
  description = "The day whose academic years count, as YYYY-MM-DD; today unless set."
}

variable "archives" {
  type        = number
  default     = 1
  description = "The id of the platform's category of archived courses."
}

# One file stands for the databases of Apogée, of the accounts and of the timetable.
source "sqlite" "refer" {
  path = "refer.db"
}

destination "sqlite" "ecampus" {
  path = "ecampus.db"
}

locals {
  # Every query of the source begins with what REFER makes of Apogée.
  refer = file("sql/refer.sql")
}

# At night: what changes by day is on the platform the next morning.
schedule "nightly" {
  timezone = "Europe/Paris"
  at       = ["03:30"]
  catch_up = "last" # after an outage, as soon as possible, but for the exception

  except "weekly optimisation" { # the platform's database is not available
    days  = ["sun"]
    hours = "09:00-11:00"
  }
}

notify "email" "platform" {
  on   = ["failure", "held", "findings", "recovered"]
  to   = ["ecampus@univ-exemple.fr"]
  smtp = "smtp://mail.univ-exemple.fr:587"
}
