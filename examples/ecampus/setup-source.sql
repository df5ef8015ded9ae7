-- What the platform is kept in step with, in one SQLite file: tables in the manner of
-- Apogée (students, elements, groups), of the directory of digital accounts, and of
-- the timetable (ADE). All people are invented.

-- The academic years. The one that ends overlaps with the new one until the end of
-- September.
CREATE TABLE annee_uni (
  cod_anu TEXT PRIMARY KEY,
  lib_anu TEXT NOT NULL,
  dat_deb DATE NOT NULL,
  dat_fin DATE NOT NULL
);

CREATE TABLE composante (
  cod_cmp TEXT PRIMARY KEY,
  lib_cmp TEXT NOT NULL
);

CREATE TABLE etape (
  cod_etp TEXT PRIMARY KEY,
  lib_etp TEXT NOT NULL,
  cod_cmp TEXT NOT NULL REFERENCES composante (cod_cmp),
  cod_niv TEXT NOT NULL -- L1 to M2
);

CREATE TABLE element_pedagogi (
  cod_elp         TEXT PRIMARY KEY,
  lib_elp         TEXT NOT NULL,
  cod_etp         TEXT NOT NULL REFERENCES etape (cod_etp),
  cod_pel         TEXT NOT NULL,             -- S1, S2 or AN
  eta_elp         TEXT NOT NULL DEFAULT 'O', -- O open, F closed
  tem_sus_elp     TEXT NOT NULL DEFAULT 'N', -- suspended
  tem_ead_elp     TEXT NOT NULL DEFAULT 'N', -- "enseignement à distance"
  cod_elp_porteur TEXT,                      -- the element that carries this one
  dat_mod_elp     DATE NOT NULL
);

-- Teaching load, by type of hours.
CREATE TABLE elp_chg_typ_heu (
  cod_anu     TEXT NOT NULL,
  cod_elp     TEXT NOT NULL,
  cod_typ_heu TEXT NOT NULL, -- CM, TD, TP
  nb_heu_elp  NUMERIC NOT NULL,
  PRIMARY KEY (cod_anu, cod_elp, cod_typ_heu)
);

-- Groups belong to a collection; a collection is associated with elements.
CREATE TABLE collection (
  cod_col TEXT PRIMARY KEY,
  lib_col TEXT NOT NULL
);

CREATE TABLE collection_elp (
  cod_col TEXT NOT NULL REFERENCES collection (cod_col),
  cod_elp TEXT NOT NULL,
  PRIMARY KEY (cod_col, cod_elp)
);

CREATE TABLE groupe (
  cod_gpe TEXT PRIMARY KEY,
  lib_gpe TEXT NOT NULL, -- "CEMU" in it: for distance learning
  cod_col TEXT NOT NULL REFERENCES collection (cod_col)
);

CREATE TABLE individu (
  cod_ind INTEGER PRIMARY KEY,
  cod_etu TEXT NOT NULL UNIQUE
);

-- Exchange programmes: sent out (E) or welcomed (A), for a semester or a year.
CREATE TABLE programme_echange (
  cod_prg TEXT PRIMARY KEY,
  lib_prg TEXT NOT NULL,
  sens    TEXT NOT NULL,
  periode TEXT NOT NULL
);

-- Administrative enrolments (IA). One that was cancelled (A) may be followed by another
-- in the same year.
CREATE TABLE ins_adm_etp (
  cod_anu     TEXT NOT NULL,
  cod_ind     INTEGER NOT NULL REFERENCES individu (cod_ind),
  cod_etp     TEXT NOT NULL REFERENCES etape (cod_etp),
  num_occ_iae INTEGER NOT NULL DEFAULT 1,
  eta_iae     TEXT NOT NULL DEFAULT 'E', -- E in force, A cancelled
  tem_tel_iae TEXT NOT NULL DEFAULT 'N', -- "télé-enseignement"
  cod_prg     TEXT REFERENCES programme_echange (cod_prg),
  PRIMARY KEY (cod_anu, cod_ind, cod_etp, num_occ_iae)
);

