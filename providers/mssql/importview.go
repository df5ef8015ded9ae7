package mssql

import "strings"

// ImportView shows the register as the prior art's table import_reg did. What updates a row has a row per
// changed column, each with a statement of its own that stamps the row as well. In a statement
// a NULL is the word NULL; an instant that is not known yet is SYSUTCDATETIME().
//
// A looked-up column's business keys are fields of their own. They name the row where the column is in the
// key; in statements the column stands, by itself.
func (d dialect) ImportView() string {
	members := func(column string) string {
		return "(SELECT ROW_NUMBER() OVER (ORDER BY (SELECT NULL)) AS n, j.[key] COLLATE " + exact + " AS name, j.[value] COLLATE " + exact + " AS value, j.[type] AS type FROM OPENJSON(" + column + ") j)"
	}
	// A business key's name is its column's and what stands behind the point.
	part := func(name, column string) string { return "CHARINDEX(" + column + " + N'.', " + name + ") = 1" }
	named := func(name string) string { return "N'[' + REPLACE(" + name + ", N']', N']]') + N']'" }
	quoted := func(text string) string { return "N'''' + REPLACE(" + text + ", N'''', N'''''') + N''''" }
	// XML, which alone joins texts in SQL Server 2016, cannot hold all characters: they travel as JSON's
	// escapes.
	joined := func(separator, item, from string) string {
		return "(SELECT v.text FROM OPENJSON(N'{\"v\":\"' + STUFF((SELECT STRING_ESCAPE(N'" + separator + "' + " + item + ", 'json') FROM " + from +
			" FOR XML PATH(N''), TYPE).value(N'(./text())[1]', N'nvarchar(max)'), 1, LEN(STRING_ESCAPE(N'" + separator + "|', 'json')) - 1, N'') + N'\"}') WITH (text nvarchar(max) '$.v') v)"
	}
	return strings.NewReplacer(
		"{operation}", d.RegisterTable("operation"), "{plan}", d.RegisterTable("plan"), "{execution}", d.RegisterTable("execution"),
		"{key}", members("o.[key]"), "{before}", members("o.[before]"), "{after}", members("o.[after]"), "{result}", members("o.[result]"),
		"{source_code}", joined("/", "m.value", members("o.[key]")+" m WHERE NOT EXISTS (SELECT 1 FROM "+members("o.[key]")+" l WHERE "+part("l.name", "m.name")+") ORDER BY m.n"),
		"{condition}", joined(" AND ", named("m.name")+" + ISNULL(N' = ' + "+quoted("m.value")+", N' IS NULL')",
			members("o.[key]")+" m WHERE NOT EXISTS (SELECT 1 FROM "+members("o.[key]")+" l WHERE "+part("m.name", "l.name")+") ORDER BY m.n"),
		"{table}", "CASE WHEN o.table_name LIKE N'%[[\"]%' THEN o.table_name ELSE N'[' + REPLACE(REPLACE(o.table_name, N']', N']]'), N'.', N'].[') + N']' END",
		"{stamps}", "ISNULL("+joined("", "N', ' + "+named("s.name")+" + N' = ' + "+spelt("s", quoted), written(members, part)+" s WHERE s.marker = 1 ORDER BY s.n")+", N'')",
		"{names}", joined(", ", named("a.name"), written(members, part)+" a WHERE a.name = a.owner ORDER BY a.n"),
		"{values}", joined(", ", spelt("a", quoted), written(members, part)+" a WHERE a.name = a.owner ORDER BY a.n"),
		"{settings}", joined(", ", named("a.name")+" + N' = ' + "+spelt("a", quoted), written(members, part)+" a WHERE a.name = a.owner ORDER BY a.n"),
		"{written}", written(members, part), "{spelt}", spelt("c", quoted), "{name}", named("c.name"),
	).Replace(importView)
}

