# Rules over what a plan would do, as everybody can read them in the repository. What the operators
# do not leave to the repository is in operator/policy.hcl.

policy "september" {
  condition = plan.month != 9 || plan.deletions == 0
  message   = "In September groups are still being formed: ${plan.deletions} deletions wait until October."
}

policy "faculty_size" {
  for_each = faculty
  faculty  = each.value

  condition  = plan.count.delete <= 50
  message    = "${plan.count.delete} rows of one faculty would be deleted; 50 are usual at most."
  on_failure = "hold"
}

policy "friday" {
  condition  = plan.weekday != "fri" || plan.changes <= 1000
  message    = "${plan.changes} changes on a Friday: nobody is there to look at them on Saturday."
  on_failure = "warn"
}
