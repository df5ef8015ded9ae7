# The course keeps its content, its groups and its enrolments under its new code. Once
# carried out, these blocks do nothing, and can be taken out again.

moved {
  sync = sync.courses
  from = "AN-10A"
  to   = "AN-10B"
}

moved {
  sync = sync.methods
  from = "AN-10A student"
  to   = "AN-10B student"
}

moved {
  sync = sync.methods
  from = "AN-10A teacher"
  to   = "AN-10B teacher"
}
