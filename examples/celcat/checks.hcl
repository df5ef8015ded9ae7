# Looked at with every plan; what they find is shown with it and recorded.

check "student_without_group" {
  severity = "warning"
  code     = "C4-GE"
  source   = source.sqlite.registers
  query    = file("sql/student_without_group.sql")
  key      = ["cod_etu"]
  message  = "student ${row.cod_etu} is enrolled and in no group: nothing will be in their timetable"
}

check "group_too_large" {
  severity    = "info"
  destination = destination.sqlite.timetable
  query       = file("sql/group_too_large.sql")
  key         = ["group_code", "room_code"]
  message     = "group ${row.group_code} has ${row.size} students, its room ${row.room_code} has ${row.seats} seats"
}
