-- One row per session and teacher. It is text that SQL Server 2005 understands, too, but
-- for the types of the timetable's own columns.
SELECT s.session_guid, t.staff_code, s.subject, s.session_date, s.start_time, s.end_time,
       s.hours, s.is_cancelled, s.changed_at
FROM dbo.timetable_session AS s
JOIN dbo.timetable_session_staff AS t ON t.session_guid = s.session_guid
WHERE s.session_date >= :since