-- Pedagogical enrolments (IP).
CREATE TABLE ind_contrat_elp (
  cod_anu TEXT NOT NULL,
  cod_ind INTEGER NOT NULL REFERENCES individu (cod_ind),
  cod_etp TEXT NOT NULL,
  cod_elp TEXT NOT NULL,
  dat_mod DATE NOT NULL,
  PRIMARY KEY (cod_anu, cod_ind, cod_etp, cod_elp)
);

CREATE TABLE ind_affecte_gpe (
  cod_anu TEXT NOT NULL,
  cod_ind INTEGER NOT NULL REFERENCES individu (cod_ind),
  cod_gpe TEXT NOT NULL REFERENCES groupe (cod_gpe),
  PRIMARY KEY (cod_anu, cod_ind, cod_gpe)
);

-- Digital accounts, of students and staff.
CREATE TABLE compte (
  uid     TEXT PRIMARY KEY,
  cod_etu TEXT UNIQUE,
  num_per TEXT UNIQUE,
  nom     TEXT NOT NULL,
  prenom  TEXT NOT NULL,
  mail    TEXT
);

-- The timetable: activities, who is associated with them, and what is scheduled. An
-- activity that was created in the timetable alone has no element.
CREATE TABLE ade_activite (
  id      INTEGER PRIMARY KEY,
  cod_anu TEXT NOT NULL,
  libelle TEXT NOT NULL,
  cod_elp TEXT
);

CREATE TABLE ade_activite_enseignant (
  id_activite INTEGER NOT NULL REFERENCES ade_activite (id),
  num_per     TEXT NOT NULL,
  PRIMARY KEY (id_activite, num_per)
);

CREATE TABLE ade_seance (
  id          INTEGER PRIMARY KEY,
  id_activite INTEGER NOT NULL REFERENCES ade_activite (id),
  idgroupe    TEXT,
  debut       TIMESTAMP NOT NULL
);

CREATE TABLE ade_seance_enseignant (
  id_seance INTEGER NOT NULL REFERENCES ade_seance (id),
  num_per   TEXT NOT NULL,
  PRIMARY KEY (id_seance, num_per)
);

INSERT INTO annee_uni (cod_anu, lib_anu, dat_deb, dat_fin) VALUES
  ('2025', '2025-2026', '2025-08-25', '2026-09-30'),
  ('2026', '2026-2027', '2026-08-24', '2027-09-30');

INSERT INTO composante (cod_cmp, lib_cmp) VALUES
  ('HSS', 'Humanités et sciences sociales'),
  ('LVE', 'Langues vivantes étrangères');

INSERT INTO etape (cod_etp, lib_etp, cod_cmp, cod_niv) VALUES
  ('1HMS701', 'Master 1A Sociologie', 'HSS', 'M1'),
  ('1HPH701', 'Licence 1A Philosophie', 'HSS', 'L1'),
  ('1LANGL701', 'Licence 1A LLCE', 'LVE', 'L1');

INSERT INTO element_pedagogi (cod_elp, lib_elp, cod_etp, cod_pel, dat_mod_elp) VALUES
  ('AN-10A', 'EC1 Langue Traduction', '1LANGL701', 'S1', '2026-06-12'),
  ('LPH103', 'Histoire de la philosophie', '1HPH701', 'S2', '2026-06-15'),
  ('LPH110', 'Mémoire', '1HPH701', 'AN', '2026-06-15'),
  ('M.1.MS03', 'Théories du changement social', '1HMS701', 'S1', '2026-01-15'),
  ('M.1A561', 'Dramaturgie et mise en scène', '1HPH701', 'S1', '2026-06-18'),
  ('M.1HRP9C', 'Histoire ancienne', '1HMS701', 'S1', '2026-06-18'),
  ('RCAED334', 'Recherche documentaire', '1HPH701', 'S1', '2026-06-22');
