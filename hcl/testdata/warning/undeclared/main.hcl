variable "campus" { default = "east" }
