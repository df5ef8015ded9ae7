-- What the configuration reads, for a SQL Server to try it on: tables in the manner of
-- CELCAT Timetabler's. All sessions are invented.

CREATE TABLE dbo.timetable_session (
  session_guid uniqueidentifier NOT NULL PRIMARY KEY,
  subject      varchar(60) NOT NULL,
  session_date date NOT NULL,
  start_time   datetime NOT NULL, -- on 1899-12-30, as CELCAT writes clocks
  end_time     datetime NOT NULL,
  hours        decimal(5, 2) NOT NULL,
  is_cancelled bit NOT NULL DEFAULT 0,
  changed_at   datetimeoffset(3) NOT NULL
);

CREATE TABLE dbo.timetable_session_staff (
  session_guid uniqueidentifier NOT NULL REFERENCES dbo.timetable_session (session_guid),
  staff_code   char(8) NOT NULL,
  PRIMARY KEY (session_guid, staff_code)
);

INSERT INTO dbo.timetable_session (session_guid, subject, session_date, start_time, end_time, hours, is_cancelled, changed_at) VALUES
  ('6f9619ff-8b86-d011-b42d-00c04fc964ff', 'Histoire médiévale', '2026-09-07', '1899-12-30 08:30:00', '1899-12-30 10:00:00', 1.50, 0, '2026-09-01 10:00:00.250 +02:00'),
  ('0e984725-c51c-4bf4-9960-e1c80e27aba0', 'Algèbre linéaire', '2026-09-07', '1899-12-30 10:15:00', '1899-12-30 12:15:00', 2.00, 0, '2026-09-01 10:05:00.000 +02:00'),
  ('10000000-0000-4000-8000-000000000003', 'Géographie de l''Œuvre', '2026-09-08', '1899-12-30 14:00:00', '1899-12-30 17:20:00', 3.33, 1, '2026-09-02 09:00:00.000 +02:00');

INSERT INTO dbo.timetable_session_staff (session_guid, staff_code) VALUES
  ('6f9619ff-8b86-d011-b42d-00c04fc964ff', 'H1005'),
  ('6f9619ff-8b86-d011-b42d-00c04fc964ff', 'H1012'),
  ('0e984725-c51c-4bf4-9960-e1c80e27aba0', 'S2006'),
  ('10000000-0000-4000-8000-000000000003', 'H1005');
