-- registers.db: stands in for the databases that the university really has, Apogée
-- for students and courses, the inventory for equipment. Everyone in it is invented.

-- UE are modules, MAT subjects.
CREATE TABLE element_pedagogi (
  cod_elp     TEXT PRIMARY KEY,
  lib_elp     TEXT NOT NULL,
  cod_nel     TEXT NOT NULL,
  cod_cmp     TEXT NOT NULL,
  cod_dep     TEXT,
  tem_sus_elp TEXT NOT NULL DEFAULT 'N'
);

CREATE TABLE elp_regroupe_elp (
  cod_elp_pere TEXT NOT NULL,
  cod_elp_fils TEXT NOT NULL,
  PRIMARY KEY (cod_elp_pere, cod_elp_fils)
);

CREATE TABLE individu (
  cod_etu         TEXT PRIMARY KEY,
  lib_nom_pat_ind TEXT NOT NULL,
  lib_pr1_ind     TEXT NOT NULL,
  date_nai_ind    DATE,
  mail            TEXT,
  cod_cmp         TEXT NOT NULL,
  tem_ech         TEXT NOT NULL DEFAULT 'N', -- on an outgoing exchange
  num_dir         TEXT                       -- the supervisor
);

-- Groups as the humanities define them: groups of a collection.
CREATE TABLE collection (
  cod_coll TEXT PRIMARY KEY,
  lib_coll TEXT NOT NULL,
  cod_cmp  TEXT NOT NULL
);

CREATE TABLE groupe (
  cod_gpe  TEXT PRIMARY KEY,
  lib_gpe  TEXT NOT NULL,
  cod_coll TEXT NOT NULL
);

CREATE TABLE ind_affecte_gpe (
  cod_etu TEXT NOT NULL,
  cod_gpe TEXT NOT NULL,
  PRIMARY KEY (cod_etu, cod_gpe)
);

-- As the sciences do: a step of a degree, and its versions.
CREATE TABLE etape (
  cod_etp TEXT PRIMARY KEY,
  lib_etp TEXT NOT NULL,
  cod_cmp TEXT NOT NULL
);

CREATE TABLE version_etape (
  cod_etp     TEXT NOT NULL,
  cod_vrs_vet INTEGER NOT NULL,
  lib_web_vet TEXT NOT NULL,
  PRIMARY KEY (cod_etp, cod_vrs_vet)
);

CREATE TABLE ins_adm_etp (
  cod_etu     TEXT NOT NULL,
  cod_etp     TEXT NOT NULL,
  cod_vrs_vet INTEGER NOT NULL,
  eta_iae     TEXT NOT NULL, -- E: enrolled, R: resigned
  PRIMARY KEY (cod_etu, cod_etp, cod_vrs_vet)
);

-- The inventory. S: in service, R: scrapped.
CREATE TABLE materiel (
  num_inv TEXT PRIMARY KEY,
  lib_mat TEXT NOT NULL,
  cod_cmp TEXT NOT NULL,
  etat    TEXT NOT NULL,
  dat_ent DATE NOT NULL
);

-- What groups and subjects need (F) or would like (P): rooms (S), staff (P),
-- equipment (M).
CREATE TABLE ressource (
  cod_cmp TEXT NOT NULL,
  porteur TEXT NOT NULL, -- GPE: a group, ELP: a subject
  cod_por TEXT NOT NULL,
  typ_res TEXT NOT NULL,
  cod_res TEXT NOT NULL,
  nature  TEXT NOT NULL,
  PRIMARY KEY (porteur, cod_por, typ_res, cod_res)
);

