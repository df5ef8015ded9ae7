sync "group_rooms" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = file("sql/links.sql")
    params = { holder = "GPE", kind = "S", nature = var.nature, component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "group_room"
    key   = ["group_id", "room_id"]
    scope = { preference = var.preference, group_id = in_parent("student_group", "id", { origin = var.origin }) }
  }

  columns {
    group_id = lookup("student_group", "id", { origin = var.origin, code = row.cod_por })
    room_id  = lookup("room", "id", { code = row.cod_res })
  }

  lifecycle {
    on_missing = "delete"
  }
}

sync "group_staff" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = file("sql/links.sql")
    params = { holder = "GPE", kind = "P", nature = var.nature, component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "group_staff"
    key   = ["group_id", "staff_id"]
    scope = { preference = var.preference, group_id = in_parent("student_group", "id", { origin = var.origin }) }
  }

  columns {
    group_id = lookup("student_group", "id", { origin = var.origin, code = row.cod_por })
    staff_id = lookup("staff", "id", { code = row.cod_res })
  }

  lifecycle {
    on_missing = "delete"
  }
}

sync "group_equipment" {
  faculty = var.faculty

  source {
    from   = var.registers
    query  = file("sql/links.sql")
    params = { holder = "GPE", kind = "M", nature = var.nature, component = var.faculty.code }
  }

  destination {
    into  = var.timetable
    table = "group_equipment"
    key   = ["group_id", "equipment_id"]
    scope = { preference = var.preference, group_id = in_parent("student_group", "id", { origin = var.origin }) }
  }

  columns {
    group_id     = lookup("student_group", "id", { origin = var.origin, code = row.cod_por })
    equipment_id = lookup("equipment", "id", { code = row.cod_res })
  }

  lifecycle {
    on_missing = "delete"
  }
}
