# Component, level, step: each category stands in its parent, which may be new too.
sync "categories" {
  source {
    from   = source.sqlite.refer
    query  = "${local.refer}${file("sql/categories.sql")}"
    params = { today = var.today }
  }

  destination {
    into  = destination.sqlite.ecampus
    table = "course_category"
    key   = ["idnumber"]
    scope = { origin = "APOGEE" }
  }

  columns {
    idnumber  = row.CODE
    name      = row.LIBELLE
    parent_id = lookup("course_category", "id", { idnumber = row.PARENT }) # NULL for a component
  }

  lifecycle {
    on_missing = "archive"
    archive    = { visible = false, archived_on = now() }
    restore    = { visible = true, archived_on = null }
  }

  schedule = schedule.nightly
  notify   = [notify.email.platform]
}

# A course for every element that is not carried by another one.
sync "courses" {
  source {
    from   = source.sqlite.refer
    query  = "${local.refer}${file("sql/courses.sql")}"
    params = { today = var.today }
  }

  destination {
    into  = destination.sqlite.ecampus
    table = "course"
    key   = ["idnumber"]
    scope = { origin = "APOGEE" } # courses made by hand are left alone
  }

  columns {
    idnumber    = row.COD_ELP
    fullname    = "(${row.COD_ELP}) ${row.LIB_ELP}"
    shortname   = "${row.COD_ELP}-${row.LIB_ELP}"
    category_id = lookup("course_category", "id", { idnumber = row.COD_ETP })
    visible     = false # until the teachers open it
  }

  # A code that is gone: the course moves to the category of archives, under another name.
  # When the code is back, so is the course, with all that is in it: the category and the
  # names are those of its element again.
  lifecycle {
    on_missing = "archive"
    archive = {
      category_id = var.archives
      fullname    = "[Archive] ${dest.fullname}"
      shortname   = "ARCHIVE-${dest.shortname}"
      archived_on = now()
    }
    restore        = { archived_on = null }
    stamps         = { created_on = "insert", updated_on = "update" }
    ignore_changes = ["visible"] # written once, then the teachers' own choice
  }

  guard {
    min_source_rows  = 5
    min_source_ratio = "80%"
  }

  schedule = schedule.nightly
  notify   = [notify.email.platform]
}

# How users came into a course is on the enrolment: by the method "database" those that
# come from here. Other methods, "manual" among them, belong to the teachers.
sync "methods" {
  source {
    from   = source.sqlite.refer
    query  = "${local.refer}${file("sql/methods.sql")}"
    params = { today = var.today }
  }

  destination {
    into  = destination.sqlite.ecampus
    table = "enrol"
    key   = ["name"]
    scope = { enrol = "database" }
  }

  columns {
    name      = "${row.COD_ELP} ${row.ROLE}"
    course_id = lookup("course", "id", { idnumber = row.COD_ELP })
    role      = row.ROLE
  }

  lifecycle {
    on_missing = "archive"
    archive    = { disabled_on = now() }
    restore    = { disabled_on = null }
  }

  schedule = schedule.nightly
  notify   = [notify.email.platform]
}
