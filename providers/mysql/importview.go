package mysql

import "strings"

// ImportView spells the register's operations as the prior art's table did: what
// updates a row has a row per changed column, whose statement stamps the row as well.
// Statements are written for the server's default SQL mode. Octets stay texts in them.
//
// A looked-up column's business keys are fields of their own. They name the row where
// the column is in the key; in statements the column stands, by itself.
//
// A reader's group_concat_max_len bounds statements and source codes.
func (d dialect) ImportView() string {
	text := d.ByteOrder
	// The members of a document are an alias with n, their order, and name.
	members := func(document, alias string) string {
		return `JSON_TABLE(JSON_KEYS(` + document + `), '$[*]' COLUMNS (n FOR ORDINALITY, name ` + d.text("longtext") + ` PATH '$')) AS ` + alias
	}
	raw := func(document, name string) string {
		return `JSON_EXTRACT(` + document + `, CONCAT('$.', ` + text(`JSON_QUOTE(`+name+`)`) + `))`
	}
	// STRING, NULL, or OBJECT for the instant of the apply.
	kind := func(document, name string) string { return `JSON_TYPE(` + raw(document, name) + `)` }
	given := func(document, name string) string {
		return `CASE ` + kind(document, name) + ` WHEN 'STRING' THEN ` + text(`JSON_UNQUOTE(`+raw(document, name)+`)`) + ` END`
	}
	// A business key's name is its column's and what stands behind the point.
	belongs := func(name, column string) string {
		return `LEFT(` + name + `, CHAR_LENGTH(` + column + `) + 1) = CONCAT(` + column + `, '.')`
	}
	isBusinessKey := func(name, document string) string {
		return `(LOCATE('.', ` + name + `) > 0 AND EXISTS (SELECT 1 FROM ` + members(document, "l") + ` WHERE ` + belongs(name, `l.name`) + `))`
	}
	hasBusinessKeys := func(name, document string) string {
		return `EXISTS (SELECT 1 FROM ` + members(document, "l") + ` WHERE ` + belongs(`l.name`, name) + `)`
	}
	const after = "o.`after`"
	// A looked-up value that the plan did not know is what the result says it became.
	later := func(document, name string) string {
		return `(` + kind(document, name) + ` = 'NULL' AND EXISTS (SELECT 1 FROM ` + members(after, "l") + ` WHERE ` + kind(after, `l.name`) + ` <> 'NULL' AND ` + belongs(`l.name`, name) + `))`
	}
	value := func(document, name string) string {
		return `CASE ` + kind(document, name) + ` WHEN 'STRING' THEN ` + text(`JSON_UNQUOTE(`+raw(document, name)+`)`) +
			` WHEN 'NULL' THEN CASE WHEN ` + later(document, name) + ` THEN ` + given("o.`result`", name) + ` END END`
	}
	const backslash = `CHAR(92 USING utf8mb4)`
	quoted := func(expr string) string {
		return `CONCAT('''', REPLACE(REPLACE(` + expr + `, ` + backslash + `, CONCAT(` + backslash + `, ` + backslash + `)), '''', ''''''), '''')`
	}
	constant := func(document string) string {
		return `CASE ` + kind(document, `j.name`) + ` WHEN 'OBJECT' THEN COALESCE(` + quoted(text(`CAST(e.executed_on AS char)`)) + `, 'CURRENT_TIMESTAMP(6)')` +
			` ELSE COALESCE(` + quoted(value(document, `j.name`)) + `, CASE WHEN ` + later(document, `j.name`) + ` THEN 'NULL /* known after apply */' ELSE 'NULL' END) END`
	}
	identifier := func(expr string) string { return "CONCAT('`', REPLACE(" + expr + ", '`', '``'), '`')" }
	name := identifier(`j.name`)
	table := identifier(`o.table_name`)
	list := func(item, separator, document, condition string) string {
		return `(SELECT GROUP_CONCAT(` + item + ` ORDER BY j.n SEPARATOR '` + separator + `') FROM ` + members(document, "j") + ` WHERE ` + condition + `)`
	}
	columns := func(item, separator, document string) string {
		return list(item, separator, document, `NOT `+isBusinessKey(`j.name`, document))
	}
	const key, before = "o.`key`", "o.`before`"
	assign := `CONCAT(` + name + `, ' = ', ` + constant(after) + `)`
	// Of the key no part waits for the apply: the row is there.
	where := `' WHERE ', ` + columns(`CONCAT(`+name+`, CASE `+kind(key, `j.name`)+` WHEN 'NULL' THEN ' IS NULL' ELSE CONCAT(' = ', `+constant(key)+`) END)`, ` AND `, key)
	const byField = `o.operation IN ('update', 'rename', 'adopt')`
	// What the document of old values lacks is in the key.
	from := `CASE WHEN ` + kind(before, `c.name`) + ` IS NULL THEN ` + given(key, `c.name`) + ` ELSE ` + given(before, `c.name`) + ` END`
	to := value(after, `c.name`)

	return strings.Join([]string{
		`SELECT CASE WHEN o.operation IN ('archive', 'purge') THEN 'delete' WHEN o.operation IN ('rename', 'adopt') THEN 'update' ELSE o.operation END AS operation,`,
		`  ` + list(given(key, `j.name`), `/`, key, `NOT `+hasBusinessKeys(`j.name`, key)) + ` AS source_code,`,
		`  o.table_name AS table_name,`,
		`  c.name AS field_name,`,
		`  ` + from + ` AS from_value,`,
		`  ` + to + ` AS to_value,`,
		`  CASE`,
		`    WHEN o.operation = 'insert' THEN CONCAT('INSERT INTO ', ` + table + `, ' (', ` + columns(name, `, `, after) + `, ') VALUES (', ` + columns(constant(after), `, `, after) + `, ')')`,
		`    WHEN ` + byField + ` THEN CONCAT('UPDATE ', ` + table + `, ' SET ', ` +
			list(assign, `, `, after, `NOT `+isBusinessKey(`j.name`, after)+` AND (`+kind(after, `j.name`)+` = 'OBJECT' OR j.name = c.name OR `+belongs(`c.name`, `j.name`)+`)`) + `, ` + where + `)`,
		`    WHEN o.operation IN ('delete', 'purge') THEN CONCAT('DELETE FROM ', ` + table + `, ` + where + `)`,
		`    ELSE CONCAT('UPDATE ', ` + table + `, ' SET ', ` + columns(assign, `, `, after) + `, ` + where + `)`,
		"  END AS `sql`,",
		`  p.created_on AS created_on,`,
		`  e.executed_on AS executed_on,`,
		`  o.plan_id AS import_hash`,
		"FROM `registrar_operation` AS o",
		"LEFT JOIN `registrar_plan` AS p ON p.id = o.plan_id",
		"LEFT JOIN `registrar_execution` AS e ON e.plan_id = o.plan_id",
		`LEFT JOIN ` + members(`CASE WHEN `+byField+` THEN `+after+` END`, "c") + ` ON TRUE`,
		`WHERE NOT ` + byField + ` OR ` + kind(after, `c.name`) + ` <> 'OBJECT' AND NOT (` + to + ` <=> ` + from + `)`,
		`  AND NOT (` + later(after, `c.name`) + ` AND ` + to + ` IS NULL)`,
	}, "\n")
}