INSERT INTO element_pedagogi (cod_elp, lib_elp, cod_nel, cod_cmp, cod_dep, tem_sus_elp) VALUES
  ('UHI1', 'Histoire, fondamentaux', 'UE', '12', NULL, 'N'),
  ('UGE1', 'Géographie, fondamentaux', 'UE', '12', NULL, 'N'),
  ('HI101', 'Histoire ancienne : la cité grecque', 'MAT', '12', 'HIST', 'N'),
  ('HI102', 'Histoire médiévale', 'MAT', '12', 'HIST', 'N'),
  ('GE101', 'Géographie de la Normandie', 'MAT', '12', 'GEO', 'N'),
  ('GE210', 'Cartographie numérique', 'MAT', '12', 'GEO', 'N'),
  ('SO101', 'Introduction à la sociologie', 'MAT', '12', 'SOCIO', 'N'), -- no such department
  ('LE190', 'Littérature, suspendue', 'MAT', '12', NULL, 'O'),
  ('UMA1', 'Mathématiques', 'UE', '25', NULL, 'N'),
  ('UPC1', 'Physique et chimie', 'UE', '25', NULL, 'N'),
  ('MA101', 'Analyse 1', 'MAT', '25', 'MATH', 'N'),
  ('MA102', 'Algèbre linéaire', 'MAT', '25', 'MATH', 'N'),
  ('PY101', 'Mécanique du point', 'MAT', '25', 'PHY', 'N'),
  ('CH150', 'Travaux pratiques de chimie', 'MAT', '25', 'CHI', 'N'),
  ('IN101', 'Algorithmique', 'MAT', '25', 'INFO', 'N');

INSERT INTO elp_regroupe_elp (cod_elp_pere, cod_elp_fils) VALUES
  ('UHI1', 'HI101'), ('UHI1', 'HI102'), ('UGE1', 'GE101'), ('UGE1', 'HI102'),
  ('UMA1', 'MA101'), ('UMA1', 'MA102'), ('UMA1', 'IN101'), ('UPC1', 'PY101'), ('UPC1', 'CH150');

INSERT INTO individu (cod_etu, lib_nom_pat_ind, lib_pr1_ind, date_nai_ind, mail, cod_cmp, tem_ech, num_dir) VALUES
  ('22100001', 'Aubert', 'Lucie', '2007-02-14', 'lucie.aubert@etu.univ-exemple.fr', '12', 'N', 'H1001'),
  ('22100002', 'Bakkali', 'Nadia', '2006-11-30', 'nadia.bakkali@etu.univ-exemple.fr', '12', 'N', 'H1001'),
  ('22100003', 'Coëffic', 'Maël', '2007-06-06', NULL, '12', 'N', NULL),
  ('22100004', 'Deschamps', 'Hugo', '2007-09-01', 'hugo.deschamps@etu.univ-exemple.fr', '12', 'N', 'H1004'),
  ('22100005', 'Estève', 'Manon', '2006-12-24', 'manon.esteve@etu.univ-exemple.fr', '12', 'N', NULL),
  ('22100006', 'Ferrand', 'Jules', '2005-05-23', 'jules.ferrand@etu.univ-exemple.fr', '12', 'N', 'H1004'),
  ('22100007', 'Gautier', 'Iris', '2006-01-17', 'iris.gautier@etu.univ-exemple.fr', '12', 'O', NULL),
  ('22200001', 'Fontaine', 'Léo', '2007-08-19', 'leo.fontaine@etu.univ-exemple.fr', '25', 'N', 'S2001'),
  ('22200002', 'Garnier', 'Inès', '2007-04-27', 'ines.garnier@etu.univ-exemple.fr', '25', 'N', 'S2001'),
  ('22200003', 'Hoarau', 'Mathis', '2006-10-10', 'mathis.hoarau@etu.univ-exemple.fr', '25', 'N', NULL),
  ('22200004', 'Ivanova', 'Daria', '2007-07-21', 'daria.ivanova@etu.univ-exemple.fr', '25', 'N', 'S2004'),
  ('22200005', 'Joubert', 'Alix', '2007-03-15', NULL, '25', 'N', NULL),
  ('22200006', 'Kone', 'Awa', '2006-09-09', 'awa.kone@etu.univ-exemple.fr', '25', 'N', NULL);

INSERT INTO collection (cod_coll, lib_coll, cod_cmp) VALUES
  ('HI1', 'Licence 1 Histoire', '12'),
  ('GE1', 'Licence 1 Géographie', '12');

INSERT INTO groupe (cod_gpe, lib_gpe, cod_coll) VALUES
  ('HI1-A', 'Licence 1 Histoire, groupe A', 'HI1'),
  ('HI1-B', 'Licence 1 Histoire, groupe B', 'HI1'),
  ('GE1-A', 'Licence 1 Géographie, groupe A', 'GE1');

