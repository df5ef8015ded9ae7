-- payroll.db: what the payroll office's application lets others write. A row that
-- has been paid is never touched again.

CREATE TABLE teaching_hours (
  application   TEXT NOT NULL, -- who wrote the row
  staff_code    TEXT NOT NULL,
  academic_year INTEGER NOT NULL,
  week          INTEGER NOT NULL,
  category      TEXT NOT NULL,
  hours         NUMERIC(6, 2) NOT NULL,
  paid          BOOLEAN NOT NULL DEFAULT FALSE,
  created_on    TIMESTAMP,
  updated_on    TIMESTAMP,
  PRIMARY KEY (application, staff_code, academic_year, week, category)
);

INSERT INTO teaching_hours (application, staff_code, academic_year, week, category, hours, paid, created_on) VALUES
  ('TIMETABLE', 'H1001', 2025, 24, 'CM', 2, TRUE, '2026-06-15 05:00:02'),
  ('TIMETABLE', 'H1002', 2026, 37, 'TD', 1, FALSE, '2026-09-04 05:00:02'),
  ('TIMETABLE', 'S2001', 2026, 36, 'CM', 3, FALSE, '2026-09-04 05:00:02'),
  ('FORM', 'VAC01', 2026, 36, 'TD', 12, FALSE, NULL);
