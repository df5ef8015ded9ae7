package postgres

import "strings"

// ImportView shows the register as the prior art's table import_reg did. What updates a
// row has a row per changed column, each with a statement of its own that stamps the
// row as well. In a statement a NULL is the word NULL; an instant that is not known
// yet is now().
//
// A looked-up column's business keys are fields of their own. They name the row where
// the column is in the key; in statements the column stands, by itself.
func (d Dialect) ImportView() string {
	return strings.NewReplacer(
		"{operation}", d.RegisterTable("operation"),
		"{plan}", d.RegisterTable("plan"),
		"{execution}", d.RegisterTable("execution"),
	).Replace(importView)
}

// ReplaceView keeps the rights that others were granted on the view.
func (Dialect) ReplaceView(name, query string) string {
	return "CREATE OR REPLACE VIEW " + name + " AS " + query
}

// importView: a member that is a JSON object is the marker of the apply's instant.
// The table's name is as configured: quoted, or plain parts separated by points. A
// member's text is its value as the view shows it, its sql the same as a literal;
// column_name is the column that a business key belongs to, or the member itself. A
// looked-up value is open where the plan did not know it and no result tells it.
const importView = `SELECT CASE WHEN o.operation IN ('archive', 'purge') THEN 'delete' WHEN o.operation IN ('rename', 'adopt') THEN 'update' ELSE o.operation END AS operation,
  k.source_code, o.table_name, f.field_name, f.from_value, f.to_value,
  CASE
    WHEN o.operation = 'insert' THEN format('INSERT INTO %s (%s) VALUES (%s)', n.name, f.names, f.settings)
    WHEN o.operation IN ('delete', 'purge') THEN format('DELETE FROM %s WHERE %s', n.name, k.condition)
    ELSE format('UPDATE %s SET %s WHERE %s', n.name, f.settings, k.condition)
  END AS sql,
  p.created_on, e.executed_on, o.plan_id AS import_hash
FROM {operation} AS o
LEFT JOIN {plan} AS p ON p.id = o.plan_id
LEFT JOIN {execution} AS e ON e.plan_id = o.plan_id
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
) AS f`
