registrar {
  timezone = "Europe/Paris"
  service {
    window { hours = "06:00-20:00" }
    except "Sundays" { days = ["sun"] }
  }
}
schedule "no_such_day" { cron = "0 12 30 2 *" } # WARNING: Schedule never runs
schedule "window" { # WARNING: Schedule never runs
  cron = "0 12 * * 1"
  window { days = ["sat", "sun"] }
}
schedule "year" { # WARNING: Schedule never runs
  cron = "0 12 1 8 *"
  active {
    from  = "2026-09-01"
    until = "2027-07-31"
  }
}
schedule "exception" { # WARNING: Schedule never runs
  at = ["12:00"]
  except "noon" { hours = "11:30-12:30" }
}
# Made up for at 12:31.
schedule "caught_up" {
  at       = ["12:00"]
  catch_up = "last"
  except "noon" { hours = "11:30-12:30" }
}
schedule "service_window" { at = ["02:00"] } # WARNING: Schedule never runs
schedule "service_exception" { cron = "0 12 * * sun" } # WARNING: Schedule never runs
# At 02:00 in another zone it is another time.
schedule "elsewhere" {
  timezone = "America/New_York"
  at       = ["02:00"]
}
schedule "part" { # nothing at 23:00, but at 12:00
  at = ["12:00", "23:00"]
}
