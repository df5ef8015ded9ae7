SELECT g.code AS group_code, g.size, r.code AS room_code, r.seats
FROM group_room AS x
JOIN student_group AS g ON g.id = x.group_id
JOIN room AS r ON r.id = x.room_id
WHERE x.preference = 'fixed'
  AND g.size > r.seats
ORDER BY g.code, r.code
