# Written by registrar import-config celcat from CTSyncConfig.xml. All of it is comment: it loads, and does nothing.
#
# The layout of CTSyncConfig.xml is not documented, and nothing is known of it here. So this could not be told, and is yours to say:
# - which element means what: values are shown by the path at which they stand in the file;
# - the connections: write source and destination blocks (docs/providers.md), and passwords as sensitive variables;
# - the destination's table, its key and columns, and the origin that marks the task's rows: see scope;
# - what becomes of rows that the query no longer returns: see on_missing.
# What was told is told by content: texts that begin with SELECT or WITH, and values that look like days, hours, weekdays or intervals.
# registrar scaffold writes a sync's columns once both connections are there.

# config/task[1]
#
# sync "groups" {
#   source {
#     from = source.….…
#     query = <<SQL
# WITH g AS (SELECT 1 AS x FROM DUAL) SELECT * FROM g
# SQL
#   }
#
#   destination {
#     into  = destination.….…
#     table = "…"
#     key   = ["…"]
#     scope = { … = "…" } # the origin of the task
#   }
#
#   columns {
#     … = row.…
#   }
#
#   lifecycle {
#     on_missing = "…" # archive or delete: a general query did all three
#   }
# }
#
# In the same place there are, by their looks (times belong into a schedule block):
#   config/task[1]/@monday = true # a weekday: window { days }
#   config/task[1]/@sunday = false # a weekday: window { days }
#   config/task[1]/@start = 08:00 # an hour: window { hours }, or at
#   config/task[1]/@end = 18:30 # an hour: window { hours }, or at

# config/task[2]/sql[1]
#
# sync "links" {
#   source {
#     from = source.….…
#     query = "(masked: it may hold a password)"
#   }
#
#   destination {
#     into  = destination.….…
#     table = "…"
#     key   = ["…"]
#     scope = { … = "…" } # the origin of the task
#   }
#
#   columns {
#     … = row.…
#   }
#
#   lifecycle {
#     on_missing = "…" # archive or delete: a general query did all three
#   }
# }
#
# In the same place there are, by their looks (times belong into a schedule block):
#   config/task[2]/@tableName = dbo.CT_LINK # a table's name

# config/task[2]/sql[2]
#
# sync "links_2" {
#   source {
#     from = source.….…
#     query = <<SQL
# select b, password = 1 from groups
# SQL
#   }
#
#   destination {
#     into  = destination.….…
#     table = "…"
#     key   = ["…"]
#     scope = { … = "…" } # the origin of the task
#   }
#
#   columns {
#     … = row.…
#   }
#
#   lifecycle {
#     on_missing = "…" # archive or delete: a general query did all three
#   }
# }
#
# In the same place there are, by their looks (times belong into a schedule block):
#   config/task[2]/@tableName = dbo.CT_LINK # a table's name

# The rest of the file, as PATH = VALUE:
# config/@version = 2
# config/settings/add[1]/@key = smtpPassword
# config/settings/add[1]/@value = (masked)
# config/settings/add[2]/@key = log
# config/settings/add[2]/@value = C:\logs
# config/task[1]/@name = Groups
# config/task[1]/@kind = import
# config/task[1]/@monday = true
# config/task[1]/@sunday = false
# config/task[1]/@start = 08:00
# config/task[1]/@end = 18:30
# config/task[2]/@name = Links
# config/task[2]/@tableName = dbo.CT_LINK
