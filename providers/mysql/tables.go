package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

// Table describes a table of the destination's database, or, as database.table, of another one on its server.
func (d *destination) Table(ctx context.Context, q providers.Querier, name string) (*sqlgen.Table, error) {
	found, err := d.table(ctx, q, name)
	if err != nil {
		return nil, err
	}
	table, err := d.describe(ctx, q, found)
	if err != nil {
		return nil, fmt.Errorf("describe table %s: %w", name, d.SafeError(err))
	}
	return table, nil
}

// TableNames lists the tables of the destination's database that can be written.
func (d *destination) TableNames(ctx context.Context, q providers.Querier) ([]string, error) {
	var names []string
	err := each(ctx, q, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		if !isOurs(name) {
			names = append(names, name)
		}
		return err
	}, `SELECT table_name FROM information_schema.tables
WHERE table_schema = ? AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND engine = 'InnoDB' ORDER BY table_name`, d.settings.database)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", d.SafeError(err))
	}
	return names, nil
}

// isOurs reports whether a table is the register's, or a staging table of a registrar that made them beside it.
func isOurs(name string) bool { return strings.HasPrefix(strings.ToLower(name), registerPrefix) }

// each calls row for each row of a query, to scan it.
func each(ctx context.Context, q providers.Querier, row func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// table finds a table that rows can be written to, all or none.
func (d *destination) table(ctx context.Context, q providers.Querier, name string) (relation, error) {
	found, ok, err := d.find(ctx, q, name)
	if err != nil {
		return found, fmt.Errorf("look for table %s: %w", name, d.SafeError(err))
	}
	if !ok {
		return found, fmt.Errorf("%w %q", providers.ErrNoTable, name)
	}
	var kind, engine string
	err = q.QueryRowContext(ctx, "SELECT table_type, coalesce(engine, '') FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", found.database, found.name).Scan(&kind, &engine)
	switch {
	case err != nil:
		return found, fmt.Errorf("look at table %s: %w", name, d.SafeError(err))
	case strings.Contains(kind, "VIEW"):
		return found, fmt.Errorf("%s is a view: only tables can be kept in step", name)
	case kind != "BASE TABLE" && kind != "SYSTEM VERSIONED":
		return found, fmt.Errorf("%s is no table but a %s: only tables can be kept in step", name, strings.ToLower(kind))
	case engine != "InnoDB":
		return found, fmt.Errorf("the storage engine of table %s is %s, in which a plan cannot be applied whole or not at all: ALTER TABLE %s ENGINE = InnoDB", name, engine, found.sql())
	}
	return found, nil
}

// find looks a name up as the server does.
func (d *destination) find(ctx context.Context, q providers.Querier, name string) (found relation, ok bool, err error) {
	var folding int
	if err := q.QueryRowContext(ctx, "SELECT @@lower_case_table_names").Scan(&folding); err != nil {
		return found, false, err
	}
	for _, candidate := range candidates(d.settings.database, name) {
		names, err := tableNames(ctx, q, candidate.database)
		if err != nil {
			return found, false, err
		}
		for _, there := range names {
			if there == candidate.name || folding != 0 && strings.EqualFold(there, candidate.name) {
				return relation{candidate.database, there}, true, nil
			}
		}
	}
	return found, false, nil
}

// shown is a table as configurations name it.
func (d *destination) shown(r relation) string {
	if r.database == d.settings.database {
		return r.name
	}
	return r.database + "." + r.name
}

// describe reads all that the planning needs to know of a table.
func (d *destination) describe(ctx context.Context, q providers.Querier, found relation) (*sqlgen.Table, error) {
	table := &sqlgen.Table{Name: found.sql()}
	steps := []func(context.Context, providers.Querier, relation, *sqlgen.Table) error{d.readColumns, d.readUnique, d.readForeignKeys, d.readTriggers}
	for _, read := range steps {
		if err := read(ctx, q, found, table); err != nil {
			return nil, err
		}
	}
	return table, nil
}

func (d *destination) readColumns(ctx context.Context, q providers.Querier, found relation, table *sqlgen.Table) error {
	checked, err := d.jsonColumns(ctx, q, found)
	if err != nil {
		return err
	}
	return each(ctx, q, func(scan func(...any) error) error {
		var c catalogueColumn
		var nullable, standard, extra string
		var generated, hasDefault bool
		var length, precision, scale, fraction sql.NullInt64
		if err := scan(&c.name, &c.dataType, &c.columnType, &length, &precision, &scale, &fraction, &c.charset, &c.collation, &nullable, &hasDefault, &standard, &extra, &generated); err != nil {
			return err
		}
		c.length, c.precision, c.scale, c.fraction = length.Int64, int(precision.Int64), int(scale.Int64), int(fraction.Int64)
		c.isJSON = slices.Contains(checked, c.name)
		extra = strings.ToLower(extra)
		// MariaDB says so where there is none.
		if standard == "NULL" && !d.dialect.mysql {
			hasDefault = false
		}
		column := sqlgen.Column{
			Name: c.name, Type: c.valueType(), NotNull: nullable == "NO", Generated: generated,
			HasDefault: hasDefault || strings.Contains(extra, "auto_increment"),
		}
		if c.charset != "" {
			column.Collation = c.charset + "/" + c.collation
		}
		// It writes itself when another column is written.
		table.Triggers = table.Triggers || strings.Contains(extra, "on update")
		table.Columns = append(table.Columns, column)
		return nil
	}, `SELECT column_name, data_type, column_type, character_maximum_length, numeric_precision, numeric_scale, datetime_precision,
coalesce(character_set_name, ''), coalesce(collation_name, ''), is_nullable, column_default IS NOT NULL, coalesce(column_default, ''), extra,
coalesce(generation_expression, '') <> '' FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`, found.database, found.name)
}

var jsonCheck = regexp.MustCompile("(?i)^json_valid\\(([`\"])(.*)[`\"]\\)$")

// jsonColumns lists the columns that are JSON to MariaDB: texts that a constraint checks.
func (d *destination) jsonColumns(ctx context.Context, q providers.Querier, found relation) (names []string, err error) {
	if d.dialect.mysql {
		return nil, nil
	}
	err = each(ctx, q, func(scan func(...any) error) error {
		var clause string
		if err := scan(&clause); err != nil {
			return err
		}
		if match := jsonCheck.FindStringSubmatch(clause); match != nil {
			names = append(names, strings.ReplaceAll(match[2], match[1]+match[1], match[1]))
		}
		return nil
	}, "SELECT check_clause FROM information_schema.check_constraints WHERE constraint_schema = ? AND table_name = ?", found.database, found.name)
	return names, err
}

// readUnique leaves out indexes of which a part is an expression, or the beginning of a column.
func (d *destination) readUnique(ctx context.Context, q providers.Querier, found relation, table *sqlgen.Table) error {
	last := ""
	whole := true
	var columns []string
	add := func() {
		if len(columns) > 0 && whole {
			table.Unique = append(table.Unique, columns)
		}
		columns, whole = nil, true
	}
	err := each(ctx, q, func(scan func(...any) error) error {
		var index string
		var column sql.NullString
		var part sql.NullInt64
		if err := scan(&index, &column, &part); err != nil {
			return err
		}
		if index != last {
			add()
			last = index
		}
		columns = append(columns, column.String)
		whole = whole && column.Valid && !part.Valid
		return nil
	}, `SELECT index_name, column_name, sub_part FROM information_schema.statistics
WHERE table_schema = ? AND table_name = ? AND non_unique = 0 ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index`, found.database, found.name)
	add()
	return err
}

// readForeignKeys reads a table's foreign keys and those that point to it. Of tables in which the user may do
// nothing, the server says none.
func (d *destination) readForeignKeys(ctx context.Context, q providers.Querier, found relation, table *sqlgen.Table) error {
	var keys []sqlgen.ForeignKey
	var owners, parents []relation
	var unknown []string // the names of keys, by their place, whose rules the server does not tell; "" for the others
	last := ""
	err := each(ctx, q, func(scan func(...any) error) error {
		var owner, parent relation
		var name, column, parentColumn string
		var onDelete, onUpdate sql.NullString
		if err := scan(&owner.database, &owner.name, &name, &column, &parent.database, &parent.name, &parentColumn, &onDelete, &onUpdate); err != nil {
			return err
		}
		if id := owner.sql() + "." + quote(name); id != last {
			last = id
			owners, parents = append(owners, owner), append(parents, parent)
			keys = append(keys, sqlgen.ForeignKey{Table: owner.sql(), Parent: parent.sql(), Shown: d.shown(owner), Acts: acts(onDelete.String), ActsOnUpdate: acts(onUpdate.String)})
			if onDelete.Valid {
				name = ""
			}
			unknown = append(unknown, name)
		}
		key := &keys[len(keys)-1]
		key.Columns, key.ParentColumns = append(key.Columns, column), append(key.ParentColumns, parentColumn)
		return nil
		// Without the server's own databases: MariaDB opens every table that the two look at.
	}, `SELECT k.table_schema, k.table_name, k.constraint_name, k.column_name, k.referenced_table_schema, k.referenced_table_name, k.referenced_column_name, r.delete_rule, r.update_rule
FROM information_schema.key_column_usage AS k
LEFT JOIN information_schema.referential_constraints AS r ON r.constraint_schema = k.constraint_schema AND r.table_name = k.table_name AND r.constraint_name = k.constraint_name
  AND r.constraint_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
WHERE k.table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') AND k.referenced_table_name IS NOT NULL AND (k.table_schema = ? AND k.table_name = ? OR k.referenced_table_schema = ? AND k.referenced_table_name = ?)
ORDER BY k.table_schema, k.table_name, k.constraint_name, k.ordinal_position`, found.database, found.name, found.database, found.name)
	if err != nil {
		return err
	}
	for i, key := range keys {
		if unknown[i] != "" {
			key.Acts, key.ActsOnUpdate = declaredActions(ctx, q, owners[i], unknown[i])
		}
		if d.same(owners[i], found) {
			key.Table = found.sql()
			table.ForeignKeys = append(table.ForeignKeys, withColumns(key, table, true))
		}
		if d.same(parents[i], found) {
			key.Parent = found.sql()
			key = withColumns(key, table, false)
			table.References = append(table.References, key)
			if key.Acts && !slices.Contains(table.Cascades, key.Shown) {
				table.Cascades = append(table.Cascades, key.Shown)
			}
		}
	}
	slices.Sort(table.Cascades)
	return nil
}

// declaredActions reads what a foreign key does from the text of its table, of which users with rights on the table know
// who are not told its rules. Where that is not to be had, it may do anything.
func declaredActions(ctx context.Context, q providers.Querier, owner relation, name string) (acts, actsOnUpdate bool) {
	var table, text string
	if err := q.QueryRowContext(ctx, "SHOW CREATE TABLE "+owner.sql()).Scan(&table, &text); err != nil {
		return true, true
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		for _, quoted := range []string{quote(name), `"` + strings.ReplaceAll(name, `"`, `""`) + `"`} {
			if rest, ok := strings.CutPrefix(line, "CONSTRAINT "+quoted+" FOREIGN KEY "); ok {
				return declares(rest, "ON DELETE "), declares(rest, "ON UPDATE ")
			}
		}
	}
	return true, true
}

// declares reports whether the clause of a foreign key ends with an action, on what is given, that changes rows.
func declares(clause, on string) bool {
	clause = clause[strings.LastIndexByte(clause, ')')+1:]
	_, action, ok := strings.Cut(clause, on)
	return ok && (strings.HasPrefix(action, "CASCADE") || strings.HasPrefix(action, "SET "))
}

// same reports whether two are one table: constraints may spell the other's name in another case.
func (d *destination) same(a, b relation) bool {
	return a == b || strings.EqualFold(a.database, b.database) && strings.EqualFold(a.name, b.name) && a.sql() != b.sql() && strings.ToLower(a.name) == a.name
}

// withColumns spells a key's columns as the table does: case does not count in them.
func withColumns(key sqlgen.ForeignKey, table *sqlgen.Table, own bool) sqlgen.ForeignKey {
	names := slices.Clone(key.ParentColumns)
	if own {
		names = slices.Clone(key.Columns)
	}
	for i, name := range names {
		for _, c := range table.Columns {
			if strings.EqualFold(c.Name, name) {
				names[i] = c.Name
			}
		}
	}
	if own {
		key.Columns = names
	} else {
		key.ParentColumns = names
	}
	return key
}

// acts reports whether a foreign key's action changes rows.
func acts(action string) bool {
	return slices.Contains([]string{"CASCADE", "SET NULL", "SET DEFAULT"}, action)
}

// readTriggers takes a table for one with triggers also where the user may not know: the server shows them only to those who
// may make some.
func (d *destination) readTriggers(ctx context.Context, q providers.Querier, found relation, table *sqlgen.Table) error {
	var triggers int
	if err := q.QueryRowContext(ctx, "SELECT count(*) FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = ?", found.database, found.name).Scan(&triggers); err != nil {
		return err
	}
	if triggers > 0 || table.Triggers {
		table.Triggers = true
		return nil
	}
	sees, err := seesTriggers(ctx, q, found)
	table.Triggers = !sees
	return err
}

var grant = regexp.MustCompile("^GRANT (.*) ON (\\S+|`.*`\\.\\S+) TO ")

// seesTriggers looks for the privilege TRIGGER among what the session was granted.
func seesTriggers(ctx context.Context, q providers.Querier, found relation) (bool, error) {
	sees := false
	err := each(ctx, q, func(scan func(...any) error) error {
		var text string
		if err := scan(&text); err != nil {
			return err
		}
		match := grant.FindStringSubmatch(text)
		if match == nil {
			return nil
		}
		for privilege := range strings.SplitSeq(match[1], ", ") {
			if privilege == "ALL PRIVILEGES" || privilege == "TRIGGER" {
				sees = sees || covers(match[2], found)
			}
		}
		return nil
	}, "SHOW GRANTS")
	return sees, err
}

// covers reports whether what was granted on is, or holds, the table. % and _ stand for others in the name of a
// database, unless behind a backslash.
func covers(object string, table relation) bool {
	if object == "*.*" {
		return true
	}
	database, name, _ := strings.Cut(strings.ReplaceAll(object, "`.`", "\x00"), "\x00")
	if name == "" {
		database, name, _ = strings.Cut(object, ".")
	}
	database, name = strings.Trim(database, "`"), strings.Trim(name, "`")
	if name != "*" {
		return database == table.database && name == table.name
	}
	pattern := regexp.QuoteMeta(strings.NewReplacer(`\_`, "\x01", `\%`, "\x02", "%", "\x03", "_", "\x04").Replace(database))
	pattern = strings.NewReplacer("\x01", "_", "\x02", "%", "\x03", ".*", "\x04", ".").Replace(pattern)
	matched, err := regexp.MatchString("^"+pattern+"$", table.database)
	return err == nil && matched
}
