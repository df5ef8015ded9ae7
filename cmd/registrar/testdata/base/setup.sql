CREATE TABLE room (
  code       TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  capacity   INTEGER,
  contact    TEXT,
  origin     TEXT NOT NULL,
  deleted_on TIMESTAMP
);
INSERT INTO room VALUES
  ('SOE-003', 'RÉSERVE', 4, 'MARKER-store@example.org', 'EXPORT', NULL),
  ('SOE-101', 'Amphi Sorel', 120, 'MARKER-old@example.org', 'EXPORT', NULL),
  ('SOE-102', 'SALLE 102', 40, NULL, 'EXPORT', NULL),
  ('SOE-117', 'SALLE 117', 30, NULL, 'EXPORT', '2026-06-30 06:00:03'),
  ('R1', 'Typed by hand', NULL, 'MARKER-hand@example.org', 'HAND', NULL);
CREATE TABLE site (campus TEXT NOT NULL, code TEXT NOT NULL, name TEXT, note TEXT, PRIMARY KEY (campus, code));
INSERT INTO site VALUES ('C1', 'A', 'Main', NULL), ('C2', 'A', 'Old', 'MARKER-unmapped');
