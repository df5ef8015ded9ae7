registrar {
  required_version = "new" # ERROR: Invalid value
  plan_ttl         = "5s" # ERROR: Invalid value
  timezone         = "Local" # ERROR: Invalid value
}
