-- The payroll office's table as it was before the plan, on PostgreSQL.

CREATE TABLE taught_hour (
  session    uuid NOT NULL,
  staff      varchar(8) NOT NULL,
  subject    varchar(60) NOT NULL,
  day        date NOT NULL,
  starts     time(0) NOT NULL,
  ends       time(0) NOT NULL,
  hours      numeric(5, 2) NOT NULL,
  cancelled  boolean NOT NULL,
  changed_at timestamptz(3),
  paid       boolean NOT NULL DEFAULT false,
  origin     varchar(20) NOT NULL,
  PRIMARY KEY (session, staff)
);

-- One was half an hour shorter, one is not in the timetable any more, one is neither but
-- paid, and one was entered by hand.
INSERT INTO taught_hour VALUES
  ('6f9619ff-8b86-d011-b42d-00c04fc964ff', 'H1005', 'Histoire médiévale', '2026-09-07', '08:30', '09:30', 1.00, false, '2026-08-30 08:00:00Z', false, 'CELCAT'),
  ('20000000-0000-4000-8000-000000000001', 'H1005', 'Histoire moderne', '2026-09-04', '08:30', '10:00', 1.50, false, '2026-08-30 08:00:00Z', false, 'CELCAT'),
  ('20000000-0000-4000-8000-000000000002', 'S2006', 'Analyse', '2026-09-04', '08:30', '10:00', 1.50, false, '2026-08-30 08:00:00Z', true, 'CELCAT'),
  ('20000000-0000-4000-8000-000000000003', 'H1005', 'Jury', '2026-09-03', '14:00', '16:00', 2.00, false, NULL, false, 'BY HAND');