INSERT INTO element_pedagogi (cod_elp, lib_elp, cod_etp, cod_pel, tem_ead_elp, dat_mod_elp) VALUES
  ('IRAN-15', 'Introduction au persan', '1LANGL701', 'AN', 'O', '2026-06-12');
-- Carried by M.1HRP9C, and thereby gone from the platform.
INSERT INTO element_pedagogi (cod_elp, lib_elp, cod_etp, cod_pel, cod_elp_porteur, dat_mod_elp) VALUES
  ('2HR5C', 'Histoire ancienne (option)', '1HPH701', 'S1', 'M.1HRP9C', '2026-07-02');
-- No longer taught.
INSERT INTO element_pedagogi (cod_elp, lib_elp, cod_etp, cod_pel, eta_elp, dat_mod_elp) VALUES
  ('LPH099', 'Logique', '1HPH701', 'S1', 'F', '2026-05-04');

-- LPH110 has neither load nor groups; AN-10A, M.1A561, M.1HRP9C and IRAN-15 have groups.
INSERT INTO elp_chg_typ_heu (cod_anu, cod_elp, cod_typ_heu, nb_heu_elp) VALUES
  ('2025', 'LPH103', 'CM', 24),
  ('2026', 'AN-10A', 'TD', 24),
  ('2026', 'LPH103', 'CM', 24),
  ('2026', 'LPH103', 'TP', 0),
  ('2026', 'M.1.MS03', 'CM', 12),
  ('2026', 'M.1.MS03', 'TD', 12),
  ('2026', 'M.1A561', 'CM', 18),
  ('2026', 'RCAED334', 'CM', 10);

INSERT INTO collection (cod_col, lib_col) VALUES
  ('2HR5CTD', 'TD de l''option'),
  ('AN-10ATD', 'TD de traduction'),
  ('IRAN-15TD', 'TD de persan'),
  ('M.1A561CM', 'CM de dramaturgie'),
  ('M.1HRP9CTD', 'TD d''histoire ancienne');

-- The collection M.1HRP9CTD is shared by the carrying and the carried element, 2HR5CTD
-- is not. AN-10ATD is also that of an element that has nothing to do with AN-10A.
INSERT INTO collection_elp (cod_col, cod_elp) VALUES
  ('2HR5CTD', '2HR5C'),
  ('AN-10ATD', 'AN-10A'),
  ('AN-10ATD', 'IRAN-15'),
  ('IRAN-15TD', 'IRAN-15'),
  ('M.1A561CM', 'M.1A561'),
  ('M.1HRP9CTD', '2HR5C'),
  ('M.1HRP9CTD', 'M.1HRP9C');

INSERT INTO groupe (cod_gpe, lib_gpe, cod_col) VALUES
  ('2HR5CTD1', 'TD 1', '2HR5CTD'),
  ('AN-10ATD1', 'TD 1', 'AN-10ATD'),
  ('AN-10ATD2', 'TD 2', 'AN-10ATD'),
  ('IRAN-15CEM', 'TD CEMU', 'IRAN-15TD'),
  ('IRAN-15TD1', 'TD 1', 'IRAN-15TD'),
  ('M.1A561CEM', 'CM CEMU', 'M.1A561CM'),
  ('M.1A561CM1', 'CM 1', 'M.1A561CM'),
  ('M.1HRP9CEM', 'TD CEMU', 'M.1HRP9CTD'),
  ('M.1HRP9CTD', 'TD', 'M.1HRP9CTD');

INSERT INTO programme_echange (cod_prg, lib_prg, sens, periode) VALUES
  ('1A', 'Erasmus+ Accueil S1', 'A', 'S1'),
  ('1D', 'Erasmus+ Départ S1', 'E', 'S1'),
  ('3D', 'Erasmus+ Départ An', 'E', 'AN');

