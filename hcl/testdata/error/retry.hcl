registrar {
  retry {
    attempts = 101 # ERROR: Invalid value
    wait     = "5m"
    max_wait = "1m" # ERROR: Invalid value
  }
  service = {} # ERROR: Unsupported argument
}
