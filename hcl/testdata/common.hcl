# Added to every case that is a single file.
source "csv" "rooms" { directory = "data" }
destination "sqlite" "timetable" { path = "timetable.db" }
