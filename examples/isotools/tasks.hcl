# The list of tasks: when each runs, and who is told. registrar schedule export writes
# them for the Task Scheduler of Windows, and registrar schedule next shows what comes.

schedule "stock" {
  every = "15m"

  window {
    days  = ["mon-sat"]
    hours = "06:00-20:00"
  }
}

schedule "orders" {
  every = "1h"

  window {
    hours = "06:00-22:00"
  }
}

schedule "customers" {
  at = ["02:00"]

  except "backup of the shop" {
    days  = ["sun"]
    hours = "01:00-03:00"
  }
}

# Nothing is sent of a run that went well: neither "changes" nor "every" is listed.
notify "email" "shop" {
  on   = ["failure", "held", "rejects", "recovered"]
  to   = ["boutique@univ-exemple.fr"]
  smtp = "smtp://mail.univ-exemple.fr:587"
}
