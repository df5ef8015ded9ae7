sync "room_room_types" {
  faculty = var.faculty

  source {
    from  = var.exports
    table = "room_room_types_${var.faculty.label}"
  }

  destination {
    into  = var.timetable
    table = "room_room_type"
    key   = ["room_id", "room_type_id"]
    scope = { room_id = in_parent("room", "id", { origin = var.rules.origin }) }
  }

  columns {
    room_id      = lookup("room", "id", { origin = var.rules.origin, code = row.COD_SAL })
    room_type_id = lookup("room_type", "id", { code = row.COD_TYP })
  }

  lifecycle {
    on_missing = "delete"
  }
}

# The inventory: a link with something to say of its own.
sync "room_inventory" {
  faculty = var.faculty

  source {
    from  = var.exports
    table = "room_fixtures_${var.faculty.label}"
  }

  destination {
    into  = var.timetable
    table = "room_fixture"
    key   = ["room_id", "fixture_id"]
    scope = { room_id = in_parent("room", "id", { origin = var.rules.origin }) }
  }

  columns {
    room_id    = lookup("room", "id", { origin = var.rules.origin, code = row.COD_SAL })
    fixture_id = lookup("fixture", "id", { code = row.COD_MAT })
    quantity   = row.NOMBRE
  }

  assert "some" {
    condition = row.NOMBRE > 0
    message   = "room ${row.COD_SAL} has ${row.NOMBRE} of ${row.COD_MAT}"
  }

  lifecycle {
    on_missing = "delete"
  }
}