INSERT INTO compte (uid, cod_etu, nom, prenom, mail) VALUES
  ('29907001', '29907001', 'Aubin', 'Lise', '29907001@etu.univ-exemple.fr'),
  ('29907002', '29907002', 'Barre', 'Ugo', '29907002@etu.univ-exemple.fr'),
  ('29907003', '29907003', 'Cadet', 'Mila', '29907003@etu.univ-exemple.fr'),
  ('29907004', '29907004', 'Diot', 'Axel', '29907004@etu.univ-exemple.fr'),
  ('29907005', '29907005', 'Esnault', 'Zoé', '29907005@etu.univ-exemple.fr'),
  ('29907006', '29907006', 'Fabre', 'Noé', '29907006@etu.univ-exemple.fr'),
  ('29907007', '29907007', 'Girard', 'Elsa', '29907007@etu.univ-exemple.fr'),
  ('29907008', '29907008', 'Huet', 'Marius', '29907008@etu.univ-exemple.fr'),
  ('29910001', '29910001', 'Berthelot', 'Alix', '29910001@etu.univ-exemple.fr'),
  ('29910002', '29910002', 'Cassel', 'Mona', '29910002@etu.univ-exemple.fr'),
  ('29910003', '29910003', 'Delaunay', 'Ewen', '29910003@etu.univ-exemple.fr'),
  ('29910004', '29910004', 'El Fassi', 'Nour', '29910004@etu.univ-exemple.fr'),
  ('29910005', '29910005', 'Fischer', 'Lars', '29910005@etu.univ-exemple.fr'),
  ('29910006', '29910006', 'Godin', 'Garance', '29910006@etu.univ-exemple.fr'),
  ('29910007', '29910007', 'Isnard', 'Hugo', '29910007@etu.univ-exemple.fr'),
  ('29910008', '29910008', 'Kervella', 'Jade', '29910008@etu.univ-exemple.fr'),
  ('29910009', '29910009', 'Lebret', 'Tom', '29910009@etu.univ-exemple.fr'),
  ('29910010', '29910010', 'Mahé', 'Salomé', '29910010@etu.univ-exemple.fr'),
  ('29910011', '29910011', 'Nicolle', 'Basile', '29910011@etu.univ-exemple.fr'),
  ('29910012', '29910012', 'Ollivier', 'Capucine', '29910012@etu.univ-exemple.fr'),
  ('29910013', '29910013', 'Pasquier', 'Malo', '29910013@etu.univ-exemple.fr'),
  ('29910014', '29910014', 'Roussel', 'Iris', '29910014@etu.univ-exemple.fr');
INSERT INTO compte (uid, num_per, nom, prenom, mail) VALUES
  ('martel', 'P1001', 'Martel', 'Solène', 'solene.martel@univ-exemple.fr'),
  ('noel', 'P1002', 'Noël', 'Victor', 'victor.noel@univ-exemple.fr'),
  ('oliveira', 'P1003', 'Oliveira', 'Inès', 'ines.oliveira@univ-exemple.fr'),
  ('prigent', 'P1004', 'Prigent', 'Paul', 'paul.prigent@univ-exemple.fr'),
  ('quintin', 'P1005', 'Quintin', 'Rose', 'rose.quintin@univ-exemple.fr'),
  ('rahmani', 'P1006', 'Rahmani', 'Samir', NULL), -- teaches a few hours; no address was given
  ('sorel', 'P1007', 'Sorel', 'Ève', 'eve.sorel@univ-exemple.fr');

INSERT INTO individu (cod_ind, cod_etu)
SELECT CAST(cod_etu AS INTEGER) - 29900000, cod_etu FROM compte WHERE cod_etu IS NOT NULL;

