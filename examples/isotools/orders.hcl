# The ERP exports the orders that it is working on: one that is missing is done with, and
# stays in the shop as it was last.
sync "orders" {
  schedule = schedule.orders
  notify   = [notify.email.shop]

  source {
    from  = source.csv.erp
    table = "orders"
  }

  destination {
    into       = destination.sqlite.shop
    table      = "purchase"
    key        = ["number"]
    owns_table = true
  }

  columns {
    number      = trim(row.COMMANDE)
    customer_id = lookup("customer", "id", { number = trim(row.CLIENT), origin = "ERP" })
    ordered_on  = to_date(row.DATE, "DD/MM/YYYY")
    state       = { P = "paid", E = "sent", L = "delivered", A = "cancelled" }[row.ETAT]
    amount      = row.MONTANT
  }

  lifecycle {
    on_missing = "keep"
  }

  guard {
    max_reject = 2 # orders of customers whom the night has yet to bring
  }
}
