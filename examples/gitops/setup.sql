-- The timetable as the first plan finds it.
CREATE TABLE room (
  code    text PRIMARY KEY,
  name    text NOT NULL,
  seats   integer,
  faculty text NOT NULL
);

CREATE TABLE staff (
  number text PRIMARY KEY,
  name   text NOT NULL,
  email  text
);

INSERT INTO room VALUES
  ('H-101', 'Amphi Simone', 180, '12'),
  ('H-102', 'Salle des cartes', 40, '12'),
  ('S-201', 'Amphi Curie', 220, '25'),
  ('S-202', 'Travaux pratiques 2', 24, '25');

INSERT INTO staff VALUES
  ('10001', 'ARDENT', 'camille.ardent@example.org'),
  ('10002', 'BOISVERT', 'sacha.boisvert@example.org');
