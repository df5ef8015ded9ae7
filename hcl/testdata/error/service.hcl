registrar {
  atomic = "faculties" # ERROR: Invalid value
  retry {
    attempts = 0 # ERROR: Invalid value
    wait     = "10ms" # ERROR: Invalid value
    max_wait = "2d" # ERROR: Invalid value
    pause    = "1s" # ERROR: Unsupported argument
  }
  retry {} # ERROR: Duplicate block
  service {
    timezone             = "Europe/Pari" # ERROR: Invalid value
    runs_per_destination = 0 # ERROR: Invalid value
    active {} # ERROR: Missing required argument
    active {
      from  = "2026-09-01"
      until = "2026-08-31" # ERROR: Invalid value
    }
    window { hours = "6-20" } # ERROR: Invalid value
    except {} # ERROR: Missing label
    except "nothing" {} # ERROR: Missing required argument
    window "nights" { hours = "22:00-06:00" } # ERROR: Extraneous label
  }
}
