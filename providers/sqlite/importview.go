package sqlite

import "strings"

// ImportView spells the register's operations as the prior art's table did: what
// updates a row has a row per changed column, whose statement stamps the row as well.
// It uses nothing but SQLite's own functions, so that any program can read it.
//
// A looked-up column's business keys are fields of their own. They name the row where
// the column is in the key; in statements the column stands, by itself.
func (dialect) ImportView() string {
	// A business key's name is its column's and what stands behind the point.
	belongs := func(name, column string) string {
		return `substr(` + name + `, 1, length(` + column + `) + 1) = ` + column + ` || '.'`
	}
	isBusinessKey := func(name, document string) string {
		return `(instr(` + name + `, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(` + document + `) AS l WHERE ` + belongs(name, `l.key`) + `))`
	}
	hasBusinessKeys := func(name, document string) string {
		return `EXISTS (SELECT 1 FROM json_each(` + document + `) AS l WHERE ` + belongs(`l.key`, name) + `)`
	}
	// A looked-up value that the plan did not know is what the result says it became.
	later := func(m string) string {
		return `(` + m + `.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND ` + belongs(`l.key`, m+`.key`) + `))`
	}
	text := func(m string) string {
		return `CASE WHEN ` + m + `.type <> 'null' THEN ` + m + `.value WHEN ` + later(m) +
			` THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = ` + m + `.key) END`
	}
	// The literal of the member j of a document. A bool or octets need the
	// column's declaration to be spelt: without it they stay texts.
	const declared = `(SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE)`
	constant := `CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN ` + later(`j`) + ` THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND ` + declared + ` LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND (` + declared + ` LIKE '%BLOB%' OR ` + declared + ` LIKE '%BINARY%' OR ` + declared + ` = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT ` + text(`j`) + ` AS text) AS v) END`
	const name = `'"' || replace(j.key, '"', '""') || '"'`
	const table = `'"' || replace(o.table_name, '"', '""') || '"'`
	list := func(item, separator, document, condition string) string {
		return `(SELECT group_concat(` + item + `, '` + separator + `') FROM json_each(` + document + `) AS j WHERE ` + condition + `)`
	}
	columns := func(item, separator, document string) string {
		return list(item, separator, document, `NOT `+isBusinessKey(`j.key`, document))
	}
	assign := name + ` || ' = ' || ` + constant
	// Of the key no part waits for the apply: the row is there.
	where := `' WHERE ' || ` + columns(name+` || CASE j.type WHEN 'null' THEN ' IS NULL' ELSE ' = ' || `+constant+` END`, ` AND `, `o."key"`)
	const byField = `o.operation IN ('update', 'rename', 'adopt')`

	return strings.Join([]string{
		`SELECT CASE WHEN o.operation IN ('archive', 'purge') THEN 'delete' WHEN o.operation IN ('rename', 'adopt') THEN 'update' ELSE o.operation END AS operation,`,
		`  ` + list(`j.value`, `/`, `o."key"`, `NOT `+hasBusinessKeys(`j.key`, `o."key"`)) + ` AS source_code,`,
		`  o.table_name AS table_name,`,
		`  c.key AS field_name,`,
		`  CASE WHEN b.key IS NULL THEN k.value ELSE b.value END AS from_value,`,
		`  ` + text(`c`) + ` AS to_value,`,
		`  CASE`,
		`    WHEN o.operation = 'insert' THEN 'INSERT INTO ' || ` + table + ` || ' (' || ` + columns(name, `, `, `o."after"`) + ` || ') VALUES (' || ` + columns(constant, `, `, `o."after"`) + ` || ')'`,
		`    WHEN ` + byField + ` THEN 'UPDATE ' || ` + table + ` || ' SET ' || ` +
			list(assign, `, `, `o."after"`, `NOT `+isBusinessKey(`j.key`, `o."after"`)+` AND (j.type = 'object' OR j.key = c.key OR `+belongs(`c.key`, `j.key`)+`)`) + ` || ` + where,
		`    WHEN o.operation IN ('delete', 'purge') THEN 'DELETE FROM ' || ` + table + ` || ` + where,
		`    ELSE 'UPDATE ' || ` + table + ` || ' SET ' || ` + columns(assign, `, `, `o."after"`) + ` || ` + where,
		`  END AS sql,`,
		`  p.created_on AS created_on,`,
		`  e.executed_on AS executed_on,`,
		`  o.plan_id AS import_hash`,
		`FROM "registrar_operation" AS o`,
		`LEFT JOIN "registrar_plan" AS p ON p.id = o.plan_id`,
		`LEFT JOIN "registrar_execution" AS e ON e.plan_id = o.plan_id`,
		`LEFT JOIN json_each(CASE WHEN ` + byField + ` THEN o."after" END) AS c`,
		`LEFT JOIN json_each(CASE WHEN ` + byField + ` THEN o."before" END) AS b ON b.key = c.key`,
		// What the document of old values lacks is in the key.
		`LEFT JOIN json_each(CASE WHEN ` + byField + ` THEN o."key" END) AS k ON k.key = c.key`,
		`WHERE NOT ` + byField + ` OR c.type <> 'object' AND ` + text(`c`) + ` IS NOT CASE WHEN b.key IS NULL THEN k.value ELSE b.value END`,
		`  AND NOT (` + later(`c`) + ` AND ` + text(`c`) + ` IS NULL)`,
	}, "\n")
}
