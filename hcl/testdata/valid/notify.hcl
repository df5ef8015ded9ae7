variable "hook" {
  default   = "hooks/1"
  sensitive = true
}
notify "email" "office" {
  on     = ["failure", "held", "findings", "rejects", "recovered", "changes", "every"]
  to     = ["office@example.org", "Registry <registry@example.org>"]
  smtp   = "smtp://registrar:p%40ss@mail.example.org"
  from   = "registrar@example.org"
  repeat = "2d"
}
notify "email" "implicit" {
  on     = ["failure"]
  to     = ["office@example.org"]
  smtp   = "smtps://mail.example.org"
  repeat = "0s"
}
notify "email" "here" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://u:p@[::1]:25"
}
notify "email" "here_encrypted" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://localhost:2525?tls=required"
}
notify "webhook" "chat" {
  on      = ["failure"]
  url     = "https://chat.example.org/${var.hook}"
  format  = "mattermost"
  headers = { Authorization = "Bearer ${var.hook}" }
  timeout = "30s"
}
notify "webhook" "here" {
  on  = ["every"]
  url = "http://127.0.0.1:8065/hooks/1"
}
