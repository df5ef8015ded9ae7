-- What the configuration reads: a schema that looks like a student register's.

CREATE SCHEMA apogee;

CREATE TABLE apogee.individu (
  cod_etu         char(8) PRIMARY KEY,
  lib_nom_pat_ind varchar(40) NOT NULL,
  lib_pr1_ind     varchar(40) NOT NULL,
  date_nai_ind    date,
  mail            varchar(100)
);

CREATE TABLE apogee.ins_adm (
  cod_etu    char(8) NOT NULL REFERENCES apogee.individu,
  cod_cmp    varchar(3) NOT NULL,
  eta_iae    char(1) NOT NULL,
  mnt_droits numeric(8, 2),
  cod_gpe    varchar(10),
  PRIMARY KEY (cod_etu, cod_cmp)
);

CREATE TABLE apogee.batiment (
  cod_site varchar(3) NOT NULL,
  cod_bat  varchar(3) NOT NULL,
  lib_bat  varchar(60) NOT NULL,
  dat_ouv  date,
  surface  numeric(9, 2),
  PRIMARY KEY (cod_site, cod_bat)
);

INSERT INTO apogee.individu VALUES
  ('22100001', 'Aubert', 'Lucie', '2005-02-17', 'Lucie.Aubert@etu.univ-exemple.fr'),
  ('22100002', 'Bakkali', 'Nadia', '2004-11-30', 'nadia.bakkali@etu.univ-exemple.fr'),
  ('22100003', 'Coëffic', 'Erwan', '2005-07-04', NULL),
  ('22100004', 'Deschamps', 'Hugo', '2003-05-21', 'hugo.deschamps@etu.univ-exemple.fr'),
  ('22100005', 'Estève', 'Manon', '2005-09-09', 'manon.esteve@etu.univ-exemple.fr'),
  ('22200001', 'Fontaine', 'Léo', '2004-01-26', 'leo.fontaine@etu.univ-exemple.fr'),
  ('22200002', 'Garnier', 'Inès', '2005-12-12', 'ines.garnier@etu.univ-exemple.fr'),
  ('22200003', 'Hoarau', 'Mathis', '2004-08-03', 'mathis.hoarau@etu.univ-exemple.fr'),
  ('22200004', 'Ivanova', 'Daria', '2003-10-19', 'daria.ivanova@etu.univ-exemple.fr');

INSERT INTO apogee.ins_adm VALUES
  ('22100001', '12', 'E', 175.00, 'HI1-A'),
  ('22100002', '12', 'E', 175.00, 'HI1-A'),
  ('22100003', '12', 'E', 0.00, 'HI1-B'),
  ('22100004', '12', 'R', 175.00, NULL), -- resigned
  ('22100005', '12', 'E', 175.00, 'GE1-A'),
  ('22200001', '25', 'E', 175.00, 'MA1-A'),
  ('22200002', '25', 'E', 170.50, 'MA1-B'),
  ('22200003', '25', 'E', NULL, 'PY1-A'),
  ('22200004', '25', 'E', 175.00, 'PY1-A');

INSERT INTO apogee.batiment VALUES
  ('C1', 'L', 'Bâtiment des Lettres', '1957-10-01', 12450.00),
  ('C1', 'M', 'Maison de la recherche', '1999-09-06', 5210.75),
  ('C2', 'S', 'Bâtiment des Sciences', '1963-10-01', 18900.00),
  ('C2', 'P', 'Plateforme expérimentale', '2026-01-05', 3300.40);