// written are the members of the after document with what became of them: the column that a business
// key belongs to, or the member itself, as owner; later says that the plan did not know it.
func written(members func(string) string, part func(name, column string) string) string {
	return "(SELECT m.n, m.name, ISNULL(p.owner, m.name) AS owner, CASE m.type WHEN 5 THEN 1 ELSE 0 END AS marker, u.later, " +
		"CASE m.type WHEN 5 THEN i.instant ELSE COALESCE(m.value, CASE u.later WHEN 1 THEN r.value END) END AS text FROM " + members("o.[after]") + " m" +
		" CROSS APPLY (SELECT MIN(l.name) AS owner FROM " + members("o.[after]") + " l WHERE " + part("m.name", "l.name") + ") p" +
		" CROSS APPLY (SELECT CASE WHEN m.value IS NULL AND EXISTS (SELECT 1 FROM " + members("o.[after]") + " l WHERE " + part("l.name", "m.name") + " AND l.value IS NOT NULL) THEN 1 ELSE 0 END AS later) u" +
		" OUTER APPLY (SELECT q.value FROM " + members("o.[result]") + " q WHERE q.name = m.name) r)"
}

// spelt is a member of written in a statement.
func spelt(alias string, quoted func(string) string) string {
	return strings.ReplaceAll("CASE WHEN w.text IS NOT NULL THEN "+quoted("w.text")+" WHEN w.marker = 1 THEN N'SYSUTCDATETIME()' WHEN w.later = 1 THEN N'NULL /* known after apply */' ELSE N'NULL' END", "w.", alias+".")
}

// importView: a member that is a JSON object is the marker of the apply's instant. The table's name is as
// configured: quoted, or plain parts separated by points. A looked-up value is open where the plan did
// not know it and no result tells it.
const importView = `SELECT CASE WHEN o.operation IN (N'archive', N'purge') THEN N'delete' WHEN o.operation IN (N'rename', N'adopt') THEN N'update' ELSE o.operation END AS operation,
  {source_code} AS source_code, o.table_name, f.field_name, f.from_value, f.to_value,
  CASE
    WHEN o.operation = N'insert' THEN N'INSERT INTO ' + i.name + N' (' + f.names + N') VALUES (' + f.settings + N')'
    WHEN o.operation IN (N'delete', N'purge') THEN N'DELETE FROM ' + i.name + N' WHERE ' + k.condition
    ELSE N'UPDATE ' + i.name + N' SET ' + f.settings + N' WHERE ' + k.condition
  END AS [sql],
  p.created_on, e.executed_on, o.plan_id AS import_hash
FROM {operation} o
LEFT JOIN {plan} p ON p.id = o.plan_id
LEFT JOIN {execution} e ON e.plan_id = o.plan_id
CROSS APPLY (SELECT {table} AS name,
  LEFT(CONVERT(nvarchar(27), CONVERT(datetime2(6), SWITCHOFFSET(e.executed_on, '+00:00')), 121), 26) + N'Z' AS instant,
  CASE WHEN o.operation IN (N'update', N'rename', N'adopt') THEN 1 ELSE 0 END AS by_field) i
CROSS APPLY (SELECT {condition} AS condition) k
CROSS APPLY (
  SELECT w.name AS field_name, b.value AS from_value, w.text AS to_value, CONVERT(nvarchar(max), NULL) AS names, {name} + N' = ' + {spelt} + {stamps} AS settings
  FROM {written} w
  INNER JOIN {written} c ON c.name = w.owner
  OUTER APPLY (SELECT TOP (1) v.value FROM (SELECT 0 AS n, j.name, j.value FROM {before} j UNION ALL SELECT 1, j.name, j.value FROM {key} j) v WHERE v.name = w.name ORDER BY v.n) b
  WHERE i.by_field = 1 AND w.marker = 0 AND NOT (w.later = 1 AND w.text IS NULL)
    AND EXISTS (SELECT w.text, DATALENGTH(w.text) EXCEPT SELECT b.value, DATALENGTH(b.value))
  UNION ALL
  SELECT NULL, NULL, NULL, {names}, CASE o.operation WHEN N'insert' THEN {values} ELSE {settings} END
  WHERE i.by_field = 0
) f`
