package oracle

import "strings"

// ImportView shows the register as the prior art's table import_reg did. What updates a row has a row per changed
// column, each with a statement of its own that stamps the row as well. In a statement a NULL is the word NULL; an
// instant that is not known yet is SYSTIMESTAMP. Statements beyond 4000 octets are cut.
//
// A looked-up column's business keys are fields of their own. They name the row where the column is in the key; in
// statements the column stands, by itself.
func (d dialect) ImportView() string {
	view := strings.Replace(importView, "{members}", strings.Join([]string{
		importMembers("key"), importMembers("before"), importMembers("after"), importMembers("result"),
	}, " UNION ALL "), 1)
	return strings.NewReplacer(
		"{operation}", d.RegisterTable("operation"),
		"{plan}", d.RegisterTable("plan"),
		"{execution}", d.RegisterTable("execution"),
	).Replace(view)
}

// importMembers are the members of one document of the operations. No function of the server names the members of an
// object: what the register writes is simple enough for a pattern, whose first group is the name, and whose third the
// value, as JSON spells them.
func importMembers(doc string) string {
	const pattern = `'"((\\.|[^"\\])*)": ?("(\\.|[^"\\])*"|null|\{"\$": ?"now\(\)"\})'`
	document := "o." + dialect{}.Quote(doc)
	part := func(group string) string {
		return "REGEXP_SUBSTR(" + document + ", " + pattern + ", 1, LEVEL, 'n', " + group + ")"
	}
	return "SELECT o.plan_id, o.seq, '" + doc + "' AS doc, m.nth, m.spelt, m.given FROM {operation} o CROSS APPLY (SELECT LEVEL AS nth, " + part("1") + " AS spelt, " +
		part("3") + " AS given FROM DUAL CONNECT BY LEVEL <= REGEXP_COUNT(" + document + ", " + pattern + ")) m"
}

