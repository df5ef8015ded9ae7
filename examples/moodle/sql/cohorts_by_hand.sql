SELECT m.cohortid, c.name, u.username, FROM_UNIXTIME(m.timeadded) AS since
FROM mdl_cohort_members m
JOIN mdl_cohort c ON c.id = m.cohortid
JOIN mdl_user u ON u.id = m.userid
WHERE c.component = ''
  AND u.deleted = 0
