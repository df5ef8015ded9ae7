registrar {
  timezone = "Europe/Paris"
  atomic   = "faculty"
  retry {
    attempts = 6
    wait     = "1m"
    max_wait = "30m"
  }
  service {
    runs_per_destination = 2
    active { until = "2040-07-31" }
    window {
      days  = ["mon-sat"]
      hours = "05:00-23:00"
    }
    # Exceptions may overlap: the first is named.
    except "backups" { hours = "12:00-12:30" }
    except "lunch" { hours = "12:15-13:00" }
  }
}

# Over already: no clock is looked at.
schedule "last_year" {
  every = "15m"
  active { until = "2020-07-31" }
}

schedule "leap" { cron = "0 6 29 2 *" }
