-- The destination as it was before the plan, on PostgreSQL.

CREATE TABLE department (
  id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code varchar(6) NOT NULL UNIQUE,
  name varchar(60) NOT NULL
);

CREATE TABLE student (
  id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code          varchar(8) NOT NULL UNIQUE,
  last_name     varchar(40) NOT NULL,
  first_name    varchar(40) NOT NULL,
  birth_date    date,
  email         varchar(100),
  fees          numeric(8, 2),
  enrolled_at   timestamptz(0),
  department_id integer REFERENCES department,
  origin        varchar(20) NOT NULL,
  created_on    timestamptz(0) NOT NULL,
  updated_on    timestamptz(0),
  deleted_on    timestamptz(0)
);

INSERT INTO department (code, name) VALUES
  ('HIST', 'Département d''histoire'),
  ('MATH', 'Maths'); -- Apogée has its full name

-- 22600102 has another address now. 22600109 has left. 22600201 is right as it is.
-- Somebody entered a guest by hand: not ours.
INSERT INTO student (code, last_name, first_name, birth_date, email, fees, enrolled_at, department_id, origin, created_on) VALUES
  ('22600102', 'BENYAHIA', 'Nadia', '2005-11-30', 'nadia.b@example.org', 178, '2026-07-06 10:40:00+02', NULL, 'APOGEE-12', '2026-07-15 06:00:00+02'),
  ('22600109', 'DESCHAMPS', 'Hugo', '2003-05-21', NULL, 178, '2025-07-01 09:00:00+02', 1, 'APOGEE-12', '2025-07-15 06:00:00+02'),
  ('22600201', 'ŽUKAUSKAS', 'Léo', '2005-01-26', 'leo.zukauskas@etu.univ-exemple.fr', 170.50, '2026-01-12 08:30:00+01', 2, 'APOGEE-25', '2026-07-15 06:00:00+02'),
  ('22600900', 'INVITÉ', 'Sam', NULL, NULL, NULL, NULL, NULL, 'MANUAL', '2026-07-20 09:12:31+02');
