package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/providers"
)

// registerPrefix begins the names of the register's tables.
const registerPrefix = "registrar_"

// relation is a table or a view of the file.
type relation struct {
	name, kind           string // kind: table, view, virtual or shadow
	withoutRowID, strict bool
}

func (r *relation) quoted() string { return `"main".` + quote(r.name) }

// findRelation looks a name up as SQLite does, whatever its case; nil where there
// is none.
func findRelation(ctx context.Context, q providers.Querier, name string) (*relation, error) {
	found, err := collect(ctx, q, func(scan func(...any) error) (relation, error) {
		var r relation
		err := scan(&r.name, &r.kind, &r.withoutRowID, &r.strict)
		return r, err
	}, `SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`, name)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// relationNames lists what is of those kinds, without SQLite's own tables and the
// register's.
func relationNames(ctx context.Context, q providers.Querier, kinds ...string) ([]string, error) {
	found, err := collect(ctx, q, func(scan func(...any) error) (relation, error) {
		var r relation
		err := scan(&r.name, &r.kind)
		return r, err
	}, `SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range found {
		if slices.Contains(kinds, r.kind) && !strings.HasPrefix(strings.ToLower(r.name), registerPrefix) {
			names = append(names, r.name)
		}
	}
	return names, nil
}

// collect runs a query to its end, so that the connection is free for the next.
func collect[T any](ctx context.Context, q providers.Querier, read func(scan func(...any) error) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := read(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read the catalogue: %w", err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	return all, nil
}

func (*destination) TableNames(ctx context.Context, q providers.Querier) ([]string, error) {
	return relationNames(ctx, q, "table")
}

func (*destination) Table(ctx context.Context, q providers.Querier, name string) (*sqlgen.Table, error) {
	found, err := findRelation(ctx, q, name)
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, fmt.Errorf("%w: %q", providers.ErrNoTable, name)
	case found.kind == "view":
		return nil, fmt.Errorf("%q is a view, and a destination must be a table", found.name)
	case found.kind != "table":
		return nil, fmt.Errorf("%q is a %s table, and a destination must be an ordinary one", found.name, found.kind)
	case strings.HasPrefix(strings.ToLower(found.name), registerPrefix):
		return nil, fmt.Errorf("%q belongs to the register", found.name)
	}
	t := &sqlgen.Table{Name: found.quoted()}
	columns, err := readColumns(ctx, q, found)
	if err != nil {
		return nil, err
	}
	for _, c := range columns {
		t.Columns = append(t.Columns, c.Column)
	}
	if err := readCollations(ctx, q, t); err != nil {
		return nil, err
	}
	if t.Unique, err = readUnique(ctx, q, found, t.Columns, false); err != nil {
		return nil, err
	}
	if t.Partial, err = readUnique(ctx, q, found, t.Columns, true); err != nil {
		return nil, err
	}
	row := q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE)`, found.name)
	if err := row.Scan(&t.Triggers); err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	if t.Cascades, err = readCascades(ctx, q, found); err != nil {
		return nil, err
	}
	if err := readForeignKeys(ctx, q, found, t); err != nil {
		return nil, err
	}
	// The number of a row without one is given by SQLite.
	if alias := rowIDAlias(found, columns, t.Unique); alias >= 0 {
		t.Columns[alias].HasDefault = true
		t.Unique = append(t.Unique, []string{t.Columns[alias].Name})
	}
	return t, nil
}

type tableColumn struct {
	sqlgen.Column
	inKey int // place in the primary key, from 1; 0 outside it
}

func readColumns(ctx context.Context, q providers.Querier, r *relation) ([]tableColumn, error) {
	columns, err := collect(ctx, q, func(scan func(...any) error) (tableColumn, error) {
		var c tableColumn
		var declared string
		var hidden int
		err := scan(&c.Name, &declared, &c.NotNull, &c.HasDefault, &c.inKey, &hidden)
		if r.strict && strings.EqualFold(declared, "ANY") {
			// In a STRICT table only, ANY takes values as they are.
			declared = ""
		}
		c.Type = typeOf(declared)
		// 2 is a virtual and 3 a stored generated column.
		c.Generated = hidden >= 2
		if r.withoutRowID && c.inKey > 0 {
			c.NotNull = true
		}
		return c, err
	}, `SELECT name, type, "notnull", dflt_value IS NOT NULL, pk, hidden FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1 ORDER BY cid`, r.name)
	if err != nil {
		return nil, err
	}
	return columns, nil
}

// readCollations finds out by what each column compares. No pragma tells. But what
// is the same to the first part's column is one row of a UNION: this is
// documented, and needs no row of the table.
func readCollations(ctx context.Context, q providers.Querier, t *sqlgen.Table) error {
	const probes = 2
	for part := range slices.Chunk(t.Columns, 100) {
		var tests []string
		found := make([]bool, probes*len(part))
		targets := make([]any, len(found))
		for i, c := range part {
			for j, twin := range []string{"A", "a "} {
				targets[probes*i+j] = &found[probes*i+j]
				tests = append(tests, fmt.Sprintf("(SELECT count(*) = 1 FROM (SELECT %s FROM %s WHERE 0 UNION SELECT 'a' UNION SELECT '%s'))", quote(c.Name), t.Name, twin))
			}
		}
		if err := q.QueryRowContext(ctx, "SELECT "+strings.Join(tests, ", ")).Scan(targets...); err != nil {
			return fmt.Errorf("read the columns' collations: %w", err)
		}
		for i := range part {
			switch {
			case found[probes*i]:
				part[i].Collation = "NOCASE"
			case found[probes*i+1]:
				part[i].Collation = "RTRIM"
			}
		}
	}
	return nil
}

// readUnique lists the unique indexes over all rows, or some, and plain columns, each with
// the columns' own collations.
func readUnique(ctx context.Context, q providers.Querier, r *relation, described []sqlgen.Column, partial bool) ([][]string, error) {
	type part struct {
		index, collation string
		column           *string // nil for an expression
	}
	parts, err := collect(ctx, q, func(scan func(...any) error) (part, error) {
		var p part
		err := scan(&p.index, &p.column, &p.collation)
		return p, err
	}, `SELECT l.name, x.name, x.coll FROM pragma_index_list(?1, 'main') AS l, pragma_index_xinfo(l.name, 'main') AS x
WHERE l."unique" = 1 AND l.partial = ?2 AND x.key = 1 ORDER BY l.seq, x.seqno`, r.name, partial)
	if err != nil {
		return nil, err
	}
	var unique [][]string
	for len(parts) > 0 {
		n := slices.IndexFunc(parts, func(p part) bool { return p.index != parts[0].index })
		if n < 0 {
			n = len(parts)
		}
		var names []string
		for _, p := range parts[:n] {
			i := -1
			if p.column != nil {
				i = slices.IndexFunc(described, func(c sqlgen.Column) bool { return c.Name == *p.column })
			}
			if i < 0 || !strings.EqualFold(p.collation, cmp.Or(described[i].Collation, "BINARY")) {
				names = nil
				break
			}
			names = append(names, described[i].Name)
		}
		if names != nil {
			unique = append(unique, names)
		}
		parts = parts[n:]
	}
	return unique, nil
}

// readCascades names the tables that a delete changes through their foreign keys,
// which connections to a destination enforce. A key may name the table in any case.
func readCascades(ctx context.Context, q providers.Querier, r *relation) ([]string, error) {
	return collect(ctx, q, func(scan func(...any) error) (string, error) {
		var name string
		err := scan(&name)
		return name, err
	}, `SELECT DISTINCT l.name FROM pragma_table_list AS l, pragma_foreign_key_list(l.name, 'main') AS f
WHERE l.schema = 'main' AND l.type = 'table' AND f."table" = ?1 COLLATE NOCASE AND f.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT') ORDER BY l.name`, r.name)
}

// readForeignKeys reads a table's foreign keys and those that point to it. They hold
// whatever a program that does not ask for it makes of them: connections to a
// destination enforce them. Names in a key may be in any case, and one without columns
// means the other table's primary key. One whose parent's table or columns are not
// there refers to nothing.
func readForeignKeys(ctx context.Context, q providers.Querier, r *relation, t *sqlgen.Table) error {
	type member struct {
		child, parent, onDelete, onUpdate, column string
		id                                        int
		parentColumn                              sql.NullString
		declared                                  string
	}
	members, err := collect(ctx, q, func(scan func(...any) error) (member, error) {
		var m member
		err := scan(&m.child, &m.id, &m.parent, &m.onDelete, &m.onUpdate, &m.column, &m.parentColumn, &m.declared)
		return m, err
	}, `SELECT l.name, f.id, p.name, f.on_delete, f.on_update, f."from",
  (SELECT c.name FROM pragma_table_xinfo(p.name, 'main') AS c WHERE CASE WHEN f."to" IS NULL THEN c.pk = f.seq + 1 ELSE c.name = f."to" COLLATE NOCASE END),
  coalesce((SELECT s.sql FROM main.sqlite_schema AS s WHERE s.type = 'table' AND s.name = l.name), '')
FROM pragma_table_list AS l, pragma_foreign_key_list(l.name, 'main') AS f, pragma_table_list AS p
WHERE l.schema = 'main' AND l.type = 'table' AND p.schema = 'main' AND p.type = 'table' AND p.name = f."table" COLLATE NOCASE
AND ?1 IN (l.name, p.name) ORDER BY l.name, f.id DESC, f.seq`, r.name)
	if err != nil {
		return err
	}
	for len(members) > 0 {
		first := members[0]
		n := slices.IndexFunc(members, func(m member) bool { return m.child != first.child || m.id != first.id })
		if n < 0 {
			n = len(members)
		}
		child, parent := relation{name: first.child}, relation{name: first.parent}
		key := sqlgen.ForeignKey{
			Table: child.quoted(), Parent: parent.quoted(), Shown: first.child,
			Acts: acts(first.onDelete), ActsOnUpdate: acts(first.onUpdate),
			// No pragma tells; what another constraint of the table says does no harm.
			Deferred: strings.Contains(strings.Join(strings.Fields(strings.ToUpper(first.declared)), " "), "INITIALLY DEFERRED"),
		}
		refers := true
		for _, m := range members[:n] {
			refers = refers && m.parentColumn.Valid
			key.Columns, key.ParentColumns = append(key.Columns, m.column), append(key.ParentColumns, m.parentColumn.String)
		}
		members = members[n:]
		if !refers {
			continue
		}
		if first.child == r.name {
			t.ForeignKeys = append(t.ForeignKeys, key)
		}
		if first.parent == r.name {
			t.References = append(t.References, key)
		}
	}
	return nil
}

// acts reports whether a foreign key's action changes rows.
func acts(action string) bool {
	return slices.Contains([]string{"CASCADE", "SET NULL", "SET DEFAULT"}, action)
}

// rowIDAlias is the index of the column that is the row's number, or -1. It has
// no index of its own, which is how INTEGER PRIMARY KEY DESC, which is no alias,
// differs.
func rowIDAlias(r *relation, columns []tableColumn, unique [][]string) int {
	if r.withoutRowID {
		return -1
	}
	alias := -1
	for i, c := range columns {
		if c.inKey == 0 {
			continue
		}
		if alias >= 0 {
			return -1
		}
		alias = i
	}
	if alias < 0 || !strings.EqualFold(columns[alias].Type.SQL, "INTEGER") {
		return -1
	}
	if slices.ContainsFunc(unique, func(names []string) bool { return len(names) == 1 && names[0] == columns[alias].Name }) {
		return -1
	}
	return alias
}

// unknownTable says what there is instead of the name.
func unknownTable(name string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("there is no table %q: the database has no tables", name)
	}
	return fmt.Errorf("there is no table %q.%s There is %s", name, suggest.Question(name, names), suggest.List(names, 10))
}
