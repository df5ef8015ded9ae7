source "csv" "known" { directory = "a" }
source "csv" "lost" { directory = # ERROR: Invalid expression
}
