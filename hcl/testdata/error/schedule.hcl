schedule "none" {} # ERROR: Missing required argument
schedule "two" {
  every = "1h"
  cron  = "0 * * * *" # ERROR: Conflicting arguments
}
schedule "odd" { every = "7m" } # ERROR: Invalid value
schedule "short" { every = "30s" } # ERROR: Invalid value
schedule "word" { every = "often" } # ERROR: Invalid value
schedule "clock" { at = ["2:30", "25:00", "24:00"] } # ERROR: Invalid value; ERROR: Invalid value; ERROR: Invalid value
schedule "never" { at = [] } # ERROR: Invalid value
schedule "seconds" { every = "90s" } # ERROR: Invalid value
schedule "six" { cron = "0 0 3 * * *" } # ERROR: Invalid value
schedule "fields" { cron = "* * * *" } # ERROR: Invalid value
schedule "range" { cron = "61 * * * *" } # ERROR: Invalid value
schedule "daily" { cron = "@daily" } # ERROR: Invalid value
schedule "zoned" { cron = "TZ=UTC * * * *" } # ERROR: Invalid value
schedule "details" {
  timezone = "Paris" # ERROR: Invalid value
  every    = "1h"
  jitter   = "2h" # ERROR: Invalid value
  catch_up = "perhaps" # ERROR: Invalid value
  active {} # ERROR: Missing required argument
  active {
    from  = "2026-09-31" # ERROR: Invalid value
  }
  active {
    from  = "2027-02-29" # ERROR: Invalid value
    until = "soon" # ERROR: Invalid value
  }
  active {
    from  = "2026-09-01"
    until = "2026-08-31" # ERROR: Invalid value
  }
  window {} # ERROR: Missing required argument
  window { days = ["mon-fry", "sunday"] } # ERROR: Invalid value; ERROR: Invalid value
  window { days = [] } # ERROR: Invalid value
  window { hours = "06:00" } # ERROR: Invalid value
  window { hours = "00:00-00:00" } # ERROR: Invalid value
  except {} # ERROR: Missing label
  except "nothing" {} # ERROR: Missing required argument
  except "dates" { dates = ["25.12.2026"] } # ERROR: Invalid value
  except "no dates" { dates = [] } # ERROR: Invalid value
  except "both" {
    dates = ["2026-12-25"]
    days  = ["sun"] # ERROR: Conflicting arguments
    from  = "2026-12-24" # ERROR: Conflicting arguments
  }
  except "backwards" {
    from  = "2026-12-24"
    until = "2026-12-23" # ERROR: Invalid value
  }
  windw {} # ERROR: Unsupported block type
}
schedule "bool" {
  every    = "1h"
  catch_up = true # ERROR: Invalid value
}
