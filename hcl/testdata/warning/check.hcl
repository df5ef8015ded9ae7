check "held_by_nothing" { # WARNING: Check holds nothing
  severity    = "error"
  destination = destination.sqlite.timetable
  query       = "SELECT 1"
  message     = "x"
}
check "meant_so" {
  severity    = "error"
  destination = destination.sqlite.timetable
  query       = "SELECT 1"
  message     = "x"
  blocks      = []
}
