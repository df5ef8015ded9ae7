-- The timetable as it was before the plan: what earlier applies left there, one
-- room that somebody typed in by hand, and what people changed since.

CREATE TABLE room (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  building   TEXT NOT NULL,
  seats      INTEGER,
  area       NUMERIC(7, 2),
  accessible BOOLEAN NOT NULL,
  visible    BOOLEAN NOT NULL,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE staff (
  id         INTEGER PRIMARY KEY,
  number     TEXT NOT NULL UNIQUE,
  last_name  TEXT NOT NULL,
  first_name TEXT NOT NULL,
  birth_date DATE,
  email      TEXT NOT NULL,
  grade      TEXT NOT NULL,
  quota      NUMERIC(5, 2) NOT NULL,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE course (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  title      TEXT NOT NULL,
  hours      NUMERIC(6, 2) NOT NULL,
  credits    INTEGER NOT NULL,
  starts_on  DATE,
  room       TEXT REFERENCES room (code),
  teacher    TEXT REFERENCES staff (number),
  visible    BOOLEAN NOT NULL,
  origin     TEXT NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

-- Rooms of UFR Humanités et sciences sociales. L-101 has been enlarged since,
-- L-105 is gone from the export, and L-110, archived last summer, is back.
INSERT INTO room (code, name, building, seats, area, accessible, visible, origin, created_on, updated_on, deleted_on) VALUES
  ('L-001', 'Amphithéâtre Simone Veil', 'Bâtiment des Lettres', 320, 412.5, 1, 1, 'APOGEE-12', '2025-08-25 06:00:04', NULL, NULL),
  ('L-002', 'Amphithéâtre Paul Ricœur', 'Bâtiment des Lettres', 180, 236, 1, 1, 'APOGEE-12', '2025-08-25 06:00:04', NULL, NULL),
  ('L-101', 'Salle 101', 'Bâtiment des Lettres', 36, 54.75, 1, 1, 'APOGEE-12', '2025-08-25 06:00:04', NULL, NULL),
  ('L-102', 'Salle 102', 'Bâtiment des Lettres', 36, 54.75, 1, 1, 'APOGEE-12', '2025-08-25 06:00:04', NULL, NULL),
  ('L-103', 'Salle 103', 'Bâtiment des Lettres', 36, 54.75, 0, 0, 'APOGEE-12', '2025-08-25 06:00:04', NULL, NULL),
  ('L-105', 'Salle 105', 'Bâtiment des Lettres', 24, 33, 0, 1, 'APOGEE-12', '2025-08-25 06:00:04', NULL, NULL),
  ('L-110', 'Salle info 110', 'Bâtiment des Lettres', 20, 62.3, 1, 1, 'APOGEE-12', '2025-08-25 06:00:04', '2026-02-09 06:15:02', '2026-06-30 06:00:03'),
  ('L-201', 'Salle 201', 'Bâtiment des Lettres', 40, 58, 0, 1, 'APOGEE-12', '2025-08-25 06:00:04', NULL, NULL),
  ('M-001', 'Ancienne réserve', 'Maison de la recherche', NULL, 21.4, 0, 0, 'APOGEE-12', '2025-08-25 06:00:04', NULL, '2025-12-19 19:45:03'),
  ('M-010', 'Salle de séminaire', 'Maison de la recherche', 18, 33.4, 1, 1, 'APOGEE-12', '2025-08-25 06:00:04', NULL, NULL);

-- Typed by hand, and in the export since: it stays as it is, and the plan says so.
INSERT INTO room (code, name, building, seats, area, accessible, visible, origin, created_on) VALUES
  ('M-100', 'Salle du conseil (réserver au secrétariat)', 'Maison de la recherche', 28, NULL, 1, 1, 'MANUAL', '2026-01-15 10:31:47');

-- Rooms of UFR Sciences. S-011 has had works done.
INSERT INTO room (code, name, building, seats, area, accessible, visible, origin, created_on) VALUES
  ('S-001', 'Amphithéâtre Marie Curie', 'Bâtiment des Sciences', 260, 338, 1, 1, 'APOGEE-25', '2025-08-25 06:00:04'),
  ('S-002', 'Amphithéâtre Sophie Germain', 'Bâtiment des Sciences', 140, 190.5, 1, 1, 'APOGEE-25', '2025-08-25 06:00:04'),
  ('S-010', 'Salle 010', 'Bâtiment des Sciences', 40, 60.25, 1, 1, 'APOGEE-25', '2025-08-25 06:00:04'),
  ('S-011', 'Salle 011', 'Bâtiment des Sciences', NULL, 51.8, 1, 0, 'APOGEE-25', '2025-08-25 06:00:04'),
  ('S-012', 'Salle 012', 'Bâtiment des Sciences', 32, 48, 0, 1, 'APOGEE-25', '2025-08-25 06:00:04'),
  ('S-020', 'Salle informatique 020', 'Bâtiment des Sciences', 28, 66.1, 1, 1, 'APOGEE-25', '2025-08-25 06:00:04'),
  ('P-001', 'Laboratoire de physique', 'Plateforme expérimentale', 20, 74, 1, 1, 'APOGEE-25', '2025-08-25 06:00:04'),
  ('P-002', 'Laboratoire de chimie', 'Plateforme expérimentale', 20, 81.35, 1, 1, 'APOGEE-25', '2025-08-25 06:00:04'),
  ('P-010', 'Atelier', 'Plateforme expérimentale', 12, 96, 0, 1, 'APOGEE-25', '2025-08-25 06:00:04');

-- Staff. H1005 has married, H1007 works half time now, S2006 has a new address,
-- S2011 has left.
INSERT INTO staff (number, last_name, first_name, birth_date, email, grade, quota, origin, created_on) VALUES
  ('H1001', 'LEFÈVRE', 'Anaïs', '1971-03-14', 'anais.lefevre@univ-exemple.fr', 'Professeur des universités', 100, 'HARPEGE-12', '2025-08-25 06:00:05'),
  ('H1002', 'NOWAK', 'Piotr', '1979-11-02', 'piotr.nowak@univ-exemple.fr', 'Maître de conférences', 100, 'HARPEGE-12', '2025-08-25 06:00:05'),
  ('H1003', 'BÉRAUD', 'Hélène', '1984-06-27', 'helene.beraud@univ-exemple.fr', 'Maître de conférences', 100, 'HARPEGE-12', '2025-08-25 06:00:05'),
  ('H1004', 'DIALLO', 'Mamadou', '1968-01-09', 'mamadou.diallo@univ-exemple.fr', 'Professeur des universités', 100, 'HARPEGE-12', '2025-08-25 06:00:05'),
  ('H1005', 'GUÉRIN', 'Chloé', '1988-09-30', 'chloe.guerin@univ-exemple.fr', 'Maître de conférences', 80, 'HARPEGE-12', '2025-08-25 06:00:05'),
  ('H1006', 'LE GOFF', 'Yann', '1975-05-18', 'yann.legoff@univ-exemple.fr', 'Professeur agrégé', 100, 'HARPEGE-12', '2025-08-25 06:00:05'),
  ('H1007', 'MÜLLER', 'Jürgen', '1963-12-21', 'jurgen.muller@univ-exemple.fr', 'Professeur des universités', 100, 'HARPEGE-12', '2025-08-25 06:00:05'),
  ('H1008', 'MARCHAND', 'Éloïse', '1990-08-05', 'h1008@univ-exemple.fr', 'Attaché temporaire d''enseignement et de recherche', 50, 'HARPEGE-12', '2025-08-25 06:00:05'),
  ('H1009', 'NGUYEN', 'Thi Lan', '1982-02-11', 'thilan.nguyen@univ-exemple.fr', 'Maître de conférences', 100, 'HARPEGE-12', '2025-08-25 06:00:05'),
  ('H1010', 'PÉREZ', 'Inés', '1986-07-07', 'ines.perez@univ-exemple.fr', 'Maître de conférences', 100, 'HARPEGE-12', '2025-08-25 06:00:05'),
  ('H1011', 'QUÉMÉNER', 'Loïc', '1977-04-23', 'loic.quemener@univ-exemple.fr', 'Professeur agrégé', 100, 'HARPEGE-12', '2025-08-25 06:00:05'),
  ('S2001', 'ABADIE', 'Cédric', '1970-06-12', 'cedric.abadie@univ-exemple.fr', 'Professeur des universités', 100, 'HARPEGE-25', '2025-08-25 06:00:05'),
  ('S2002', 'BENALI', 'Samira', '1981-01-25', 'samira.benali@univ-exemple.fr', 'Maître de conférences', 100, 'HARPEGE-25', '2025-08-25 06:00:05'),
  ('S2003', 'CASTAING', 'Rémi', '1985-03-03', 'remi.castaing@univ-exemple.fr', 'Maître de conférences', 100, 'HARPEGE-25', '2025-08-25 06:00:05'),
  ('S2004', 'DUBŒUF', 'Agnès', '1966-09-19', 'agnes.duboeuf@univ-exemple.fr', 'Professeur des universités', 100, 'HARPEGE-25', '2025-08-25 06:00:05'),
  ('S2005', 'ERIKSSON', 'Maja', '1983-11-28', 'maja.eriksson@univ-exemple.fr', 'Maître de conférences', 80, 'HARPEGE-25', '2025-08-25 06:00:05'),
  ('S2006', 'FAUCHER', 'Benoît', '1978-05-15', 's2006@univ-exemple.fr', 'Professeur agrégé', 100, 'HARPEGE-25', '2025-08-25 06:00:05'),
  ('S2007', 'GAILLARD', 'Zoé', '1991-08-08', 's2007@univ-exemple.fr', 'Attaché temporaire d''enseignement et de recherche', 100, 'HARPEGE-25', '2025-08-25 06:00:05'),
  ('S2008', 'HADDAD', 'Karim', '1974-02-22', 'karim.haddad@univ-exemple.fr', 'Maître de conférences', 100, 'HARPEGE-25', '2025-08-25 06:00:05'),
  ('S2009', 'IBÁÑEZ', 'Pilar', '1989-12-01', 'pilar.ibanez@univ-exemple.fr', 'Maître de conférences', 100, 'HARPEGE-25', '2025-08-25 06:00:05'),
  ('S2010', 'JOLY', 'François', '1972-07-17', 'francois.joly@univ-exemple.fr', 'Professeur des universités', 100, 'HARPEGE-25', '2025-08-25 06:00:05'),
  ('S2011', 'KELLER', 'Mathilde', '1961-10-04', 'mathilde.keller@univ-exemple.fr', 'Professeur des universités', 100, 'HARPEGE-25', '2025-08-25 06:00:05');

-- Courses. Their owners have opened most of them (visible), which no plan undoes.
-- GE210 has more hours now.
INSERT INTO course (code, title, hours, credits, starts_on, room, teacher, visible, origin, created_on) VALUES
  ('HI101', 'Histoire ancienne : la cité grecque', 24, 3, '2026-09-14', 'L-001', 'H1001', 1, 'APOGEE-12', '2026-06-15 06:00:06'),
  ('HI102', 'Histoire médiévale', 24, 3, '2026-09-14', 'L-002', 'H1002', 1, 'APOGEE-12', '2026-06-15 06:00:06'),
  ('HI201', 'Histoire de l''art : l''œuvre et le marché', 18, 2, '2026-09-15', 'L-101', 'H1003', 0, 'APOGEE-12', '2026-06-15 06:00:06'),
  ('GE101', 'Géographie de la Normandie', 24, 3, '2026-09-16', 'L-102', 'H1004', 1, 'APOGEE-12', '2026-06-15 06:00:06'),
  ('GE210', 'Cartographie numérique', 30, 3, '2026-09-17', 'L-110', 'H1005', 1, 'APOGEE-12', '2026-06-15 06:00:06'),
  ('SO101', 'Introduction à la sociologie', 24, 3, '2026-09-14', 'L-002', 'H1006', 1, 'APOGEE-12', '2026-06-15 06:00:06'),
  ('LE101', 'Littérature du XIXe siècle', 30, 4, '2026-09-15', 'L-103', 'H1009', 1, 'APOGEE-12', '2026-06-15 06:00:06'),
  ('LE220', 'Traduction littéraire', 22.5, 3, '2026-09-18', 'L-201', 'H1010', 0, 'APOGEE-12', '2026-06-15 06:00:06'),
  ('PH101', 'Philosophie générale', 24, 3, '2026-09-16', 'M-010', 'H1007', 1, 'APOGEE-12', '2026-06-15 06:00:06'),
  ('MA101', 'Analyse 1', 48, 6, '2026-09-14', 'S-001', 'S2001', 1, 'APOGEE-25', '2026-06-15 06:00:06'),
  ('MA102', 'Algèbre linéaire', 36, 5, '2026-09-14', 'S-002', 'S2002', 1, 'APOGEE-25', '2026-06-15 06:00:06'),
  ('MA210', 'Probabilités', 30, 4, '2026-09-15', 'S-010', 'S2003', 1, 'APOGEE-25', '2026-06-15 06:00:06'),
  ('PY101', 'Mécanique du point', 36, 5, '2026-09-15', 'S-002', 'S2004', 1, 'APOGEE-25', '2026-06-15 06:00:06'),
  ('PY150', 'Travaux pratiques de physique', 24, 3, '2026-09-22', 'P-001', 'S2005', 0, 'APOGEE-25', '2026-06-15 06:00:06'),
  ('CH101', 'Chimie générale', 36, 5, '2026-09-16', 'S-001', 'S2006', 1, 'APOGEE-25', '2026-06-15 06:00:06'),
  ('CH150', 'Travaux pratiques de chimie', 24, 3, '2026-09-23', 'P-002', 'S2007', 0, 'APOGEE-25', '2026-06-15 06:00:06'),
  ('BI101', 'Biologie cellulaire', 30, 4, '2026-09-17', 'S-002', 'S2008', 1, 'APOGEE-25', '2026-06-15 06:00:06'),
  ('IN101', 'Algorithmique', 42, 6, '2026-09-14', 'S-020', 'S2009', 1, 'APOGEE-25', '2026-06-15 06:00:06');
