# Everything of a person is masked, as the destination says.
sync "staff" {
  source {
    from  = source.csv.exports
    table = "staff"
  }

  destination {
    into       = destination.postgres.timetable
    table      = "staff"
    key        = ["number"]
    owns_table = true
  }

  columns {
    number = row.number
    name   = upper(row.name)
    email  = row.email
  }

  lifecycle {
    on_missing = "delete"
  }
}
