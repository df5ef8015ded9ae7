module "celcat" { source = "./celcat" } # ERROR: Not supported in this version
moved { from = "a" } # ERROR: Not supported in this version
check "status" {} # ERROR: Not supported in this version

locals {
  l = lookup("department", "id", { code = "x" }) # ERROR: Not supported in this version
  m = module.celcat.x # ERROR: Not supported in this version
}

sync "rooms" {
  before_apply = "x" # ERROR: Not supported in this version
  assert "x" {} # ERROR: Not supported in this version
  source {
    from  = source.csv.rooms
    table = "rooms"
    queries { # ERROR: Not supported in this version
      insert = "x"
    }
  }
  destination {
    into    = destination.sqlite.timetable
    table   = "room"
    key     = ["code"]
    compare = {} # ERROR: Not supported in this version
    scope   = { enrolid = in_parent("enrol", "id", { enrol = "database" }) } # ERROR: Not supported in this version
  }
  columns {
    code       = row.code
    department = lookup("department", "id", { code = row.c }) # ERROR: Not supported in this version
  }
  lifecycle {
    archived       = dest.deleted_on != null # ERROR: Not supported in this version
    archived_since = dest.deleted_on         # ERROR: Not supported in this version
    purge_after    = "365d"                  # ERROR: Not supported in this version
    protect        = true                    # ERROR: Not supported in this version
    adopt          = true                    # ERROR: Not supported in this version
    generated      = []                      # ERROR: Not supported in this version
    operations     = ["insert", "rename"]    # ERROR: Not supported in this version
  }
  guard {
    max_undelete     = 1 # ERROR: Not supported in this version
    max_purge        = 1 # ERROR: Not supported in this version
    max_reject       = 1 # ERROR: Not supported in this version
    min_source_ratio = 1 # ERROR: Not supported in this version
    on_breach        = "hold_deletes" # ERROR: Not supported in this version
  }
}
