# When tasks may start, each in its own period, on its own days, at its own hours. A
# task that has started is finished. registrar serve runs them; the university's own
# scheduler can do so, too, with registrar run.

schedule "weekly" {
  timezone = "Europe/Paris"
  at       = ["05:00"]

  window {
    days = ["mon"]
  }
}

schedule "nightly" {
  timezone = "Europe/Paris"
  at       = ["02:30"]

  active {
    from  = "2026-08-31"
    until = "2027-07-13"
  }

  except "reorganisation of the database" {
    days = ["sun"]
  }
}

schedule "every_two_hours" {
  timezone = "Europe/Paris"
  every    = "2h"

  active {
    from  = "2026-08-24"
    until = "2027-07-31"
  }

  window {
    days  = ["mon-fri"]
    hours = "06:00-20:00"
  }
}

# Before the payroll office begins, when the nightly tasks are over.
schedule "before_payroll" {
  timezone = "Europe/Paris"
  at       = ["06:30"]

  window {
    days = ["mon-fri"]
  }

  except "closing of the accounts" {
    from  = "2026-12-18"
    until = "2027-01-04"
  }
}

notify "email" "scolarite" {
  on   = ["failure", "held", "findings", "recovered"]
  to   = ["emplois-du-temps@univ-exemple.fr"]
  smtp = "smtp://mail.univ-exemple.fr:587"
}
