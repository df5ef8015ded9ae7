SELECT m.group_code, m.login, extract(epoch FROM m.since)::bigint AS since
FROM portal.course_group_member AS m
JOIN portal.course_group AS g ON g.code = m.group_code
WHERE g.closed_on IS NULL
