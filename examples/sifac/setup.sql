-- progfin as it was before the run of 5 September 2017. The published log says what
-- changed; what it does not say (dates of some rows, earlier labels of those that
-- come back) is made up.

CREATE TABLE progfin (
  code           VARCHAR(64) NOT NULL PRIMARY KEY,
  libelle        VARCHAR(64),
  fleche         VARCHAR(8),
  debut_validite DATE,
  fin_validite   DATE,
  created_on     TIMESTAMP NOT NULL,
  updated_on     TIMESTAMP,
  deleted_on     TIMESTAMP
);

-- Unchanged by the run.
INSERT INTO progfin (code, libelle, fleche, debut_validite, fin_validite, created_on, updated_on, deleted_on) VALUES
  ('013CC021', 'Caract. verres trait', ' ', '2017-05-01', '2018-12-31', '2017-09-04 14:17:41', NULL, NULL),
  ('920CA050', 'Tthèse CIFRE2015/119', ' ', '2016-01-01', '2018-12-31', '2017-09-04 14:17:41', NULL, NULL),
  ('909CC189', 'THESE CIFRE', ' ', '2016-02-01', '2019-12-31', '2017-09-04 14:17:41', NULL, NULL),
  ('909EA002', 'ED SIMEM FONCTIONNEM', ' ', '2015-01-01', '2047-12-31', '2017-09-04 14:17:41', NULL, NULL),
  ('913CA052', 'ECO CORAIL', ' ', '2014-09-26', '2017-12-31', '2017-09-04 14:17:41', NULL, NULL),
  ('917CA955', 'CAPACITE', ' ', '2013-11-01', '2047-12-31', '2017-09-04 14:17:41', NULL, NULL),
  ('F971UP03', 'DELAWARE', ' ', '2015-01-01', '2047-12-31', '2017-09-04 14:17:41', NULL, NULL),
  ('925CD271', 'CONV.2015PCM51', ' ', '2016-01-01', '2017-12-31', '2017-09-04 14:17:41', NULL, NULL),
  ('925CD276', 'CONV.1060284', ' ', '2015-12-10', '2019-12-31', '2017-09-04 14:17:41', NULL, NULL),
  ('920CA047', 'Projet THYMOTHE', ' ', '2015-12-21', '2018-12-31', '2017-09-04 14:17:41', NULL, NULL),
  ('013GR014', 'SUBVENTION COTENTIN', ' ', '2017-01-01', '2047-12-31', '2016-12-20 10:15:00', '2017-09-04 14:17:41', NULL),
  ('012CB018', 'Bilan sur les nouv.', ' ', '2016-12-15', '2018-12-31', '2016-12-20 10:15:00', '2017-09-04 14:17:41', NULL),
  ('012RF001', 'COLLOQUE CONSTITUTIO', ' ', '2017-01-01', '2017-12-31', '2016-12-20 10:15:00', '2017-09-04 14:17:41', NULL),
  ('971UP002', 'Etablissement API', ' ', '2014-01-01', '2047-12-31', '2016-12-20 10:15:00', '2017-09-04 14:17:41', NULL),
  ('971UP004', 'ETAB GIORGIA NORTH', ' ', '2014-01-01', '2047-12-31', '2016-12-20 10:15:00', '2017-09-04 14:17:41', NULL),
  ('950ME003', 'REGIE DE RECETTES-EN', ' ', '2014-01-01', '2047-12-31', '2016-12-20 10:15:00', '2017-09-04 14:17:41', NULL);

-- Changed by the run: one deleted, one updated, three undeleted.
INSERT INTO progfin (code, libelle, fleche, debut_validite, fin_validite, created_on, updated_on, deleted_on) VALUES
  ('fddsfsd', 'fdsfds', ' ', '2017-01-01', '2047-12-31', '2017-09-05 15:02:11', NULL, NULL),
  ('925PL005', 'PLATINvxcvxc', ' ', '2016-01-01', '2047-12-31', '2016-12-20 10:15:00', '2017-09-05 15:03:40', NULL),
  ('913TA017', 'TA 2016', ' ', '2016-01-01', '2016-12-31', '2016-12-20 10:15:00', NULL, '2017-09-05 15:05:27'),
  ('920TA017', 'TA 2017', ' ', '2017-01-01', '2047-12-31', '2016-12-20 10:15:00', NULL, '2017-09-05 15:05:27'),
  ('P14DU910', 'PAIE DIU ADOLESCENTS', ' ', '2017-01-01', '2047-12-31', '2016-12-20 10:15:00', NULL, '2017-09-05 15:05:27');
