# It may declare sync of_broken, and the variable maybe.
variable "maybe" { # ERROR: Unclosed configuration block
