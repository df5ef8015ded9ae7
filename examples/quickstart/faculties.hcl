faculty "hss" {
  name     = "UFR Humanités et sciences sociales"
  code     = "12"
  schedule = schedule.working_hours
  notify   = [notify.email.scolarite]
}

faculty "sci" {
  name     = "UFR Sciences"
  code     = "25"
  schedule = schedule.working_hours
  notify   = [notify.email.scolarite]
}

# registrar serve runs the syncs at these times; the university's own scheduler can do so, too, with
# registrar run.
schedule "working_hours" {
  timezone = "Europe/Paris"
  every    = "15m"

  active {
    from  = "2026-09-01"
    until = "2027-09-30"
  }

  window {
    days  = ["mon-fri"]
    hours = "06:00-19:45"
  }

  except "weekly optimisation" {
    days  = ["wed"]
    hours = "12:00-13:00"
  }
}

notify "email" "scolarite" {
  on   = ["failure", "held", "findings", "recovered"]
  to   = ["scolarite@univ-exemple.fr"]
  smtp = "smtp://mail.univ-exemple.fr:587"
}
