-- The tables of each of the two servers. The database numbers departments and students; phone, office and badge are the owners':
-- no sync writes them.

CREATE TABLE department (
  id         INTEGER PRIMARY KEY,
  code       VARCHAR(20) NOT NULL UNIQUE,
  name       VARCHAR(100) NOT NULL,
  phone      VARCHAR(40),
  faculty    VARCHAR(20) NOT NULL,
  created_on TIMESTAMP NOT NULL,
  updated_on TIMESTAMP,
  deleted_on TIMESTAMP
);

CREATE TABLE staff (
  number        VARCHAR(20) PRIMARY KEY,
  last_name     VARCHAR(60) NOT NULL,
  first_name    VARCHAR(60) NOT NULL,
  birth_date    DATE,
  quota         NUMERIC(5, 2) NOT NULL,
  department_id INTEGER NOT NULL REFERENCES department (id),
  office        VARCHAR(40),
  faculty       VARCHAR(20) NOT NULL,
  created_on    TIMESTAMP NOT NULL,
  updated_on    TIMESTAMP,
  deleted_on    TIMESTAMP
);

CREATE TABLE student (
  id            INTEGER PRIMARY KEY,
  number        VARCHAR(20) NOT NULL UNIQUE,
  name          VARCHAR(100) NOT NULL,
  department_id INTEGER REFERENCES department (id),
  tutor         VARCHAR(20) REFERENCES staff (number),
  badge         VARCHAR(20),
  faculty       VARCHAR(20) NOT NULL,
  created_on    TIMESTAMP NOT NULL,
  updated_on    TIMESTAMP,
  deleted_on    TIMESTAMP
);
