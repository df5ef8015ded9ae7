# The classifications that all faculties share. Each is a list of codes and names, and
# one module serves them all: module.lists["site"].sync.entries and so on.
module "lists" {
  source = "./modules/classification"

  for_each = {
    faculty        = { file = "faculties", adopt = false }
    site           = { file = "sites", adopt = true } # sites were typed in before
    room_type      = { file = "room_types", adopt = false }
    fixture        = { file = "fixtures", adopt = false }
    event_category = { file = "event_categories", adopt = false }
  }

  table     = each.key
  file      = each.value.file
  adopt     = each.value.adopt
  origin    = "UNIVERSITY"
  exports   = source.csv.exports
  timetable = destination.sqlite.timetable
  schedule  = schedule.weekly
}

# Departments, modules and supervisors of each faculty.
module "structure" {
  source   = "./modules/structure"
  for_each = faculty

  faculty   = each.value
  origin    = local.rules[each.key].origin
  exports   = source.csv.exports
  registers = source.sqlite.registers
  timetable = destination.sqlite.timetable
}

# The seven resources of each faculty, by its own rules.
module "resources" {
  source   = "./modules/resources"
  for_each = faculty

  faculty   = each.value
  rules     = local.rules[each.key]
  exports   = source.csv.exports
  registers = source.sqlite.registers
  timetable = destination.sqlite.timetable
}

# The eleven kinds of links.
module "links" {
  source   = "./modules/links"
  for_each = faculty

  faculty   = each.value
  rules     = local.rules[each.key]
  exports   = source.csv.exports
  registers = source.sqlite.registers
  timetable = destination.sqlite.timetable
}