INSERT INTO ins_adm_etp (cod_anu, cod_ind, cod_etp, num_occ_iae, eta_iae, tem_tel_iae, cod_prg) VALUES
  ('2026', 10001, '1LANGL701', 1, 'E', 'N', NULL),
  ('2026', 10002, '1LANGL701', 1, 'E', 'N', NULL),
  ('2026', 10003, '1LANGL701', 1, 'E', 'N', NULL),
  ('2026', 10004, '1LANGL701', 1, 'E', 'N', '3D'),
  ('2026', 10005, '1LANGL701', 1, 'E', 'N', '1A'),
  ('2026', 10006, '1LANGL701', 1, 'E', 'N', '1D'),
  ('2026', 10006, '1HPH701', 1, 'E', 'N', '1D'),
  ('2026', 10007, '1LANGL701', 1, 'A', 'N', NULL), -- cancelled,
  ('2026', 10007, '1LANGL701', 2, 'E', 'N', NULL), -- then replaced
  ('2026', 10008, '1LANGL701', 1, 'A', 'N', NULL), -- cancelled,
  ('2026', 10008, '1HPH701', 1, 'E', 'N', NULL),   -- then replaced by another
  ('2025', 10009, '1HPH701', 1, 'E', 'N', NULL),
  ('2026', 10010, '1HMS701', 1, 'E', 'N', NULL),
  ('2026', 10011, '1HPH701', 1, 'E', 'N', NULL),
  ('2026', 10012, '1HPH701', 1, 'E', 'N', NULL),
  ('2026', 10013, '1HMS701', 1, 'E', 'N', NULL),
  ('2026', 10014, '1HPH701', 1, 'E', 'N', NULL);

INSERT INTO ind_contrat_elp (cod_anu, cod_ind, cod_etp, cod_elp, dat_mod) VALUES
  ('2026', 10001, '1LANGL701', 'AN-10A', '2026-09-01'),
  ('2026', 10002, '1LANGL701', 'AN-10A', '2026-09-01'),
  ('2026', 10003, '1LANGL701', 'AN-10A', '2026-09-03'),
  ('2026', 10004, '1LANGL701', 'AN-10A', '2026-09-01'),
  ('2026', 10005, '1LANGL701', 'AN-10A', '2026-09-01'),
  ('2026', 10006, '1LANGL701', 'AN-10A', '2026-09-01'),
  ('2026', 10006, '1HPH701', 'LPH103', '2026-09-01'),
  ('2026', 10007, '1LANGL701', 'AN-10A', '2026-09-01'),
  ('2026', 10008, '1LANGL701', 'AN-10A', '2026-09-02'),
  ('2025', 10009, '1HPH701', 'LPH103', '2025-09-08'),
  ('2026', 10010, '1HMS701', 'M.1HRP9C', '2026-09-01'),
  ('2026', 10011, '1HPH701', '2HR5C', '2026-09-01'),
  ('2026', 10012, '1HPH701', '2HR5C', '2026-09-01'),
  ('2026', 10013, '1HMS701', 'M.1.MS03', '2026-09-01'),
  ('2026', 10014, '1HPH701', 'LPH103', '2026-09-01'),
  ('2026', 10014, '1HPH701', 'RCAED334', '2026-09-01'),
  ('2026', 10014, '1HPH701', 'LPH110', '2026-09-01');

INSERT INTO ind_affecte_gpe (cod_anu, cod_ind, cod_gpe) VALUES
  ('2026', 10001, 'AN-10ATD1'),
  ('2026', 10002, 'AN-10ATD2'),
  ('2026', 10004, 'AN-10ATD1'),
  ('2026', 10005, 'AN-10ATD2'),
  ('2026', 10006, 'AN-10ATD1'),
  ('2026', 10007, 'AN-10ATD1'),
  ('2026', 10008, 'AN-10ATD1'),
  ('2026', 10010, 'M.1HRP9CTD'),
  ('2026', 10011, 'M.1HRP9CTD'),
  ('2026', 10012, '2HR5CTD1');

