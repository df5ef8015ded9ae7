-- The shop as earlier runs, and the people who keep it, left it.

CREATE TABLE customer (
  id        INTEGER PRIMARY KEY,
  number    TEXT NOT NULL,
  name      TEXT NOT NULL,
  email     TEXT NOT NULL,
  town      TEXT,
  origin    TEXT NOT NULL,
  closed_on TIMESTAMP,
  UNIQUE (number, origin)
);

CREATE TABLE product (
  id           INTEGER PRIMARY KEY,
  reference    TEXT NOT NULL UNIQUE,
  name         TEXT NOT NULL,
  quantity     INTEGER NOT NULL,
  price        NUMERIC(8, 2) NOT NULL,
  visible      BOOLEAN NOT NULL,
  origin       TEXT NOT NULL,
  updated_on   TIMESTAMP,
  withdrawn_on TIMESTAMP
);

CREATE TABLE purchase (
  id          INTEGER PRIMARY KEY,
  number      TEXT NOT NULL UNIQUE,
  customer_id INTEGER NOT NULL REFERENCES customer (id),
  ordered_on  DATE NOT NULL,
  state       TEXT NOT NULL,
  amount      NUMERIC(10, 2) NOT NULL
);

-- C0002 has moved; C0005 is gone from the ERP. W0001 registered on the site.
INSERT INTO customer (number, name, email, town, origin) VALUES
  ('C0001', 'Librairie des Écoles', 'contact@librairie-ecoles.example', 'Caen', 'ERP'),
  ('C0002', 'Papeterie du Port', 'papeterie.port@example.org', 'Deauville', 'ERP'),
  ('C0003', 'Mairie de Sainte-Œuvre', 'achats@sainte-oeuvre.example', 'Sainte-Œuvre', 'ERP'),
  ('C0005', 'Bazar de la Gare', 'bazar@example.org', 'Bayeux', 'ERP'),
  ('W0001', 'Association des Parents', 'parents@example.org', 'Caen', 'SITE');

-- Pens sold, a ruler back in the range; the gift voucher is the shop's own. The
-- highlighter has no price in the ERP: what the shop has of it stays.
INSERT INTO product (reference, name, quantity, price, visible, origin, withdrawn_on) VALUES
  ('CAH-A4', 'Cahier A4 à spirale', 255, 3.20, 1, 'ERP', NULL),
  ('CAH-A5', 'Cahier A5 à spirale', 85, 2.40, 1, 'ERP', NULL),
  ('STY-BL', 'Stylo bille bleu', 3, 1.10, 1, 'ERP', NULL),
  ('STY-RG', 'Stylo bille rouge', 310, 1.10, 1, 'ERP', NULL),
  ('CLA-01', 'Classeur à levier', 56, 4.75, 1, 'ERP', NULL),
  ('CLA-03', 'Classeur à anneaux', 8, 4.10, 1, 'ERP', NULL),
  ('GOM-01', 'Gomme blanche', 400, 0.60, 1, 'ERP', NULL),
  ('REG-30', 'Règle 30 cm', 0, 1.35, 1, 'ERP', '2026-06-30 20:00:02'),
  ('CRA-HB', 'Crayon HB', 520, 0.45, 1, 'ERP', NULL),
  ('SUR-01', 'Surligneur jaune', 150, 1.60, 1, 'ERP', NULL),
  ('CARTE', 'Carte cadeau', 1000, 20.00, 1, 'SITE', NULL);

-- 2026-0090 was delivered long ago: the ERP exports it no more.
INSERT INTO purchase (number, customer_id, ordered_on, state, amount)
  SELECT '2026-0090', id, '2026-05-11', 'delivered', 64.2 FROM customer WHERE number = 'C0002';
INSERT INTO purchase (number, customer_id, ordered_on, state, amount)
  SELECT '2026-0117', id, '2026-08-28', 'paid', 128.4 FROM customer WHERE number = 'C0001';
