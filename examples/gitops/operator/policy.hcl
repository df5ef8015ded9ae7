# The operators' policy: on the runner that plans and applies, not in the repository, which would
# otherwise review itself. Here for the example only. A file variable of GitLab, or a file of the
# runner's, and REGISTRAR_POLICY with its path.

# The key of the job that plans on the main branch signs what the job that applies accepts.
trusted_keys     = ["ed25519:PUBLIC_KEY_OF_THE_PIPELINE"]
require_approval = 1

# Masked keys of one plan can be told from one another.
pseudonyms = true

limits {
  plan_timeout = "1h"
  max_rows     = 2000000
}

connect "source.csv.exports" {
  paths = ["exports"]

  show {
    table   = "rooms_hss"
    columns = ["*"]
  }

  show {
    table   = "rooms_sci"
    columns = ["*"]
  }
}

connect "destination.postgres.timetable" {
  hosts     = ["timetable-db.example.org:5432"]
  databases = ["timetable"]
  secrets   = ["timetable_url"]

  show {
    table   = "room"
    columns = ["code", "name", "seats", "faculty"]
  }
}
