-- The platform's tables, as far as they matter here, in the manner of Moodle: and what
-- people made on it by hand.

CREATE TABLE course_category (
  id          INTEGER PRIMARY KEY,
  idnumber    TEXT UNIQUE,
  name        TEXT NOT NULL,
  parent_id   INTEGER REFERENCES course_category (id),
  visible     BOOLEAN NOT NULL,
  origin      TEXT NOT NULL DEFAULT 'MANUAL',
  archived_on TIMESTAMP
);

CREATE TABLE course (
  id          INTEGER PRIMARY KEY,
  idnumber    TEXT UNIQUE, -- the code in Apogée; NULL for a course made by hand
  fullname    TEXT NOT NULL,
  shortname   TEXT NOT NULL,
  category_id INTEGER NOT NULL REFERENCES course_category (id),
  visible     BOOLEAN NOT NULL,
  origin      TEXT NOT NULL DEFAULT 'MANUAL',
  created_on  TIMESTAMP,
  updated_on  TIMESTAMP,
  archived_on TIMESTAMP
);

-- The methods of enrolment of a course: "database" is this synchronisation.
CREATE TABLE enrol (
  id          INTEGER PRIMARY KEY,
  course_id   INTEGER NOT NULL REFERENCES course (id),
  enrol       TEXT NOT NULL,
  name        TEXT,
  role        TEXT NOT NULL,
  disabled_on TIMESTAMP,
  UNIQUE (enrol, name)
);

CREATE TABLE account (
  id           INTEGER PRIMARY KEY,
  username     TEXT NOT NULL UNIQUE,
  auth         TEXT NOT NULL,
  last_name    TEXT NOT NULL,
  first_name   TEXT NOT NULL,
  email        TEXT,
  suspended_on TIMESTAMP
);

CREATE TABLE user_enrolment (
  id         INTEGER PRIMARY KEY,
  enrol_id   INTEGER NOT NULL REFERENCES enrol (id),
  account_id INTEGER NOT NULL REFERENCES account (id),
  status     INTEGER NOT NULL, -- 0 active, 1 suspended
  time_start TIMESTAMP,
  time_end   TIMESTAMP,
  UNIQUE (enrol_id, account_id)
);

CREATE TABLE course_group (
  id        INTEGER PRIMARY KEY,
  course_id INTEGER NOT NULL REFERENCES course (id),
  idnumber  TEXT UNIQUE,
  name      TEXT NOT NULL,
  origin    TEXT NOT NULL DEFAULT 'MANUAL'
);

CREATE TABLE group_member (
  id         INTEGER PRIMARY KEY,
  group_id   INTEGER NOT NULL REFERENCES course_group (id),
  account_id INTEGER NOT NULL REFERENCES account (id),
  component  TEXT NOT NULL DEFAULT '', -- who put them there; '' for a teacher by hand
  UNIQUE (group_id, account_id)
);

-- Where courses go whose code is gone: as the first row, its id is 1 (the variable "archives").
INSERT INTO course_category (idnumber, name, visible) VALUES ('ARCHIVE', 'Archives', FALSE);

INSERT INTO course_category (name, visible) VALUES ('Ateliers', TRUE);

INSERT INTO course (fullname, shortname, category_id, visible)
SELECT 'Atelier des tuteurs', 'ATELIER-TUTEURS', id, TRUE FROM course_category WHERE name = 'Ateliers';

INSERT INTO account (username, auth, last_name, first_name, email) VALUES
  ('guest-lecturer', 'manual', 'Tellier', 'Camille', 'camille.tellier@example.org');

INSERT INTO enrol (course_id, enrol, role)
SELECT id, 'manual', 'student' FROM course WHERE shortname = 'ATELIER-TUTEURS';

-- Enrolled by hand, without an end: the check manual_without_end tells.
INSERT INTO user_enrolment (enrol_id, account_id, status, time_start)
SELECT e.id, a.id, 0, '2026-08-31 09:00:00' FROM enrol e CROSS JOIN account a;

INSERT INTO course_group (course_id, name)
SELECT id, 'Tuteurs du vendredi' FROM course WHERE shortname = 'ATELIER-TUTEURS';

INSERT INTO group_member (group_id, account_id)
SELECT g.id, a.id FROM course_group g CROSS JOIN account a;
