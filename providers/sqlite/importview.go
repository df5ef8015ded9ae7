package sqlite

import "strings"

// ImportView spells the register's operations as the prior art's table did: an
// update has a row per changed column, whose statement stamps the row as well. It
// uses nothing but SQLite's own functions, so that any program can read it.
func (dialect) ImportView() string {
	// The literal of the member j of a document. A bool or octets need the
	// column's declaration to be spelt: without it they stay texts.
	const declared = `(SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE)`
	const constant = `CASE j.type WHEN 'null' THEN 'NULL' WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE CASE WHEN j.value IN ('true', 'false') AND ` + declared + ` LIKE 'BOOL%' THEN CASE j.value WHEN 'true' THEN '1' ELSE '0' END
        WHEN j.value GLOB '\x*' AND (` + declared + ` LIKE '%BLOB%' OR ` + declared + ` LIKE '%BINARY%' OR ` + declared + ` = 'BYTEA') THEN 'x''' || substr(j.value, 3) || ''''
        ELSE quote(j.value) END END`
	const name = `'"' || replace(j.key, '"', '""') || '"'`
	const table = `'"' || replace(o.table_name, '"', '""') || '"'`
	list := func(item, separator, document, condition string) string {
		return `(SELECT group_concat(` + item + `, '` + separator + `') FROM json_each(` + document + `) AS j` + condition + `)`
	}
	assign := name + ` || ' = ' || ` + constant
	where := `' WHERE ' || ` + list(assign, ` AND `, `o."key"`, ``)

	return strings.Join([]string{
		`SELECT CASE o.operation WHEN 'archive' THEN 'delete' ELSE o.operation END AS operation,`,
		`  ` + list(`j.value`, `/`, `o."key"`, ``) + ` AS source_code,`,
		`  o.table_name AS table_name,`,
		`  c.key AS field_name,`,
		`  b.value AS from_value,`,
		`  c.value AS to_value,`,
		`  CASE o.operation`,
		`    WHEN 'insert' THEN 'INSERT INTO ' || ` + table + ` || ' (' || ` + list(name, `, `, `o."after"`, ``) + ` || ') VALUES (' || ` + list(constant, `, `, `o."after"`, ``) + ` || ')'`,
		`    WHEN 'update' THEN 'UPDATE ' || ` + table + ` || ' SET ' || ` + list(assign, `, `, `o."after"`, ` WHERE j.key = c.key OR j.type = 'object'`) + ` || ` + where,
		`    WHEN 'delete' THEN 'DELETE FROM ' || ` + table + ` || ` + where,
		`    ELSE 'UPDATE ' || ` + table + ` || ' SET ' || ` + list(assign, `, `, `o."after"`, ``) + ` || ` + where,
		`  END AS sql,`,
		`  p.created_on AS created_on,`,
		`  e.executed_on AS executed_on,`,
		`  o.plan_id AS import_hash`,
		`FROM "registrar_operation" AS o`,
		`LEFT JOIN "registrar_plan" AS p ON p.id = o.plan_id`,
		`LEFT JOIN "registrar_execution" AS e ON e.plan_id = o.plan_id`,
		`LEFT JOIN json_each(CASE o.operation WHEN 'update' THEN o."after" END) AS c`,
		`LEFT JOIN json_each(CASE o.operation WHEN 'update' THEN o."before" END) AS b ON b.key = c.key`,
		`WHERE o.operation <> 'update' OR c.type <> 'object' AND c.value IS NOT b.value`,
	}, "\n")
}
