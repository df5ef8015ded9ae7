campus = "west"
campsu = "west" # WARNING: Value for undeclared variable
lost = 1 # WARNING: Value for undeclared variable
