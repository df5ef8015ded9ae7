faculty "law" { cod = "1" } # ERROR: Unsupported argument
