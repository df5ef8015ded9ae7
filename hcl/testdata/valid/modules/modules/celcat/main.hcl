locals {
  origin = var.faculty == null ? var.origin : "${var.origin}-${var.faculty.code}"
}

sync "rooms" {
  for_each = var.tables
  faculty  = var.faculty
  source {
    from   = var.from
    query  = file("sql/rooms.sql")
    params = { kind = each.key }
  }
  destination {
    into  = var.into
    table = each.key
    key   = ["code"]
    scope = { origin = local.origin }
  }
  columns {
    code = row.code
    note = var.schedules.note
    # A sensitive value given to a module makes the column sensitive there too.
    token = var.secret
  }
  notify = var.notifiers
}

module "parts" {
  source     = "../parts"
  for_each   = var.others
  faculty    = each.value
  origin     = "${local.origin}/${each.key}"
  from       = var.from
  into       = var.into
  schedule   = var.schedules.usual
  depends_on = [sync.rooms["room"]]
}
