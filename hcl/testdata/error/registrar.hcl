registrar {
  required_version = ">= 2.0" # ERROR: Unsuitable version
  plan_ttl         = "soon" # ERROR: Invalid value
  timezone         = "Europe/Pariss" # ERROR: Invalid value
  colour           = true # ERROR: Unsupported argument
}
