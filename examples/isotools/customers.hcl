sync "customers" {
  schedule  = schedule.customers
  notify    = [notify.email.shop]
  sensitive = ["name", "email"]

  source {
    from  = source.csv.erp
    table = "customers"
  }

  destination {
    into  = destination.sqlite.shop
    table = "customer"
    key   = ["number"]
    scope = { origin = "ERP" } # who registered on the site is the site's
  }

  columns {
    number = trim(row.NUMERO)
    name   = trim(row.NOM)
    email  = lower(trim(row.COURRIEL))
    town   = title(lower(trim(row.VILLE)))
  }

  lifecycle {
    on_missing = "archive"
    archive    = { closed_on = now() }
  }
}
