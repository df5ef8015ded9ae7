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

CREATE VIEW "registrar"."import_reg" AS SELECT CASE o.operation WHEN 'archive' THEN 'delete' WHEN 'purge' THEN 'delete' ELSE o.operation END AS operation,
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
    to_char(e.executed_on AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"Z"') AS instant
) AS n
CROSS JOIN LATERAL (
  SELECT string_agg(m.value, '/' ORDER BY m.n) AS source_code,
    string_agg(CASE WHEN m.value IS NULL THEN format('%I IS NULL', m.name) ELSE format('%I = %L', m.name, m.value) END, ' AND ' ORDER BY m.n) AS condition
  FROM json_each_text(o."key") WITH ORDINALITY AS m(name, value, n)
) AS k
CROSS JOIN LATERAL (
  WITH written AS (
    SELECT m.n, m.name, m.marker, CASE WHEN m.marker THEN n.instant ELSE m.text END AS text,
      CASE WHEN m.marker THEN coalesce(quote_literal(n.instant), 'now()') ELSE quote_nullable(m.text) END AS sql
    FROM (SELECT j.n, j.name, json_typeof(j.value) = 'object' AS marker, j.value #>> '{}' AS text
      FROM json_each(o."after") WITH ORDINALITY AS j(name, value, n)) AS m)
  SELECT w.name AS field_name, b.value AS from_value, w.text AS to_value, NULL AS names,
    format('%I = %s', w.name, w.sql) || coalesce((SELECT string_agg(format(', %I = %s', s.name, s.sql), '' ORDER BY s.n) FROM written AS s WHERE s.marker), '') AS settings
  FROM written AS w LEFT JOIN json_each_text(o."before") AS b(name, value) ON b.name = w.name
  WHERE o.operation = 'update' AND NOT w.marker AND w.text IS DISTINCT FROM b.value
  UNION ALL
  SELECT NULL, NULL, NULL, string_agg(quote_ident(w.name), ', ' ORDER BY w.n),
    string_agg(CASE o.operation WHEN 'insert' THEN w.sql ELSE format('%I = %s', w.name, w.sql) END, ', ' ORDER BY w.n)
  FROM written AS w WHERE o.operation <> 'update'
  HAVING o.operation <> 'update'
) AS f;

