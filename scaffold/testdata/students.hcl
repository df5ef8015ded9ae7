# From source.csv.apogee, table "individus", to destination.postgres.timetable, table "tt.student". Written by registrar scaffold by comparing names and types.
# 5 things are in doubt: look for the comments "doubt:", correct what is not so, and take the comments out.

sync "students" {
  faculty   = faculty.hss
  sensitive = ["last_name", "first_name", "birth_date", "e-mail", "ine"]

  source {
    from  = source.csv.apogee
    table = "individus"
  }

  destination {
    into  = destination.postgres.timetable
    table = "tt.student"
    key   = ["code"]
    # doubt: origin says where a row comes from: what stands there in the rows of this source?
    scope = { origin = "APOGEE-hss" }
  }

  columns {
    # doubt: code: it may be "COD_IND" as well as COD_ETU
    code = row.COD_ETU
    # doubt: last_name: LIB_NOM_PAT_IND has values of 5 characters, and 4 fit: such rows are rejected
    last_name  = row.LIB_NOM_PAT_IND
    first_name = row.LIB_PR1_IND
    birth_date = to_date(row.DATE_NAI_IND, "DD/MM/YYYY")
    # doubt: department_id: what stands in origin of the rows of "tt.faculty" that are meant?
    department_id = lookup("tt.faculty", "id", { origin = "APOGEE-hss", code = row.COD_CMP })
    is_active     = { O = true, N = false }[row.TEM_ACTIF]
    column "e-mail" {
      value = row["ADR MAIL"]
    }
    ine     = row.COD_NNE_IND
    credits = to_number(row.NBR_CRD, true)
    # doubt: colour (text) must have a value, and no column of the source looks like it: map a column of the source, or write a constant
    # colour = row.
  }

  lifecycle {
    on_missing = "archive"
    archive    = { is_deleted = true }
    restore    = { is_deleted = false }
    archived   = dest.is_deleted
    stamps     = { created_at = "insert", updated_at = "update" }
  }
}

# Columns of the source that nothing is made of: "COD_IND", "DAA_ENT_ETB"
