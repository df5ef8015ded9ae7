variable "v" {
  validation {
    condition     = var.v != ""
    error_message = "It is empty."
  }
}
variable "src" { type = source }
variable "dst" { type = destination }
variable "schedule" { type = schedule }
variable "faculties" { type = map(faculty) }

locals {
  chosen = { for label, f in var.faculties : label => f if f.code != null }
}

source "sqlite" "own" { path = var.v }

schedule "own" {
  every    = var.v
  timezone = var.v
  jitter   = var.v
  window {
    days  = var.v
    hours = var.v
  }
}

notify "email" "own" {
  on   = var.v
  to   = [var.v]
  smtp = var.v
}

faculty "own" {
  code     = var.v
  schedule = var.schedule
  guard { max_delete = var.v }
}

sync "rooms" {
  for_each   = local.chosen
  faculty    = each.value
  sensitive  = var.v
  schedule   = var.schedule
  depends_on = [sync.parts[each.key], sync.parts]
  source {
    from   = var.src
    query  = var.v
    params = { x = var.v }
  }
  destination {
    into  = var.dst
    table = var.v
    key   = var.v
    scope = var.v
  }
  columns {
    code  = row.code
    other = var.v
  }
}

sync "parts" {
  faculty      = faculty.own
  sensitive    = [var.v]
  before_apply = var.v
  after_apply  = [var.v]
  source {
    from  = source.sqlite.own
    table = var.v
    query = var.v
  }
  destination {
    into           = var.dst
    table          = "part"
    key            = ["code"]
    owns_table     = var.v
    unenforced_key = var.v
    adopt          = var.v
  }
  columns {
    code    = row.code
    room_id = lookup(var.v, var.v, { code = var.v })
    column "floor" {
      value   = row.floor
      compare = var.v
    }
  }
  assert "a" {
    condition  = row.code != var.v
    message    = var.v
    on_failure = var.v
  }
  lifecycle {
    on_missing     = var.v
    archive        = var.v
    restore        = var.v
    stamps         = var.v
    archived       = dest.x == var.v
    archived_since = dest.y
    purge_after    = var.v
    protect        = dest.z == var.v
    ignore_changes = var.v
    operations     = var.v
  }
  guard {
    min_source_rows  = var.v
    min_source_ratio = var.v
    max_delete       = var.v
    on_breach        = var.v
  }
}

sync "queries" {
  source {
    from = var.src
    queries {
      insert = var.v
      delete = var.v
    }
  }
  destination {
    into  = var.dst
    table = "q"
    key   = ["code"]
    scope = { a = var.v, code = in_parent(var.v, var.v, { x = var.v }) }
  }
  columns { code = row.code }
  lifecycle { on_missing = var.v }
}

moved {
  sync = sync.parts
  from = var.v
  to   = var.v
}

check "staged" {
  severity = var.v
  sync     = sync.parts
  where    = row.code == var.v
  message  = var.v
  blocks   = [sync.rooms]
}

check "query" {
  severity  = var.v
  source    = var.src
  query     = var.v
  params    = { x = var.v }
  message   = "x"
  sensitive = var.v
}

module "again" {
  source   = "../n"
  for_each = var.faculties
  v        = var.v
}
