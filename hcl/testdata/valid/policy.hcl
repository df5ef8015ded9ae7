registrar {
  timezone         = "Europe/Paris"
  trusted_keys     = ["ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo", "ed25519:PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="]
  require_approval = 2
  sensitive        = "all"
  limits {
    plan_timeout      = "30m"
    statement_timeout = "5m"
    max_rows          = 5000000
  }
}

locals { frozen = ["fri", "sat", "sun"] }

faculty "hss" { name = "Humanities" }

faculty "law" { name = "Law" }

destination "sqlite" "open" {
  path      = "open.db"
  sensitive = []
}

sync "rooms" {
  for_each = faculty
  faculty  = each.value
  source {
    from  = source.csv.rooms
    table = "rooms"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.code }
}

sync "campus" {
  source {
    from  = source.csv.rooms
    table = "campus"
  }
  destination {
    into       = destination.sqlite.open
    table      = "campus"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
}

# The name of a sync, and of a policy, may be the same.
policy "rooms" {
  condition  = plan.month != 9 || plan.deletions == 0
  message    = "${plan.deletions} deletions on ${plan.date}: nothing is deleted in September"
  on_failure = "stop"
}

policy "share" {
  for_each  = faculty
  faculty   = each.value
  condition = plan.live_rows == 0 || plan.deletions / plan.live_rows <= 0.05
  message   = "${each.value.name}: ${plan.count.delete} of ${plan.live_rows} rows would be deleted"
}

policy "named" {
  syncs      = [sync.rooms["law"], sync.campus]
  condition  = plan.faculty["hss"].changes + plan.faculty.law.count["insert"] < 10 && plan.sync["sync.rooms[\"law\"]"].rejected == 0
  message    = "too much on a ${plan.weekday}, at ${plan.hour}"
  on_failure = "warn"
}

policy "each" {
  condition = !contains(local.frozen, plan.weekday) || max([for f in plan.faculty : f.deletions]...) == 0
  message   = "no deletions on ${join(", ", local.frozen)}"
}
