notify "email" "clear" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://mail.example.org:25?tls=none" # WARNING: Messages in the clear
}
notify "webhook" "clear" {
  on  = ["failure"]
  url = "http://chat.example.org/hooks/1" # WARNING: Messages in the clear
}
