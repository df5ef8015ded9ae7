-- On the platform, after the first night: a teacher opens the course AN-10A, makes a
-- group in it, and enrols by hand, for a limited time, a student who is away on exchange.
UPDATE course SET visible = TRUE WHERE idnumber = 'AN-10A';

INSERT INTO enrol (course_id, enrol, role)
SELECT id, 'manual', 'student' FROM course WHERE idnumber = 'AN-10A';

INSERT INTO user_enrolment (enrol_id, account_id, status, time_start, time_end)
SELECT e.id, a.id, 0, '2026-09-08 10:00:00', '2026-12-31 23:59:00'
FROM enrol e
JOIN course c ON c.id = e.course_id
CROSS JOIN account a
WHERE e.enrol = 'manual' AND c.idnumber = 'AN-10A' AND a.username = '29910004';

INSERT INTO course_group (course_id, name)
SELECT id, 'Exposés d''octobre' FROM course WHERE idnumber = 'AN-10A';

INSERT INTO group_member (group_id, account_id)
SELECT g.id, a.id FROM course_group g CROSS JOIN account a
WHERE g.name = 'Exposés d''octobre' AND a.username IN ('29910001', '29910004');
