# What the broken file may declare is not complained about, what it cannot is.
locals {
  a = var.lost
  b = local.lost
  c = faculty.lost
  d = schedule.lost
  e = notify.email.lost # ERROR: Undeclared notify
  f = notify.directory.x
  g = faculty
  h = destination.csv.lost
  i = var.nowhere # ERROR: Undeclared variable
}