-- One student for each row of the published table of remote status: group CEMU, element
-- taught at a distance, administrative enrolment as distance learner.
INSERT INTO ins_adm_etp (cod_anu, cod_ind, cod_etp, tem_tel_iae) VALUES
  ('2026', 7001, '1HPH701', 'O'),
  ('2026', 7002, '1HPH701', 'O'),
  ('2026', 7003, '1LANGL701', 'O'),
  ('2026', 7004, '1HPH701', 'N'),
  ('2026', 7005, '1LANGL701', 'N'),
  ('2026', 7006, '1HPH701', 'N'),
  ('2026', 7007, '1LANGL701', 'N'),
  ('2026', 7008, '1LANGL701', 'O');
INSERT INTO ind_contrat_elp (cod_anu, cod_ind, cod_etp, cod_elp, dat_mod) VALUES
  ('2026', 7001, '1HPH701', 'M.1A561', '2026-09-01'),
  ('2026', 7002, '1HPH701', 'RCAED334', '2026-09-01'), -- its group is the pseudo-group ELP_RCAED334_CM
  ('2026', 7003, '1LANGL701', 'IRAN-15', '2026-09-01'),
  ('2026', 7004, '1HPH701', 'M.1A561', '2026-09-01'),
  ('2026', 7005, '1LANGL701', 'IRAN-15', '2026-09-01'),
  ('2026', 7006, '1HPH701', 'M.1A561', '2026-09-01'),
  ('2026', 7007, '1LANGL701', 'IRAN-15', '2026-09-01'),
  ('2026', 7008, '1LANGL701', 'IRAN-15', '2026-09-01');
INSERT INTO ind_affecte_gpe (cod_anu, cod_ind, cod_gpe) VALUES
  ('2026', 7001, 'M.1A561CEM'),
  ('2026', 7003, 'IRAN-15TD1'),
  ('2026', 7004, 'M.1A561CEM'),
  ('2026', 7005, 'IRAN-15CEM'),
  ('2026', 7006, 'M.1A561CM1'),
  ('2026', 7007, 'IRAN-15TD1'),
  ('2026', 7008, 'IRAN-15CEM');

INSERT INTO ade_activite (id, cod_anu, libelle, cod_elp) VALUES
  (1, '2026', 'Langue Traduction', 'AN-10A'),
  (2, '2026', 'Histoire de la philosophie', 'LPH103'),
  (3, '2026', 'Réunion de rentrée', NULL),
  (4, '2026', 'Logique', 'LPH099'),
  (5, '2026', 'Dramaturgie et mise en scène', 'M.1A561'),
  (6, '2025', 'Histoire de la philosophie', 'LPH103');

INSERT INTO ade_activite_enseignant (id_activite, num_per) VALUES
  (1, 'P1001'),
  (1, 'P1002'), -- associated, not scheduled
  (2, 'P1006'),
  (3, 'P1003'),
  (4, 'P1004'),
  (5, 'P1005'),
  (6, 'P1007');

INSERT INTO ade_seance (id, id_activite, idgroupe, debut) VALUES
  (1, 1, 'AN-10ATD1', '2026-09-14 10:00:00'),
  (2, 1, 'AN-10ATD2', '2026-09-15 10:00:00'),
  (3, 2, 'ELP_LPH103_CM', '2027-01-18 08:30:00'),
  (4, 3, NULL, '2026-09-07 09:00:00'),
  (5, 4, NULL, '2026-09-16 14:00:00'),
  (6, 5, 'ELP_M.1A561_CM', '2026-09-17 14:00:00'), -- before M.1A561 had groups
  (7, 6, 'ELP_LPH103_CM', '2026-01-19 08:30:00');

INSERT INTO ade_seance_enseignant (id_seance, num_per) VALUES
  (1, 'P1001'),
  (2, 'P1001'),
  (3, 'P1006'),
  (4, 'P1003'),
  (5, 'P1004'),
  (6, 'P1005'),
  (7, 'P1007');
