-- What the configuration reads, for an Oracle server to try it on: tables in the manner
-- of Apogée, with the few columns that are read. All people are invented. Run it as the
-- user APOGEE.

CREATE TABLE COMPOSANTE (
  COD_CMP        CHAR(6) PRIMARY KEY,
  LIB_CMP        VARCHAR2(40) NOT NULL,
  COD_TPC        VARCHAR2(3) NOT NULL, -- UFR, DEP
  TEM_EN_SVE_CMP CHAR(1) NOT NULL      -- in service
);

CREATE TABLE INDIVIDU (
  COD_IND         NUMBER(8) PRIMARY KEY,
  COD_ETU         NUMBER(8) UNIQUE,
  LIB_NOM_PAT_IND VARCHAR2(30) NOT NULL,
  LIB_PR1_IND     VARCHAR2(20) NOT NULL,
  DATE_NAI_IND    DATE,
  ADR_MAIL        VARCHAR2(100)
);

CREATE TABLE INS_ADM_ETP (
  COD_IND     NUMBER(8) NOT NULL REFERENCES INDIVIDU,
  COD_ANU     VARCHAR2(4) NOT NULL,
  COD_CMP     VARCHAR2(3) NOT NULL,
  COD_CMP_DEP CHAR(6) NOT NULL REFERENCES COMPOSANTE,
  ETA_IAE     CHAR(1) NOT NULL, -- E in force, R resigned
  MNT_DROITS  NUMBER(8, 2),
  DAT_CRE_IAE DATE NOT NULL,
  PRIMARY KEY (COD_IND, COD_ANU, COD_CMP)
);

INSERT INTO COMPOSANTE VALUES ('GEO', 'Département de géographie', 'DEP', 'O');
INSERT INTO COMPOSANTE VALUES ('HIST', 'Département d''histoire', 'DEP', 'O');
INSERT INTO COMPOSANTE VALUES ('MATH', 'Département de mathématiques', 'DEP', 'O');
INSERT INTO COMPOSANTE VALUES ('PHYS', 'Département de physique', 'DEP', 'O');

INSERT INTO INDIVIDU VALUES (1, 22600101, 'Lecœur', 'Chloé', DATE '2006-02-17', 'Chloe.Lecoeur@etu.univ-exemple.fr');
INSERT INTO INDIVIDU VALUES (2, 22600102, 'Benyahia', 'Nadia', DATE '2005-11-30', 'nadia.benyahia@etu.univ-exemple.fr');
INSERT INTO INDIVIDU VALUES (3, 22600103, 'Coëffic', 'Erwan', DATE '2006-07-04', '');
INSERT INTO INDIVIDU VALUES (4, 22600201, 'Žukauskas', 'Léo', DATE '2005-01-26', 'leo.zukauskas@etu.univ-exemple.fr');
INSERT INTO INDIVIDU VALUES (5, 22600202, 'Garnier', 'Inès', DATE '2006-12-12', 'ines.garnier@etu.univ-exemple.fr');
INSERT INTO INDIVIDU VALUES (6, 22600203, 'L''Haÿ', 'Maëlys', DATE '2006-03-29', 'maelys.lhay@etu.univ-exemple.fr');

INSERT INTO INS_ADM_ETP VALUES (1, '2026', '12', 'HIST', 'E', 178, TIMESTAMP '2026-07-06 09:12:31');
INSERT INTO INS_ADM_ETP VALUES (2, '2026', '12', 'GEO', 'E', 178, TIMESTAMP '2026-07-06 10:40:00');
INSERT INTO INS_ADM_ETP VALUES (3, '2026', '12', 'HIST', 'E', 0, TIMESTAMP '2026-07-07 14:05:59');
INSERT INTO INS_ADM_ETP VALUES (4, '2026', '25', 'MATH', 'E', 170.5, TIMESTAMP '2026-01-12 08:30:00');
INSERT INTO INS_ADM_ETP VALUES (5, '2026', '25', 'PHYS', 'E', 178, TIMESTAMP '2026-07-08 11:00:00');
INSERT INTO INS_ADM_ETP VALUES (6, '2026', '25', 'PHYS', 'E', NULL, TIMESTAMP '2026-07-08 11:20:00');

COMMIT;
