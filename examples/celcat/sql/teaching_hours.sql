-- Hours taught, by person, week and category; not those of people typed in by hand,
-- whom the payroll office does not know.
SELECT s.code AS staff_code, e.academic_year, e.week, c.code AS category, sum(e.hours) AS hours
FROM event AS e
JOIN event_staff AS x ON x.event_id = e.id
JOIN staff AS s ON s.id = x.staff_id
JOIN event_category AS c ON c.id = e.category_id
WHERE s.origin <> :origin
GROUP BY s.code, e.academic_year, e.week, c.code
