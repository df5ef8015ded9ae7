# A repository of configuration as a university keeps it: what is here is planned on each merge request,
# and applied once it is merged and approved of. README.md tells the way; .gitlab-ci.yml and .github hold
# the pipelines.

registrar {
  required_version = ">= 0.1"
  timezone         = "Europe/Paris"
  plan_ttl         = "72h"

  # Besides its author, somebody must have approved of what a plan does.
  require_approval = 1

  limits {
    plan_timeout      = "30m"
    statement_timeout = "10m"
    max_rows          = 1000000
  }
}

# From the environment, and another one for each role: the job that plans has the planning role's, the
# job that applies the applying role's.
variable "timetable_url" {
  type      = string
  sensitive = true
}

source "csv" "exports" {
  directory = "exports"
  delimiter = ";"
}

destination "postgres" "timetable" {
  url       = var.timetable_url
  sensitive = "all" # but for what a sync lists itself
}

faculty "hss" {
  name = "UFR Humanités et sciences sociales"
  code = "12"
}

faculty "sci" {
  name = "UFR Sciences"
  code = "25"
}
