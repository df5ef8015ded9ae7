-- The platform: Moodle's tables with the columns that are read or written, and ids that
-- are unsigned as older releases made them. All people are invented. For MariaDB and MySQL.

CREATE TABLE mdl_user (
  id           bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  auth         varchar(20) NOT NULL DEFAULT 'manual',
  deleted      tinyint(1) NOT NULL DEFAULT 0,
  suspended    tinyint(1) NOT NULL DEFAULT 0,
  mnethostid   bigint unsigned NOT NULL DEFAULT 0,
  username     varchar(100) NOT NULL DEFAULT '',
  firstname    varchar(100) NOT NULL DEFAULT '',
  lastname     varchar(100) NOT NULL DEFAULT '',
  email        varchar(100) NOT NULL DEFAULT '',
  lastaccess   bigint NOT NULL DEFAULT 0,
  timecreated  bigint NOT NULL DEFAULT 0,
  timemodified bigint NOT NULL DEFAULT 0,
  UNIQUE KEY mdl_user_mneuse_uix (mnethostid, username)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE mdl_cohort (
  id                bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  contextid         bigint unsigned NOT NULL,
  name              varchar(254) NOT NULL DEFAULT '',
  idnumber          varchar(100),
  description       longtext,
  descriptionformat tinyint NOT NULL,
  visible           tinyint(1) NOT NULL DEFAULT 1,
  component         varchar(100) NOT NULL DEFAULT '',
  timecreated       bigint NOT NULL,
  timemodified      bigint NOT NULL,
  KEY mdl_coho_con_ix (contextid)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE mdl_cohort_members (
  id        bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  cohortid  bigint unsigned NOT NULL DEFAULT 0,
  userid    bigint unsigned NOT NULL DEFAULT 0,
  timeadded bigint NOT NULL DEFAULT 0,
  UNIQUE KEY mdl_cohomemb_cohuse_uix (cohortid, userid)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

-- The one thing that Moodle lacks: nothing else keeps two cohorts from having one number.
-- Cohorts without a number are NULL, of which there may be many.
CREATE UNIQUE INDEX registrar_cohort ON mdl_cohort (idnumber);

INSERT INTO mdl_user (id, auth, deleted, mnethostid, username, firstname, lastname, email, lastaccess, timecreated) VALUES
  (1, 'manual', 0, 1, 'guest', 'Guest user', ' ', 'root@localhost', 0, 1693526400),
  (2, 'cas', 0, 1, 'enoel', 'Élise', 'Noël', 'Elise.Noel@etu.univ-exemple.fr', 1788678000, 1693526400),
  (3, 'cas', 0, 1, 'tbakkali', 'Tarik 🎓', 'Bakkali', 'tarik.bakkali@etu.univ-exemple.fr', 0, 1725148800),
  (4, 'cas', 0, 1, 'mstrauss', 'Mia', 'Strauß', '', 1774747800, 1725148800),
  (5, 'cas', 1, 1, 'old.account', 'Nobody', 'Anymore', '', 0, 1600000000),
  (4294967296, 'cas', 0, 1, 'zlefevre', 'Zoé', 'Lefèvre', 'zoe.lefevre@etu.univ-exemple.fr', 1788678000, 1756684800);

-- One cohort is kept by hand, and one is an earlier plan's, under a name by which a
-- collation that ignores case and accents takes it for the group's.
INSERT INTO mdl_cohort (id, contextid, name, idnumber, descriptionformat, visible, component, timecreated, timemodified) VALUES
  (10, 1, 'Délégués', NULL, 1, 1, '', 1725148800, 1725148800),
  (11, 1, 'GROUPE ELISE', 'HI1-A', 1, 1, 'local_registrar', 1756684800, 1756684800);

INSERT INTO mdl_cohort_members (cohortid, userid, timeadded) VALUES
  (10, 2, 1725200000), (10, 3, 1725200000),
  (11, 2, 1756684800), (11, 4, 1756684800);