INSERT INTO ind_affecte_gpe (cod_etu, cod_gpe) VALUES
  ('22100001', 'HI1-A'), ('22100002', 'HI1-B'), ('22100003', 'HI1-B'), ('22100004', 'HI1-A'),
  ('22100005', 'GE1-A'), ('22100006', 'GE1-A');

INSERT INTO etape (cod_etp, lib_etp, cod_cmp) VALUES
  ('L1MI', 'Licence 1 Mathématiques-informatique', '25'),
  ('L1PC', 'Licence 1 Physique-chimie', '25');

INSERT INTO version_etape (cod_etp, cod_vrs_vet, lib_web_vet) VALUES
  ('L1MI', 261, 'L1 Mathématiques-informatique, parcours classique'),
  ('L1MI', 262, 'L1 Mathématiques-informatique, parcours renforcé'),
  ('L1PC', 261, 'L1 Physique-chimie');

INSERT INTO ins_adm_etp (cod_etu, cod_etp, cod_vrs_vet, eta_iae) VALUES
  ('22200001', 'L1MI', 261, 'E'), ('22200002', 'L1MI', 262, 'E'), ('22200003', 'L1MI', 261, 'E'),
  ('22200004', 'L1PC', 261, 'E'), ('22200005', 'L1PC', 261, 'E'), ('22200006', 'L1MI', 262, 'R');

INSERT INTO materiel (num_inv, lib_mat, cod_cmp, etat, dat_ent) VALUES
  ('EQ-001', 'Enregistreur numérique', '12', 'S', '2023-02-01'),
  ('EQ-002', 'Rétroprojecteur', '12', 'R', '2009-10-12'),
  ('EQ-004', 'Valise de cartes anciennes', '12', 'S', '2026-08-28'),
  ('EQ-005', 'Magnétoscope', '12', 'S', '2004-03-30'), -- too old to come in, and not there
  ('EQ-101', 'Oscilloscope', '25', 'S', '2026-08-27'),
  ('EQ-102', 'Chariot d''ordinateurs portables', '25', 'S', '2026-09-01');

INSERT INTO ressource (cod_cmp, porteur, cod_por, typ_res, cod_res, nature) VALUES
  ('12', 'GPE', 'HI1-A', 'S', 'L-101', 'F'),
  ('12', 'GPE', 'HI1-B', 'S', 'L-101', 'P'),
  ('12', 'GPE', 'GE1-A', 'P', 'H1004', 'F'),
  ('12', 'GPE', 'HI1-A', 'P', 'H1001', 'P'),
  ('12', 'GPE', 'GE1-A', 'M', 'EQ-004', 'F'),
  ('12', 'GPE', 'HI1-A', 'M', 'EQ-001', 'P'),
  ('12', 'ELP', 'HI101', 'S', 'L-001', 'F'),
  ('12', 'ELP', 'GE101', 'S', 'L-110', 'P'),
  ('12', 'ELP', 'HI101', 'P', 'H1001', 'F'),
  ('12', 'ELP', 'GE101', 'P', 'H1004', 'P'),
  ('12', 'ELP', 'GE101', 'M', 'EQ-004', 'F'),
  ('12', 'ELP', 'HI102', 'M', 'EQ-001', 'P'),
  ('25', 'GPE', 'L1MI', 'S', 'S-001', 'F'),
  ('25', 'GPE', 'L1MI-262', 'S', 'S-020', 'P'),
  ('25', 'GPE', 'L1MI-261', 'P', 'S2001', 'F'),
  ('25', 'GPE', 'L1PC-261', 'P', 'S2004', 'P'),
  ('25', 'GPE', 'L1PC-261', 'M', 'EQ-101', 'F'),
  ('25', 'GPE', 'L1MI-262', 'M', 'EQ-102', 'P'),
  ('25', 'ELP', 'IN101', 'S', 'S-020', 'F'),
  ('25', 'ELP', 'PY101', 'S', 'S-001', 'P'),
  ('25', 'ELP', 'MA101', 'P', 'S2001', 'F'),
  ('25', 'ELP', 'PY101', 'P', 'S2004', 'P'),
  ('25', 'ELP', 'PY101', 'M', 'EQ-101', 'F'),
  ('25', 'ELP', 'IN101', 'M', 'EQ-102', 'P');
