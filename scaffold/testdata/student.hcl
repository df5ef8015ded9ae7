# From source.sqlite.register, table "les étudiants", to destination.sqlite.timetable, table "student". Written by registrar scaffold by comparing names and types.
# 3 things are in doubt: look for the comments "doubt:", correct what is not so, and take the comments out.

sync "student" {
  sensitive = ["name", "mail"]

  source {
    from  = source.sqlite.register
    table = "les étudiants"
  }

  destination {
    into  = destination.sqlite.timetable
    table = "student"
    # doubt: no unique index of the table is mapped whole; if this key is right, its owner runs: CREATE UNIQUE INDEX "student_code" ON "student" ("code")
    key = ["code"]
    # The table is empty, so that no row is somebody else's.
    owns_table = true
  }

  columns {
    code = row["Code\n}"]
    name = row["Nom $${"]
    # doubt: mail: it may be "COURRIEL" as well as E_MAIL
    mail = row.E_MAIL
    # doubt: day: DAT is text, and not all of it is a date such as 2026-09-01: others are rejected; to_date(row.DAT, "DD/MM/YYYY") reads another form
    day = date(row.DAT)
  }
}

# Columns of the source that nothing is made of: "COURRIEL", "X", "x2", "ETA"
# Columns of the destination that are left to others, or to their defaults: "number"
