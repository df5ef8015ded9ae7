sync "stock" {
  schedule = schedule.stock
  notify   = [notify.email.shop]

  source {
    from  = source.csv.erp
    table = "stock"
  }

  destination {
    into  = destination.sqlite.shop
    table = "product"
    key   = ["reference"]
    scope = { origin = "ERP" } # products that the shop alone has stay as they are
  }

  columns {
    reference = upper(trim(row.REFERENCE))
    name      = trim(row.DESIGNATION)
    quantity  = max(row.QUANTITE - row.RESERVE, 0) # more may be promised than there is
    price     = row.PRIX
    visible   = false
  }

  assert "has_price" {
    condition = row.PRIX != null && row.PRIX > 0
    message   = "product ${row.REFERENCE} has no price: it cannot be sold"
  }

  lifecycle {
    on_missing     = "archive"
    archive        = { withdrawn_on = now(), quantity = 0 }
    restore        = { withdrawn_on = null }
    ignore_changes = ["visible"] # the shop decides when a new product is shown
    stamps         = { updated_on = "update" }
  }

  guard {
    min_source_ratio = "80%" # the ERP is writing the file, or has stopped in the middle of it
    max_delete       = 2
    max_reject       = 2
  }
}
