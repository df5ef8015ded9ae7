-- The destination as it was before the plan.

CREATE SCHEMA timetable;

CREATE TABLE timetable.building (
  site    varchar(3) NOT NULL,
  code    varchar(3) NOT NULL,
  name    varchar(60) NOT NULL,
  opened  date,
  surface numeric(9, 2),
  PRIMARY KEY (site, code)
);

CREATE TABLE timetable.student (
  id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code       varchar(8) NOT NULL UNIQUE,
  last_name  varchar(40) NOT NULL,
  first_name varchar(40) NOT NULL,
  birth_date date,
  email      varchar(100),
  fees       numeric(8, 2),
  group_code varchar(10),
  origin     varchar(20) NOT NULL,
  created_on timestamptz(0) NOT NULL,
  updated_on timestamptz(0),
  deleted_on timestamptz(0)
);

-- M was renamed, P is new, and the annex is gone.
INSERT INTO timetable.building VALUES
  ('C1', 'L', 'Bâtiment des Lettres', '1957-10-01', 12450.00),
  ('C1', 'M', 'Maison de la recherche en SHS', '1999-09-06', 5210.75),
  ('C1', 'X', 'Annexe', NULL, 800.00),
  ('C2', 'S', 'Bâtiment des Sciences', '1963-10-01', 18900.00);

-- 22100003 has lost an address, 22100004 has resigned, 22100005 is new; somebody
-- moved 22100002 to another group, which stays so.
INSERT INTO timetable.student (code, last_name, first_name, birth_date, email, fees, group_code, origin, created_on) VALUES
  ('22100001', 'AUBERT', 'Lucie', '2005-02-17', 'lucie.aubert@etu.univ-exemple.fr', 175.00, 'HI1-A', 'APOGEE-12', '2026-07-15 06:00:00+02'),
  ('22100002', 'BAKKALI', 'Nadia', '2004-11-30', 'nadia.bakkali@etu.univ-exemple.fr', 175.00, 'HI1-B', 'APOGEE-12', '2026-07-15 06:00:00+02'),
  ('22100003', 'COËFFIC', 'Erwan', '2005-07-04', 'erwan.coeffic@example.org', 0.00, 'HI1-B', 'APOGEE-12', '2026-07-15 06:00:00+02'),
  ('22100004', 'DESCHAMPS', 'Hugo', '2003-05-21', 'hugo.deschamps@etu.univ-exemple.fr', 175.00, 'HI1-A', 'APOGEE-12', '2026-07-15 06:00:00+02');

-- 22200002 pays less, 22200003 is back after a year, 22200004 is new, and
-- 22200009 is a guest whom somebody entered by hand: not ours.
INSERT INTO timetable.student (code, last_name, first_name, birth_date, email, fees, group_code, origin, created_on, deleted_on) VALUES
  ('22200001', 'FONTAINE', 'Léo', '2004-01-26', 'leo.fontaine@etu.univ-exemple.fr', 175.00, 'MA1-A', 'APOGEE-25', '2026-07-15 06:00:00+02', NULL),
  ('22200002', 'GARNIER', 'Inès', '2005-12-12', 'ines.garnier@etu.univ-exemple.fr', 175.00, 'MA1-B', 'APOGEE-25', '2026-07-15 06:00:00+02', NULL),
  ('22200003', 'HOARAU', 'Mathis', '2004-08-03', 'mathis.hoarau@etu.univ-exemple.fr', 175.00, NULL, 'APOGEE-25', '2024-07-15 06:00:00+02', '2025-07-15 06:00:00+02'),
  ('22200009', 'INVITÉ', 'Sam', NULL, NULL, NULL, NULL, 'MANUAL', '2026-07-20 09:12:31+02', NULL);
