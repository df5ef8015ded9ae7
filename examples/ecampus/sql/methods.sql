-- Two methods of enrolment in every course: as a student, as a teacher.
SELECT c.cod_elp, r.role
FROM cours c
CROSS JOIN (SELECT 'student' AS role UNION ALL SELECT 'teacher') r
