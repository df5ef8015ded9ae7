-- The names of a course begin with its code, so they tell when the code alone was
-- edited on the platform.
SELECT idnumber, shortname
FROM course
WHERE origin = 'APOGEE' AND archived_on IS NULL AND fullname NOT LIKE '(' || idnumber || ') %'
ORDER BY idnumber
