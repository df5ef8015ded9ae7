# Fixed and preferred resources of groups and of subjects: four kinds of links, which
# differ by one word. module.links["hss"].module.resources["fixed"].sync.group_rooms
# is one of them.
module "resources" {
  source   = "../resource_links"
  for_each = { fixed = "F", preferred = "P" }

  preference = each.key
  nature     = each.value
  faculty    = var.faculty
  origin     = var.rules.origin
  registers  = var.registers
  timetable  = var.timetable
}
