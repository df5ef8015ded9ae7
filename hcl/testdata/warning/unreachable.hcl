schedule "nightly" {
  at = ["02:30", "23:00"] # WARNING: Time outside of the windows
  window { hours = "22:00-02:00" }
}
