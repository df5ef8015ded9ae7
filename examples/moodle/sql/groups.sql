SELECT g.code, g.name,
       extract(epoch FROM g.opened_at)::bigint AS opened,
       extract(epoch FROM g.changed_at)::bigint AS changed
FROM portal.course_group AS g
WHERE g.closed_on IS NULL
