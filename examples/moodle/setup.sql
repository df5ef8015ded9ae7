-- The portal, on PostgreSQL: the groups that the platform gets, and what it has of the
-- platform since the last plan.

CREATE SCHEMA portal;

CREATE TABLE portal.course_group (
  code       varchar(20) PRIMARY KEY,
  name       varchar(100) NOT NULL,
  opened_at  timestamptz(0) NOT NULL,
  changed_at timestamptz(0) NOT NULL,
  closed_on  date
);

CREATE TABLE portal.course_group_member (
  group_code varchar(20) NOT NULL REFERENCES portal.course_group,
  login      varchar(100) NOT NULL,
  since      timestamptz(0) NOT NULL,
  PRIMARY KEY (group_code, login)
);

CREATE TABLE portal.account (
  login      varchar(100) PRIMARY KEY,
  moodle_id  bigint NOT NULL UNIQUE,
  first_name varchar(100) NOT NULL,
  last_name  varchar(100) NOT NULL,
  email      varchar(100),
  suspended  boolean NOT NULL,
  created_at timestamptz(0) NOT NULL,
  last_seen  timestamptz(0),
  gone_on    timestamptz(0)
);

CREATE TABLE portal.cohort_by_hand (
  cohort_id bigint NOT NULL,
  login     varchar(100) NOT NULL,
  cohort    varchar(254) NOT NULL,
  since     timestamptz(0) NOT NULL,
  PRIMARY KEY (cohort_id, login)
);

INSERT INTO portal.course_group VALUES
  ('HI1-A', 'Groupe Élise', '2025-09-01 00:00:00Z', '2026-09-01 06:00:00Z', NULL),
  ('MA1-A', 'Groupe Ω ∑ 🧮', '2026-09-01 06:00:00Z', '2026-09-01 06:00:00Z', NULL),
  ('GE1-A', 'Groupe de géographie', '2024-09-01 06:00:00Z', '2024-09-01 06:00:00Z', '2025-07-01');

-- 'nobody' has no account yet.
INSERT INTO portal.course_group_member VALUES
  ('HI1-A', 'enoel', '2025-09-01 00:00:00Z'),
  ('HI1-A', 'tbakkali', '2026-09-01 06:00:00Z'),
  ('MA1-A', 'zlefevre', '2026-09-01 06:00:00Z'),
  ('MA1-A', 'nobody', '2026-09-01 06:00:00Z');

-- Tarik's account came last year, without what he calls himself; an account that is
-- deleted there is still known here.
INSERT INTO portal.account VALUES
  ('tbakkali', 3, 'Tarik', 'Bakkali', 'tarik.bakkali@etu.univ-exemple.fr', false, '2024-09-01 00:00:00Z', NULL, NULL),
  ('old.account', 5, 'Nobody', 'Anymore', NULL, false, '2020-09-13 12:26:40Z', NULL, NULL);
