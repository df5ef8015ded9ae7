CREATE SCHEMA IF NOT EXISTS "registrar";

CREATE TABLE "registrar"."meta" (
  "version" bigint NOT NULL,
  "identity" text NOT NULL,
  "created_on" timestamp with time zone NOT NULL
);

CREATE TABLE "registrar"."plan" (
  "id" text NOT NULL,
  "created_on" timestamp with time zone NOT NULL,
  "created_by" text NOT NULL,
  "config_digest" text NOT NULL,
  "git_commit" text,
  "expires_on" timestamp with time zone NOT NULL,
  "speculative" boolean NOT NULL,
  "status" text NOT NULL,
  "digest" text NOT NULL,
  "summary" json NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE "registrar"."operation" (
  "plan_id" text NOT NULL,
  "seq" bigint NOT NULL,
  "sync" text NOT NULL,
  "table_name" text NOT NULL,
  "operation" text NOT NULL,
  "key" json NOT NULL,
  "before" json,
  "after" json,
  "result" json,
  PRIMARY KEY (plan_id, seq)
);

CREATE TABLE "registrar"."finding" (
  "plan_id" text NOT NULL,
  "seq" bigint NOT NULL,
  "sync" text NOT NULL,
  "kind" text NOT NULL,
  "key" json,
  "message" text,
  "detail" json,
  PRIMARY KEY (plan_id, seq)
);

CREATE TABLE "registrar"."execution" (
  "plan_id" text NOT NULL,
  "executed_on" timestamp with time zone NOT NULL,
  "executed_by" text NOT NULL,
  PRIMARY KEY (plan_id)
);

CREATE VIEW "registrar"."import_reg" AS SELECT CASE WHEN o.operation IN ('archive', 'purge') THEN 'delete' WHEN o.operation IN ('rename', 'adopt') THEN 'update' ELSE o.operation END AS operation,
  k.source_code, o.table_name, f.field_name, f.from_value, f.to_value,
  CASE
    WHEN o.operation = 'insert' THEN format('INSERT INTO %s (%s) VALUES (%s)', n.name, f.names, f.settings)
    WHEN o.operation IN ('delete', 'purge') THEN format('DELETE FROM %s WHERE %s', n.name, k.condition)
    ELSE format('UPDATE %s SET %s WHERE %s', n.name, f.settings, k.condition)
  END AS sql,
  p.created_on, e.executed_on, o.plan_id AS import_hash
FROM "registrar"."operation" AS o
LEFT JOIN "registrar"."plan" AS p ON p.id = o.plan_id
LEFT JOIN "registrar"."execution" AS e ON e.plan_id = o.plan_id
CROSS JOIN LATERAL (
  SELECT CASE WHEN o.table_name LIKE '"%' OR o.table_name LIKE '%."%' THEN o.table_name
    ELSE (SELECT string_agg(quote_ident(w.part), '.' ORDER BY w.n) FROM unnest(string_to_array(o.table_name, '.')) WITH ORDINALITY AS w(part, n)) END AS name,
    to_char(e.executed_on AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"Z"') AS instant,
    o.operation IN ('update', 'rename', 'adopt') AS by_field
) AS n
CROSS JOIN LATERAL (
  WITH member AS (
    SELECT m.n, m.name, m.value FROM json_each_text(o."key") WITH ORDINALITY AS m(name, value, n)),
  part AS (
    SELECT m.name, l.name AS column_name FROM member AS m JOIN member AS l ON starts_with(m.name, l.name || '.') WHERE strpos(m.name, '.') > 0)
  SELECT string_agg(m.value, '/' ORDER BY m.n) FILTER (WHERE NOT EXISTS (SELECT FROM part AS t WHERE t.column_name = m.name)) AS source_code,
    string_agg(CASE WHEN m.value IS NULL THEN format('%I IS NULL', m.name) ELSE format('%I = %L', m.name, m.value) END, ' AND ' ORDER BY m.n)
      FILTER (WHERE NOT EXISTS (SELECT FROM part AS t WHERE t.name = m.name)) AS condition
  FROM member AS m
) AS k
CROSS JOIN LATERAL (
  WITH member AS (
    SELECT m.n, m.name, json_typeof(m.value) = 'object' AS marker, m.value #>> '{}' AS text
    FROM json_each(o."after") WITH ORDINALITY AS m(name, value, n)),
  part AS (
    SELECT m.name, l.name AS column_name, m.text IS NOT NULL AS given
    FROM member AS m JOIN member AS l ON starts_with(m.name, l.name || '.') WHERE strpos(m.name, '.') > 0),
  looked AS (
    SELECT m.n, m.name, m.marker, coalesce((SELECT min(t.column_name) FROM part AS t WHERE t.name = m.name), m.name) AS column_name,
      CASE WHEN m.marker THEN n.instant ELSE coalesce(m.text, CASE WHEN u.later THEN o."result" ->> m.name END) END AS text, u.later
    FROM member AS m
    CROSS JOIN LATERAL (SELECT m.text IS NULL AND EXISTS (SELECT FROM part AS t WHERE t.column_name = m.name AND t.given) AS later) AS u),
  written AS (
    SELECT l.n, l.name, l.column_name, l.marker, l.text, l.later AND l.text IS NULL AS open,
      CASE WHEN l.marker THEN coalesce(quote_literal(l.text), 'now()')
        WHEN l.later AND l.text IS NULL THEN 'NULL /* known after apply */' ELSE quote_nullable(l.text) END AS sql
    FROM looked AS l)
  SELECT w.name AS field_name, b.value AS from_value, w.text AS to_value, NULL AS names,
    format('%I = %s', c.name, c.sql) || coalesce((SELECT string_agg(format(', %I = %s', s.name, s.sql), '' ORDER BY s.n) FROM written AS s WHERE s.marker), '') AS settings
  FROM written AS w JOIN written AS c ON c.name = w.column_name
  LEFT JOIN LATERAL (
    SELECT v.value FROM (SELECT 0 AS n, j.name, j.value FROM json_each_text(o."before") AS j(name, value)
      UNION ALL SELECT 1, j.name, j.value FROM json_each_text(o."key") AS j(name, value)) AS v
    WHERE v.name = w.name ORDER BY v.n LIMIT 1) AS b ON true
  WHERE n.by_field AND NOT w.marker AND NOT w.open AND w.text IS DISTINCT FROM b.value
  UNION ALL
  SELECT NULL, NULL, NULL, string_agg(quote_ident(w.name), ', ' ORDER BY w.n),
    string_agg(CASE o.operation WHEN 'insert' THEN w.sql ELSE format('%I = %s', w.name, w.sql) END, ', ' ORDER BY w.n)
  FROM written AS w WHERE NOT n.by_field AND w.name = w.column_name
  HAVING NOT n.by_field
) AS f;

CREATE OR REPLACE VIEW "registrar"."import_reg" AS SELECT CASE WHEN o.operation IN ('archive', 'purge') THEN 'delete' WHEN o.operation IN ('rename', 'adopt') THEN 'update' ELSE o.operation END AS operation,
  k.source_code, o.table_name, f.field_name, f.from_value, f.to_value,
  CASE
    WHEN o.operation = 'insert' THEN format('INSERT INTO %s (%s) VALUES (%s)', n.name, f.names, f.settings)
    WHEN o.operation IN ('delete', 'purge') THEN format('DELETE FROM %s WHERE %s', n.name, k.condition)
    ELSE format('UPDATE %s SET %s WHERE %s', n.name, f.settings, k.condition)
  END AS sql,
  p.created_on, e.executed_on, o.plan_id AS import_hash
FROM "registrar"."operation" AS o
LEFT JOIN "registrar"."plan" AS p ON p.id = o.plan_id
LEFT JOIN "registrar"."execution" AS e ON e.plan_id = o.plan_id
CROSS JOIN LATERAL (
  SELECT CASE WHEN o.table_name LIKE '"%' OR o.table_name LIKE '%."%' THEN o.table_name
    ELSE (SELECT string_agg(quote_ident(w.part), '.' ORDER BY w.n) FROM unnest(string_to_array(o.table_name, '.')) WITH ORDINALITY AS w(part, n)) END AS name,
    to_char(e.executed_on AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"Z"') AS instant,
    o.operation IN ('update', 'rename', 'adopt') AS by_field
) AS n
CROSS JOIN LATERAL (
  WITH member AS (
    SELECT m.n, m.name, m.value FROM json_each_text(o."key") WITH ORDINALITY AS m(name, value, n)),
  part AS (
    SELECT m.name, l.name AS column_name FROM member AS m JOIN member AS l ON starts_with(m.name, l.name || '.') WHERE strpos(m.name, '.') > 0)
  SELECT string_agg(m.value, '/' ORDER BY m.n) FILTER (WHERE NOT EXISTS (SELECT FROM part AS t WHERE t.column_name = m.name)) AS source_code,
    string_agg(CASE WHEN m.value IS NULL THEN format('%I IS NULL', m.name) ELSE format('%I = %L', m.name, m.value) END, ' AND ' ORDER BY m.n)
      FILTER (WHERE NOT EXISTS (SELECT FROM part AS t WHERE t.name = m.name)) AS condition
  FROM member AS m
) AS k
CROSS JOIN LATERAL (
  WITH member AS (
    SELECT m.n, m.name, json_typeof(m.value) = 'object' AS marker, m.value #>> '{}' AS text
    FROM json_each(o."after") WITH ORDINALITY AS m(name, value, n)),
  part AS (
    SELECT m.name, l.name AS column_name, m.text IS NOT NULL AS given
    FROM member AS m JOIN member AS l ON starts_with(m.name, l.name || '.') WHERE strpos(m.name, '.') > 0),
  looked AS (
    SELECT m.n, m.name, m.marker, coalesce((SELECT min(t.column_name) FROM part AS t WHERE t.name = m.name), m.name) AS column_name,
      CASE WHEN m.marker THEN n.instant ELSE coalesce(m.text, CASE WHEN u.later THEN o."result" ->> m.name END) END AS text, u.later
    FROM member AS m
    CROSS JOIN LATERAL (SELECT m.text IS NULL AND EXISTS (SELECT FROM part AS t WHERE t.column_name = m.name AND t.given) AS later) AS u),
  written AS (
    SELECT l.n, l.name, l.column_name, l.marker, l.text, l.later AND l.text IS NULL AS open,
      CASE WHEN l.marker THEN coalesce(quote_literal(l.text), 'now()')
        WHEN l.later AND l.text IS NULL THEN 'NULL /* known after apply */' ELSE quote_nullable(l.text) END AS sql
    FROM looked AS l)
  SELECT w.name AS field_name, b.value AS from_value, w.text AS to_value, NULL AS names,
    format('%I = %s', c.name, c.sql) || coalesce((SELECT string_agg(format(', %I = %s', s.name, s.sql), '' ORDER BY s.n) FROM written AS s WHERE s.marker), '') AS settings
  FROM written AS w JOIN written AS c ON c.name = w.column_name
  LEFT JOIN LATERAL (
    SELECT v.value FROM (SELECT 0 AS n, j.name, j.value FROM json_each_text(o."before") AS j(name, value)
      UNION ALL SELECT 1, j.name, j.value FROM json_each_text(o."key") AS j(name, value)) AS v
    WHERE v.name = w.name ORDER BY v.n LIMIT 1) AS b ON true
  WHERE n.by_field AND NOT w.marker AND NOT w.open AND w.text IS DISTINCT FROM b.value
  UNION ALL
  SELECT NULL, NULL, NULL, string_agg(quote_ident(w.name), ', ' ORDER BY w.n),
    string_agg(CASE o.operation WHEN 'insert' THEN w.sql ELSE format('%I = %s', w.name, w.sql) END, ', ' ORDER BY w.n)
  FROM written AS w WHERE NOT n.by_field AND w.name = w.column_name
  HAVING NOT n.by_field
) AS f;

CREATE TABLE "registrar"."override" (
  "plan_id" text NOT NULL,
  "overridden_on" timestamp with time zone NOT NULL,
  "overridden_by" text NOT NULL,
  "reason" text NOT NULL,
  PRIMARY KEY (plan_id)
);

CREATE INDEX "registrar_execution_executed_on" ON "registrar"."execution" (executed_on);

CREATE INDEX "registrar_finding_kind" ON "registrar"."finding" (plan_id, sync, kind, seq);

CREATE TABLE "registrar"."run" (
  "id" text NOT NULL,
  "run_id" text NOT NULL,
  "unit" text NOT NULL,
  "schedule" text,
  "slot" timestamp with time zone,
  "attempt" bigint NOT NULL,
  "status" text NOT NULL,
  "started_on" timestamp with time zone NOT NULL,
  "started_by" text NOT NULL,
  "ended_on" timestamp with time zone,
  "plan_id" text,
  "message" text,
  PRIMARY KEY (id)
);

CREATE INDEX "registrar_run_started_on" ON "registrar"."run" (started_on);

CREATE TABLE "registrar"."run_beat" (
  "id" text NOT NULL,
  "beats" bigint NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE "registrar"."pause" (
  "id" text NOT NULL,
  "sync" text NOT NULL,
  "paused_on" timestamp with time zone NOT NULL,
  "paused_by" text NOT NULL,
  "reason" text NOT NULL,
  "resumed_on" timestamp with time zone,
  "resumed_by" text,
  PRIMARY KEY (id)
);

CREATE TABLE "registrar"."author" (
  "plan_id" text NOT NULL,
  "database_user" text,
  PRIMARY KEY (plan_id)
);

ALTER TABLE "registrar"."author" ALTER COLUMN "database_user" SET DEFAULT session_user;

CREATE TABLE "registrar"."approval" (
  "id" text NOT NULL,
  "digest" text NOT NULL,
  "plan_id" text NOT NULL,
  "approved_on" timestamp with time zone NOT NULL,
  "expires_on" timestamp with time zone NOT NULL,
  "approved_by" text NOT NULL,
  "database_user" text,
  "comment" text,
  "key" text,
  "signature" text,
  PRIMARY KEY (id)
);

ALTER TABLE "registrar"."approval" ALTER COLUMN "database_user" SET DEFAULT session_user;

CREATE INDEX "registrar_approval_digest" ON "registrar"."approval" (digest);

CREATE TABLE "registrar"."disclosure" (
  "id" text NOT NULL,
  "plan_id" text NOT NULL,
  "shown_on" timestamp with time zone NOT NULL,
  "shown_by" text NOT NULL,
  "database_user" text,
  PRIMARY KEY (id)
);

ALTER TABLE "registrar"."disclosure" ALTER COLUMN "database_user" SET DEFAULT session_user;

CREATE INDEX "registrar_disclosure_plan_id" ON "registrar"."disclosure" (plan_id);

CREATE INDEX "registrar_plan_speculative" ON "registrar"."plan" (speculative, expires_on);