// importView goes from the members to the columns that they belong to, from these to what is written and what was
// there, and from that to statements.
const importView = `WITH spelt_member AS ({members}),
member AS (
  SELECT s.plan_id, s.seq, s.doc, s.nth, JSON_VALUE('["' || s.spelt || '"]', '$[0]') AS name,
    CASE WHEN s.given LIKE '"%' THEN JSON_VALUE('[' || s.given || ']', '$[0]') END AS text, CASE WHEN s.given LIKE '{%' THEN 1 ELSE 0 END AS marker
  FROM spelt_member s),
looking AS (
  SELECT m.plan_id, m.seq, m.doc, m.nth, m.name, m.text, m.marker,
    CASE WHEN INSTR(LEAD(m.name) OVER (PARTITION BY m.plan_id, m.seq, m.doc ORDER BY m.nth), m.name || '.') = 1 THEN m.name END AS looks
  FROM member m),
belonging AS (
  SELECT l.plan_id, l.seq, l.doc, l.nth, l.name, l.text, l.marker, l.looks,
    LAST_VALUE(l.looks IGNORE NULLS) OVER (PARTITION BY l.plan_id, l.seq, l.doc ORDER BY l.nth) AS looking
  FROM looking l),
part AS (
  SELECT b.plan_id, b.seq, b.doc, b.nth, b.name, b.text, b.marker, b.looks, CASE WHEN INSTR(b.name, b.looking || '.') = 1 THEN b.looking ELSE b.name END AS column_name,
    '"' || CASE WHEN REGEXP_LIKE(b.name, '^[a-z][a-z0-9_$#]*$') THEN UPPER(b.name) ELSE b.name END || '"' AS quoted
  FROM belonging b),
named AS (
  SELECT p.plan_id, p.seq, LISTAGG(CASE WHEN p.looks IS NULL THEN p.text END, '/') WITHIN GROUP (ORDER BY p.nth) AS source_code,
    LISTAGG(CASE WHEN p.name = p.column_name THEN p.quoted || CASE WHEN p.text IS NULL THEN ' IS NULL' ELSE ' = ''' || REPLACE(p.text, '''', '''''') || '''' END END, ' AND ')
      WITHIN GROUP (ORDER BY p.nth) AS condition
  FROM part p WHERE p.doc = 'key' GROUP BY p.plan_id, p.seq),
known AS (
  SELECT p.plan_id, p.seq, p.nth, p.name, p.column_name, p.quoted, p.marker,
    CASE WHEN p.marker = 1 THEN TO_CHAR(SYS_EXTRACT_UTC(e.executed_on), 'YYYY-MM-DD HH24:MI:SS.FF6"Z"') ELSE NVL(p.text, CASE WHEN p.looks IS NOT NULL THEN r.text END) END AS text,
    CASE WHEN p.looks IS NOT NULL AND p.text IS NULL AND r.text IS NULL AND EXISTS (SELECT 1 FROM part g WHERE g.plan_id = p.plan_id AND g.seq = p.seq AND g.doc = 'after'
      AND g.column_name = p.name AND g.name <> p.name AND g.text IS NOT NULL) THEN 1 ELSE 0 END AS waits,
    NVL(b.text, k.text) AS held
  FROM part p LEFT JOIN {execution} e ON e.plan_id = p.plan_id
  LEFT JOIN member r ON r.plan_id = p.plan_id AND r.seq = p.seq AND r.doc = 'result' AND r.name = p.name
  LEFT JOIN member b ON b.plan_id = p.plan_id AND b.seq = p.seq AND b.doc = 'before' AND b.name = p.name
  LEFT JOIN member k ON k.plan_id = p.plan_id AND k.seq = p.seq AND k.doc = 'key' AND k.name = p.name
  WHERE p.doc = 'after'),
written AS (
  SELECT w.plan_id, w.seq, w.nth, w.name, w.column_name, w.quoted, w.marker, w.text, w.waits, w.held,
    CASE WHEN w.waits = 1 THEN 'NULL /* known after apply */' WHEN w.text IS NOT NULL THEN '''' || REPLACE(w.text, '''', '''''') || ''''
      WHEN w.marker = 1 THEN 'SYSTIMESTAMP' ELSE 'NULL' END AS constant
  FROM known w),
whole AS (
  SELECT w.plan_id, w.seq, LISTAGG(w.quoted, ', ' ON OVERFLOW TRUNCATE) WITHIN GROUP (ORDER BY w.nth) AS names,
    LISTAGG(w.constant, ', ' ON OVERFLOW TRUNCATE) WITHIN GROUP (ORDER BY w.nth) AS constants,
    LISTAGG(w.quoted || ' = ' || w.constant, ', ' ON OVERFLOW TRUNCATE) WITHIN GROUP (ORDER BY w.nth) AS settings,
    LISTAGG(CASE WHEN w.marker = 1 THEN ', ' || w.quoted || ' = ' || w.constant END, '' ON OVERFLOW TRUNCATE) WITHIN GROUP (ORDER BY w.nth) AS stamps
  FROM written w WHERE w.name = w.column_name GROUP BY w.plan_id, w.seq)
SELECT CASE WHEN o.operation IN ('archive', 'purge') THEN 'delete' WHEN o.operation IN ('rename', 'adopt') THEN 'update' ELSE o.operation END AS operation,
  k.source_code, o.table_name, f.name AS field_name, f.held AS from_value, f.text AS to_value,
  CASE
    WHEN o.operation = 'insert' THEN TO_CLOB('INSERT INTO ') || o.table_name || ' (' || a.names || ') VALUES (' || a.constants || ')'
    WHEN o.operation IN ('delete', 'purge') THEN TO_CLOB('DELETE FROM ') || o.table_name || ' WHERE ' || k.condition
    WHEN f.name IS NOT NULL THEN TO_CLOB('UPDATE ') || o.table_name || ' SET ' || c.quoted || ' = ' || c.constant || a.stamps || ' WHERE ' || k.condition
    ELSE TO_CLOB('UPDATE ') || o.table_name || ' SET ' || a.settings || ' WHERE ' || k.condition
  END AS "SQL",
  p.created_on, e.executed_on, o.plan_id AS import_hash
FROM {operation} o
LEFT JOIN {plan} p ON p.id = o.plan_id
LEFT JOIN {execution} e ON e.plan_id = o.plan_id
LEFT JOIN named k ON k.plan_id = o.plan_id AND k.seq = o.seq
LEFT JOIN whole a ON a.plan_id = o.plan_id AND a.seq = o.seq
LEFT JOIN written f ON f.plan_id = o.plan_id AND f.seq = o.seq AND o.operation IN ('update', 'rename', 'adopt') AND f.marker = 0 AND f.waits = 0 AND DECODE(f.text, f.held, 0, 1) = 1
LEFT JOIN written c ON c.plan_id = f.plan_id AND c.seq = f.seq AND c.name = f.column_name
WHERE o.operation NOT IN ('update', 'rename', 'adopt') OR f.name IS NOT NULL`
