# Written by registrar import-config celcat from CTSyncConfig.xml. All of it is comment: it loads, and does nothing.
#
# The layout of CTSyncConfig.xml is not documented, and nothing is known of it here. So this could not be told, and is yours to say:
# - which element means what: values are shown by the path at which they stand in the file;
# - the connections: write source and destination blocks (docs/providers.md), and passwords as sensitive variables;
# - the destination's table, its key and columns, and the origin that marks the task's rows: see scope;
# - what becomes of rows that the query no longer returns: see on_missing.
# What was told is told by content: texts that begin with SELECT or WITH, and values that look like days, hours, weekdays or intervals.
# registrar scaffold writes a sync's columns once both connections are there.

# Configuration/Taches/Tache[1]/Requete
#
# sync "etudiants_hss" {
#   source {
#     from = source.….…
#     query = <<SQL
# SELECT COD_ETU, LIB_NOM_PAT_IND
# FROM APOGEE.INDIVIDU
# WHERE COD_CMP = '$${12}'
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
#   Configuration/Taches/Tache[1]/DateDebut = 01/09/2026 # a day: active { from, until }
#   Configuration/Taches/Tache[1]/DateFin = 31/08/2027 # a day: active { from, until }
#   Configuration/Taches/Tache[1]/Jours = lundi, mardi, jeudi # a weekday: window { days }
#   Configuration/Taches/Tache[1]/Frequence = 2 heures # an interval: every
#   Configuration/Taches/Tache[1]/TableCible = CT_STUDENT # a table's name

# Configuration/Taches/Tache[2]/RequeteAjout
#
# sync "salles" {
#   source {
#     from = source.….…
#     queries {
#       # Configuration/Taches/Tache[2]/RequeteAjout
#       insert = <<SQL
# SELECT COD_SAL FROM SALLE WHERE D_CREATION > SYSDATE - 1
# SQL
#       # Configuration/Taches/Tache[2]/RequeteModification
#       update = <<SQL
# SELECT COD_SAL, LIB_SAL FROM SALLE
# SQL
#       # Configuration/Taches/Tache[2]/RequeteSuppression
#       delete = <<SQL
# SELECT COD_SAL FROM SALLE_SUPPRIMEE
# SQL
#     }
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
#     on_missing = "…" # archive or delete
#   }
# }

# The rest of the file, as PATH = VALUE:
# comment() = An invented layout: elements.
# Configuration/Service/HeureDebut = 06:00
# Configuration/Service/HeureFin = 20:00
# Configuration/Service/IntervalleDeclenchement = 15
# Configuration/Service/Courriel/Serveur = mail.example.org
# Configuration/Service/Courriel/MotDePasse = (masked)
# Configuration/Connexion = (masked)
# Configuration/Taches/Tache[1]/Nom = Étudiants HSS
# Configuration/Taches/Tache[1]/Origine = APOGEE
# Configuration/Taches/Tache[1]/DateDebut = 01/09/2026
# Configuration/Taches/Tache[1]/DateFin = 31/08/2027
# Configuration/Taches/Tache[1]/Jours = lundi, mardi, jeudi
# Configuration/Taches/Tache[1]/Frequence = 2 heures
# Configuration/Taches/Tache[1]/TableCible = CT_STUDENT
# Configuration/Taches/Tache[2]/Nom = Salles
