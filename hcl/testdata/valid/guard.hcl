registrar {
  guard {
    min_source_ratio = "80%"
    max_delete       = "20%"
    max_reject       = "100%"
  }
}
faculty "hss" {
  code = "12"
  guard {
    max_delete = local.few[faculty.law.code]
    max_update = null
  }
}
faculty "law" { code = "20" }
locals { few = { "20" = 25 } }
sync "rooms" {
  for_each = faculty
  faculty  = each.value
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
  guard {
    min_source_rows  = 0
    min_source_ratio = "0%"
    max_insert       = each.key == "hss" ? "5%" : null
    max_update       = "12.5%"
    max_undelete     = 10
    max_purge        = 0
    on_breach        = "hold_deletes"
  }
}
