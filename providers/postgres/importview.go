package postgres

import "strings"

// ImportView shows the register as the prior art's table import_reg did. An update has
// a row per changed column, each with a statement of its own that stamps the row as well. In a statement a NULL
// is the word NULL; an instant that is not known yet is now().
func (d Dialect) ImportView() string {
	return strings.NewReplacer(
		"{operation}", d.RegisterTable("operation"),
		"{plan}", d.RegisterTable("plan"),
		"{execution}", d.RegisterTable("execution"),
	).Replace(importView)
}

// importView: a member that is a JSON object is the marker of the apply's instant.
// The table's name is as configured: quoted, or plain parts separated by points. A
// member's text is its value as the view shows it, its sql the same as a literal.
const importView = `SELECT CASE o.operation WHEN 'archive' THEN 'delete' WHEN 'purge' THEN 'delete' ELSE o.operation END AS operation,
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
) AS f`
