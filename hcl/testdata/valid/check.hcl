source "postgres" "apogee" { url = "postgres://apogee.example.org/apogee" }
variable "secret" {
  sensitive = true
  default   = "invented"
}
check "source" {
  severity  = "error"
  code      = "w9"
  source    = source.postgres.apogee
  query     = "SELECT code::text AS code, name FROM student WHERE token = :token"
  params    = { token = var.secret }
  key       = ["code"]
  message   = "${row.code}: ${coalesce(row["Name"], "?")}"
  sensitive = ["name"]
  blocks    = [sync.rooms["east"], sync.rooms]
}
check "destination" {
  severity    = "info"
  destination = destination.sqlite.timetable
  query       = "SELECT count(*) AS n FROM room"
  message     = row.n
  sensitive   = "all"
  blocks      = []
}
check "staged" {
  sync    = sync.rooms
  where   = row.Code == null || row["site_id.code"] == "X" && row.site_id == null
  message = "a room"
}
sync "rooms" {
  for_each = toset(["east", "west"])
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
  columns {
    code    = row.code
    site_id = lookup("site", "id", { code = row.site })
  }
}
