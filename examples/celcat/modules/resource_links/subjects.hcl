sync "subject_rooms" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = file("sql/links.sql")
    params = { holder = "ELP", kind = "S", nature = var.nature, component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "subject_room"
    key   = ["subject_id", "room_id"]
    scope = { preference = var.preference, subject_id = in_parent("subject", "id", { origin = var.origin }) }
  }

  columns {
    subject_id = lookup("subject", "id", { origin = var.origin, code = row.cod_por })
    room_id    = lookup("room", "id", { code = row.cod_res })
  }

  lifecycle {
    on_missing = "delete"
  }
}

sync "subject_staff" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = file("sql/links.sql")
    params = { holder = "ELP", kind = "P", nature = var.nature, component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "subject_staff"
    key   = ["subject_id", "staff_id"]
    scope = { preference = var.preference, subject_id = in_parent("subject", "id", { origin = var.origin }) }
  }

  columns {
    subject_id = lookup("subject", "id", { origin = var.origin, code = row.cod_por })
    staff_id   = lookup("staff", "id", { code = row.cod_res })
  }

  lifecycle {
    on_missing = "delete"
  }
}

sync "subject_equipment" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = file("sql/links.sql")
    params = { holder = "ELP", kind = "M", nature = var.nature, component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "subject_equipment"
    key   = ["subject_id", "equipment_id"]
    scope = { preference = var.preference, subject_id = in_parent("subject", "id", { origin = var.origin }) }
  }

  columns {
    subject_id   = lookup("subject", "id", { origin = var.origin, code = row.cod_por })
    equipment_id = lookup("equipment", "id", { code = row.cod_res })
  }

  lifecycle {
    on_missing = "delete"
  }
}
