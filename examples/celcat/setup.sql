-- The timetable, timetable.db: what a product of the kind of CELCAT Timetabler
-- keeps. Every row has a number of its own (id) which nothing outside knows, and a
-- code that people and other systems use. The origin says which task, or which
-- person, a row belongs to; deleted_on marks it as archived.
--
-- The tables are in the state that earlier runs left, with what people typed in
-- since, under the origin MANUAL.

-- Eight classifications.

CREATE TABLE faculty (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE department (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  faculty_id INTEGER NOT NULL REFERENCES faculty (id),
  parent_id  INTEGER REFERENCES department (id),
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE event_category (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE site (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE room_type (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE fixture (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE module (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE supervisor (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  email      TEXT,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

-- Seven resources. status and visible are what the timetable's users see of a row.

CREATE TABLE subject (
  id            INTEGER PRIMARY KEY,
  code          TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL,
  department_id INTEGER REFERENCES department (id),
  colour        TEXT NOT NULL,
  locked        BOOLEAN NOT NULL DEFAULT FALSE, -- by the timetable office: no task touches it
  status        TEXT NOT NULL DEFAULT 'ACTIVE',
  visible       BOOLEAN NOT NULL DEFAULT TRUE,
  origin        TEXT NOT NULL,
  created_on    TIMESTAMP NOT NULL,
  updated_on    TIMESTAMP,
  deleted_on    TIMESTAMP
);

CREATE TABLE room (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  site_id    INTEGER NOT NULL REFERENCES site (id),
  seats      INTEGER,
  area       NUMERIC(7, 2),
  status     TEXT NOT NULL DEFAULT 'ACTIVE',
  visible    BOOLEAN NOT NULL DEFAULT TRUE,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

-- The code is one origin's own: two may call a group A1.
CREATE TABLE student_group (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL,
  name       TEXT NOT NULL,
  size       INTEGER NOT NULL DEFAULT 0, -- counted from group_student
  status     TEXT NOT NULL DEFAULT 'ACTIVE',
  visible    BOOLEAN NOT NULL DEFAULT TRUE,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP,
  UNIQUE (origin, code)
);

CREATE TABLE student (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  last_name  TEXT NOT NULL,
  first_name TEXT NOT NULL,
  birth_date DATE,
  email      TEXT,
  status     TEXT NOT NULL DEFAULT 'ACTIVE',
  visible    BOOLEAN NOT NULL DEFAULT TRUE,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE staff (
  id            INTEGER PRIMARY KEY,
  code          TEXT NOT NULL UNIQUE,
  last_name     TEXT NOT NULL,
  first_name    TEXT NOT NULL,
  email         TEXT NOT NULL,
  quota         NUMERIC(5, 2) NOT NULL,
  department_id INTEGER REFERENCES department (id),
  status        TEXT NOT NULL DEFAULT 'ACTIVE',
  visible       BOOLEAN NOT NULL DEFAULT TRUE,
  origin        TEXT NOT NULL,
  created_on    TIMESTAMP NOT NULL,
  updated_on    TIMESTAMP,
  deleted_on    TIMESTAMP
);

CREATE TABLE equipment (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  status     TEXT NOT NULL DEFAULT 'ACTIVE',
  visible    BOOLEAN NOT NULL DEFAULT TRUE,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE team (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  status     TEXT NOT NULL DEFAULT 'ACTIVE',
  visible    BOOLEAN NOT NULL DEFAULT TRUE,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

-- Eleven links. They bear no origin: a link belongs to whom its first column
-- belongs to. The four of fixed and preferred resources of groups and subjects are
-- six tables, one for each kind of resource, for the foreign keys' sake.

CREATE TABLE group_subgroup (
  group_id    INTEGER NOT NULL REFERENCES student_group (id),
  subgroup_id INTEGER NOT NULL REFERENCES student_group (id),
  PRIMARY KEY (group_id, subgroup_id)
);

CREATE TABLE group_student (
  group_id   INTEGER NOT NULL REFERENCES student_group (id),
  student_id INTEGER NOT NULL REFERENCES student (id),
  PRIMARY KEY (group_id, student_id)
);

CREATE TABLE team_staff (
  team_id     INTEGER NOT NULL REFERENCES team (id),
  staff_id    INTEGER NOT NULL REFERENCES staff (id),
  coordinator BOOLEAN NOT NULL,
  PRIMARY KEY (team_id, staff_id)
);

CREATE TABLE subject_module (
  subject_id INTEGER NOT NULL REFERENCES subject (id),
  module_id  INTEGER NOT NULL REFERENCES module (id),
  PRIMARY KEY (subject_id, module_id)
);

CREATE TABLE room_room_type (
  room_id      INTEGER NOT NULL REFERENCES room (id),
  room_type_id INTEGER NOT NULL REFERENCES room_type (id),
  PRIMARY KEY (room_id, room_type_id)
);

CREATE TABLE room_fixture (
  room_id    INTEGER NOT NULL REFERENCES room (id),
  fixture_id INTEGER NOT NULL REFERENCES fixture (id),
  quantity   INTEGER NOT NULL,
  PRIMARY KEY (room_id, fixture_id)
);

CREATE TABLE student_supervisor (
  student_id    INTEGER NOT NULL REFERENCES student (id),
  supervisor_id INTEGER NOT NULL REFERENCES supervisor (id),
  PRIMARY KEY (student_id, supervisor_id)
);

CREATE TABLE group_room (
  group_id   INTEGER NOT NULL REFERENCES student_group (id),
  room_id    INTEGER NOT NULL REFERENCES room (id),
  preference TEXT NOT NULL CHECK (preference IN ('fixed', 'preferred')),
  PRIMARY KEY (group_id, room_id, preference)
);

CREATE TABLE group_staff (
  group_id   INTEGER NOT NULL REFERENCES student_group (id),
  staff_id   INTEGER NOT NULL REFERENCES staff (id),
  preference TEXT NOT NULL CHECK (preference IN ('fixed', 'preferred')),
  PRIMARY KEY (group_id, staff_id, preference)
);

CREATE TABLE group_equipment (
  group_id     INTEGER NOT NULL REFERENCES student_group (id),
  equipment_id INTEGER NOT NULL REFERENCES equipment (id),
  preference   TEXT NOT NULL CHECK (preference IN ('fixed', 'preferred')),
  PRIMARY KEY (group_id, equipment_id, preference)
);

CREATE TABLE subject_room (
  subject_id INTEGER NOT NULL REFERENCES subject (id),
  room_id    INTEGER NOT NULL REFERENCES room (id),
  preference TEXT NOT NULL CHECK (preference IN ('fixed', 'preferred')),
  PRIMARY KEY (subject_id, room_id, preference)
);

CREATE TABLE subject_staff (
  subject_id INTEGER NOT NULL REFERENCES subject (id),
  staff_id   INTEGER NOT NULL REFERENCES staff (id),
  preference TEXT NOT NULL CHECK (preference IN ('fixed', 'preferred')),
  PRIMARY KEY (subject_id, staff_id, preference)
);

CREATE TABLE subject_equipment (
  subject_id   INTEGER NOT NULL REFERENCES subject (id),
  equipment_id INTEGER NOT NULL REFERENCES equipment (id),
  preference   TEXT NOT NULL CHECK (preference IN ('fixed', 'preferred')),
  PRIMARY KEY (subject_id, equipment_id, preference)
);

-- The timetable itself, which the timetable office makes and no task writes.

CREATE TABLE event (
  id            INTEGER PRIMARY KEY,
  subject_id    INTEGER NOT NULL REFERENCES subject (id),
  category_id   INTEGER NOT NULL REFERENCES event_category (id),
  room_id       INTEGER REFERENCES room (id),
  academic_year INTEGER NOT NULL, -- of its beginning: 2026 is 2026/2027
  week          INTEGER NOT NULL, -- of ISO 8601
  weekday       INTEGER NOT NULL, -- 1 is Monday
  starts_at     TIME NOT NULL,
  hours         NUMERIC(4, 2) NOT NULL
);

CREATE TABLE event_staff (
  event_id INTEGER NOT NULL REFERENCES event (id),
  staff_id INTEGER NOT NULL REFERENCES staff (id),
  PRIMARY KEY (event_id, staff_id)
);

-- What is there already.

INSERT INTO faculty (code, name, origin, created_on) VALUES
  ('12', 'UFR Humanités et sciences sociales', 'UNIVERSITY', '2025-08-25 06:00:01');

INSERT INTO department (code, name, faculty_id, origin, created_on) VALUES
  ('SHS', 'Sciences humaines', (SELECT id FROM faculty WHERE code = '12'), 'APOGEE-12', '2025-08-25 06:00:02');

-- REU is the timetable office's own.
INSERT INTO event_category (code, name, origin, created_on) VALUES
  ('CM', 'Cours magistral', 'UNIVERSITY', '2025-08-25 06:00:01'),
  ('TD', 'Travaux dirigés', 'UNIVERSITY', '2025-08-25 06:00:01'),
  ('TP', 'Travaux pratiques', 'UNIVERSITY', '2025-08-25 06:00:01'),
  ('REU', 'Réunion', 'MANUAL', '2025-09-01 09:12:40');

-- All sites were typed in before there was a task for them. C1 is in its file now,
-- and is adopted; EXT is not, and stays as it is.
INSERT INTO site (code, name, origin, created_on) VALUES
  ('C1', 'Campus I', 'MANUAL', '2024-07-01 14:02:10'),
  ('EXT', 'Hors les murs', 'MANUAL', '2024-07-01 14:03:55');

-- HI100 is called HI101 since this summer. MA101 is locked under a name of the
-- office's own. GE210 and LOC01 were typed in; the register has a GE210, too.
INSERT INTO subject (code, name, colour, locked, origin, created_on) VALUES
  ('HI100', 'Histoire ancienne', '#C0392B', FALSE, 'APOGEE-12', '2025-08-25 06:00:03'),
  ('MA101', 'Analyse 1 (amphis A et B)', '#2980B9', TRUE, 'SCIENCES', '2025-08-25 06:00:03'),
  ('GE210', 'Cartographie (atelier de M. Diallo)', '#16A085', FALSE, 'MANUAL', '2026-06-30 16:20:11'),
  ('LOC01', 'Réunions du conseil', '#7F8C8D', FALSE, 'MANUAL', '2025-09-01 09:15:00');

-- L-001 has been renovated, M-100 is the office's own.
INSERT INTO room (code, name, site_id, seats, area, origin, created_on) VALUES
  ('L-001', 'Amphithéâtre Simone Veil', (SELECT id FROM site WHERE code = 'C1'), 300, 412.5, 'APOGEE-12', '2025-08-25 06:00:03'),
  ('M-100', 'Salle du conseil', (SELECT id FROM site WHERE code = 'EXT'), 28, NULL, 'MANUAL', '2026-01-15 10:31:47');

-- A group of the same name as one of the register's, typed in for a study trip.
INSERT INTO student_group (code, name, size, origin, created_on) VALUES
  ('HI1-A', 'Voyage d''étude à Rome', 1, 'MANUAL', '2026-06-12 11:40:02');

-- 22100002 has a new address, 22100006 is back, 22100099 left long ago. 22200092
-- has left, 22200090 did so more than a year ago, 22200091 less. INV-01 is a guest.
INSERT INTO student (code, last_name, first_name, birth_date, email, status, visible, origin, created_on, deleted_on) VALUES
  ('22100001', 'AUBERT', 'Lucie', '2007-02-14', 'lucie.aubert@etu.univ-exemple.fr', 'ACTIVE', TRUE, 'APOGEE-12', '2025-08-25 06:00:04', NULL),
  ('22100002', 'BAKKALI', 'Nadia', '2006-11-30', 'nbakkali@etu.univ-exemple.fr', 'ACTIVE', TRUE, 'APOGEE-12', '2025-08-25 06:00:04', NULL),
  ('22100006', 'FERRAND', 'Jules', '2005-05-23', 'jules.ferrand@etu.univ-exemple.fr', 'ARCHIVED', TRUE, 'APOGEE-12', '2024-08-26 06:00:04', '2025-09-29 02:30:08'),
  ('22100099', 'ZIMMER', 'Colette', '2001-01-08', NULL, 'ARCHIVED', TRUE, 'APOGEE-12', '2022-08-29 06:00:04', '2024-09-30 02:30:08'),
  ('22200001', 'FONTAINE', 'Léo', '2007-08-19', 'leo.fontaine@etu.univ-exemple.fr', 'ACTIVE', TRUE, 'SCIENCES', '2025-08-25 06:00:04', NULL),
  ('22200090', 'VASSEUR', 'Émile', '2002-03-03', NULL, 'HIDDEN', FALSE, 'SCIENCES', '2023-08-28 06:00:04', '2025-06-30 06:00:09'),
  ('22200091', 'WEBER', 'Klara', '2003-12-12', NULL, 'HIDDEN', FALSE, 'SCIENCES', '2023-08-28 06:00:04', '2026-06-30 06:00:09'),
  ('22200092', 'XAVIER', 'Paulo', '2004-04-01', 'paulo.xavier@etu.univ-exemple.fr', 'ACTIVE', TRUE, 'SCIENCES', '2024-08-26 06:00:04', NULL),
  ('INV-01', 'ROSSI', 'Chiara', NULL, 'chiara.rossi@example.org', 'ACTIVE', TRUE, 'MANUAL', '2026-06-12 11:42:30', NULL);

INSERT INTO group_student (group_id, student_id) VALUES
  ((SELECT id FROM student_group WHERE origin = 'MANUAL' AND code = 'HI1-A'), (SELECT id FROM student WHERE code = 'INV-01'));

INSERT INTO staff (code, last_name, first_name, email, quota, origin, created_on) VALUES
  ('H1001', 'LEFÈVRE', 'Anaïs', 'anais.lefevre@univ-exemple.fr', 100, 'APOGEE-12', '2025-08-25 06:00:04'),
  ('H1002', 'NOWAK', 'Piotr', 'piotr.nowak@univ-exemple.fr', 100, 'APOGEE-12', '2025-08-25 06:00:04'),
  ('S2001', 'ABADIE', 'Cédric', 'cedric.abadie@univ-exemple.fr', 100, 'SCIENCES', '2025-08-25 06:00:04'),
  ('VAC01', 'ROMERO', 'Sol', 'sol.romero@example.org', 0, 'MANUAL', '2026-02-03 08:55:21');

-- EQ-001 has another label now, EQ-002 was scrapped, EQ-003 is in no list at all.
INSERT INTO equipment (code, name, origin, created_on) VALUES
  ('EQ-001', 'Enregistreur', 'APOGEE-12', '2025-08-25 06:00:04'),
  ('EQ-002', 'Rétroprojecteur', 'APOGEE-12', '2025-08-25 06:00:04'),
  ('EQ-003', 'Chevalet', 'APOGEE-12', '2025-08-25 06:00:04');

INSERT INTO event (subject_id, category_id, room_id, academic_year, week, weekday, starts_at, hours) VALUES
  ((SELECT id FROM subject WHERE code = 'HI100'), (SELECT id FROM event_category WHERE code = 'CM'), (SELECT id FROM room WHERE code = 'L-001'), 2026, 37, 1, '08:00:00', 2),
  ((SELECT id FROM subject WHERE code = 'HI100'), (SELECT id FROM event_category WHERE code = 'CM'), (SELECT id FROM room WHERE code = 'L-001'), 2026, 37, 3, '10:15:00', 2),
  ((SELECT id FROM subject WHERE code = 'HI100'), (SELECT id FROM event_category WHERE code = 'TD'), NULL, 2026, 37, 4, '14:00:00', 1.5),
  ((SELECT id FROM subject WHERE code = 'MA101'), (SELECT id FROM event_category WHERE code = 'CM'), NULL, 2026, 37, 2, '08:00:00', 2),
  ((SELECT id FROM subject WHERE code = 'LOC01'), (SELECT id FROM event_category WHERE code = 'REU'), (SELECT id FROM room WHERE code = 'M-100'), 2026, 37, 5, '12:15:00', 1);

INSERT INTO event_staff (event_id, staff_id)
  SELECT e.id, s.id
  FROM event AS e
  JOIN subject AS u ON u.id = e.subject_id
  JOIN event_category AS c ON c.id = e.category_id
  JOIN staff AS s ON s.code = CASE WHEN u.code = 'MA101' THEN 'S2001' WHEN c.code = 'CM' THEN 'H1001' WHEN c.code = 'TD' THEN 'H1002' ELSE 'VAC01' END;
