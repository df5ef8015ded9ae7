package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/providers"
)

// catalog runs a query and calls row for each row, to scan it. Sources ask through
// pgx, destinations through database/sql.
type catalog func(ctx context.Context, row func(scan func(into ...any) error) error, query string, args ...any) error

// sqlCatalog prepares its queries: they are the same for each of what may be hundreds of tables,
// and take longer to plan than to run.
func sqlCatalog(q providers.Querier) catalog {
	return func(ctx context.Context, row func(func(...any) error) error, query string, args ...any) error {
		found, err := q.QueryContext(ctx, query, append([]any{pgx.QueryExecModeCacheStatement}, args...)...)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			if err := row(found.Scan); err != nil {
				return err
			}
		}
		return found.Err()
	}
}

func pgxCatalog(conn *pgx.Conn) catalog {
	return func(ctx context.Context, row func(func(...any) error) error, query string, args ...any) error {
		found, err := conn.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			if err := row(found.Scan); err != nil {
				return err
			}
		}
		return found.Err()
	}
}

// relation is a table, view or the like.
type relation struct {
	oid          int64
	kind         string // pg_class.relkind
	schema, name string
}

func (r *relation) sql() string { return quote(r.schema) + "." + quote(r.name) }

// kindNames are the relations that are not tables, by pg_class.relkind.
var kindNames = map[string]string{"v": "a view", "m": "a materialized view", "f": "a foreign table"}

// part is one part of a name as written: quoted means exactly so.
type part struct {
	text   string
	quoted bool
}

// splitName cuts a name into its parts, which points separate. A part that begins
// with a quote ends with one, and doubles those inside.
func splitName(name string) ([]part, bool) {
	var parts []part
	for rest := name; ; rest = rest[1:] {
		var p part
		if strings.HasPrefix(rest, `"`) {
			p.quoted = true
			end := 1
			for {
				i := strings.IndexByte(rest[end:], '"')
				if i < 0 {
					return nil, false
				}
				p.text += rest[end : end+i]
				end += i + 1
				if !strings.HasPrefix(rest[end:], `"`) {
					break
				}
				p.text += `"`
				end++
			}
			rest = rest[end:]
		} else {
			end := strings.IndexByte(rest, '.')
			if end < 0 {
				end = len(rest)
			}
			p.text, rest = rest[:end], rest[end:]
		}
		parts = append(parts, p)
		if rest == "" {
			return parts, true
		}
		if rest[0] != '.' {
			return nil, false
		}
	}
}

// spellings lists what a name may mean, the first that exists winning: exactly
// what is written, then folded to lower case as SQL does, then the whole as one
// table's name. A schema of "" stands for the search path.
func spellings(name string) (schemas, tables []string) {
	add := func(schema, table string) {
		for i := range tables {
			if schemas[i] == schema && tables[i] == table {
				return
			}
		}
		schemas, tables = append(schemas, schema), append(tables, table)
	}
	fold := func(p part) string {
		if p.quoted {
			return p.text
		}
		return strings.ToLower(p.text)
	}
	if parts, ok := splitName(name); ok {
		switch len(parts) {
		case 1:
			add("", parts[0].text)
			add("", fold(parts[0]))
		case 2:
			if parts[0].text != "" {
				add(parts[0].text, parts[1].text)
				add(fold(parts[0]), fold(parts[1]))
			}
		}
	}
	add("", name)
	return schemas, tables
}

// findRelation returns what the name means, or nil.
func findRelation(ctx context.Context, q catalog, name string) (*relation, error) {
	schemas, tables := spellings(name)
	var found *relation
	err := q(ctx, func(scan func(...any) error) error {
		found = new(relation)
		return scan(&found.oid, &found.kind, &found.schema, &found.name)
	}, `SELECT c.oid::int8, c.relkind::text, n.nspname::text, c.relname::text
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(schema, name, n)
JOIN pg_catalog.pg_class AS c ON c.relname = w.name
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
AND CASE w.schema WHEN '' THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = w.schema END
ORDER BY w.n LIMIT 1`, schemas, tables)
	return found, err
}

// relationNames lists relations of some kinds (pg_class.relkind) as a configuration
// names them, those of the search path first.
func relationNames(ctx context.Context, q catalog, kinds string) ([]string, error) {
	return readNames(ctx, q, `SELECT n.nspname::text, c.relname::text, pg_catalog.pg_table_is_visible(c.oid)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE strpos($1::text, c.relkind::text) > 0 AND NOT c.relispartition
AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'registrar')
AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
ORDER BY 3 DESC, n.nspname, c.relname`, kinds)
}

// readNames spells the tables that a query yields as schema, name, and whether the
// search path finds it.
func readNames(ctx context.Context, q catalog, query string, args ...any) ([]string, error) {
	var names []string
	err := q(ctx, func(scan func(...any) error) error {
		var schema, name string
		var visible bool
		if err := scan(&schema, &name, &visible); err != nil {
			return err
		}
		spelt := spell(name)
		if !visible {
			spelt = spell(schema) + "." + spelt
		}
		names = append(names, spelt)
		return nil
	}, query, args...)
	return names, err
}

// spell writes a name as splitName reads it.
func spell(name string) string {
	if strings.Contains(name, ".") || strings.HasPrefix(name, `"`) {
		return quote(name)
	}
	return name
}

// listed is how many names an error lists in full when none is close.
const listed = 12

// alternatives says what there is instead of name.
func alternatives(name string, names []string) string {
	if len(names) == 0 {
		return "; it has no tables that this role can see"
	}
	if best := suggest.Closest(name, names); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return "; there is " + suggest.List(names, listed)
}

// describeTable reads all that the planning needs to know of a table.
func describeTable(ctx context.Context, q catalog, found *relation) (*sqlgen.Table, error) {
	table := &sqlgen.Table{Name: found.sql()}
	if err := readColumns(ctx, q, found, table); err != nil {
		return nil, err
	}
	// Inheritance: an index sees the rows of its own table only.
	var inherited bool
	err := q(ctx, func(scan func(...any) error) error {
		return scan(&table.Triggers, &table.RowSecurity, &inherited)
	}, `WITH RECURSIVE tree(oid) AS (
  SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree ON tree.oid = i.inhparent)
SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t JOIN tree ON tree.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype & 28 <> 0) -- insert 4, delete 8, update 16
  OR EXISTS (SELECT FROM pg_catalog.pg_rewrite AS r JOIN tree ON tree.oid = r.ev_class
    WHERE r.ev_type IN ('2', '3', '4') AND r.ev_enabled IN ('O', 'A')), -- update, insert, delete
  pg_catalog.row_security_active($2::oid), (SELECT count(*) FROM tree) > 1`, found.oid, found.oid)
	if err != nil {
		return nil, err
	}
	if table.Cascades, err = readCascades(ctx, q, found); err != nil {
		return nil, err
	}
	if err := readForeignKeys(ctx, q, found, table); err != nil {
		return nil, err
	}
	if inherited && found.kind == "r" {
		return table, nil
	}
	return table, readUnique(ctx, q, found, table)
}

// readColumns resolves domains to their base type: a staging table must not enforce
// what the table itself will.
func readColumns(ctx context.Context, q catalog, found *relation, table *sqlgen.Table) error {
	return q(ctx, func(scan func(...any) error) error {
		var c sqlgen.Column
		var oid, modifier int64
		var name, spelt, collationSchema, collation string
		if err := scan(&c.Name, &oid, &name, &modifier, &spelt, &c.NotNull, &c.HasDefault, &c.Generated, &c.Identity, &collationSchema, &collation); err != nil {
			return err
		}
		c.Type = typeOf(uint32(oid), name, int32(modifier), spelt)
		if collation != "" {
			c.Collation = quote(collationSchema) + "." + quote(collation)
		}
		table.Columns = append(table.Columns, c)
		return nil
	}, `SELECT a.attname::text, t.oid::int8, t.typname::text, b.modifier::int8, pg_catalog.format_type(t.oid, b.modifier),
  a.attnotnull OR b.not_null, a.atthasdef OR a.attidentity <> '' OR b.has_default, a.attgenerated <> '' OR a.attidentity = 'a', a.attidentity = 'a',
  coalesce(n.nspname, '')::text, coalesce(l.collname, '')::text
FROM pg_catalog.pg_attribute AS a
CROSS JOIN LATERAL (
  WITH RECURSIVE chain(oid, modifier, not_null, has_default, depth) AS (
    SELECT a.atttypid, a.atttypmod, false, false, 0
    UNION ALL
    SELECT d.typbasetype, d.typtypmod, chain.not_null OR d.typnotnull, chain.has_default OR d.typdefault IS NOT NULL, chain.depth + 1
    FROM chain JOIN pg_catalog.pg_type AS d ON d.oid = chain.oid AND d.typtype = 'd')
  SELECT * FROM chain ORDER BY depth DESC LIMIT 1) AS b
JOIN pg_catalog.pg_type AS t ON t.oid = b.oid
LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation AND a.attcollation <> t.typcollation
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = l.collnamespace
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, found.oid)
}

func readUnique(ctx context.Context, q catalog, found *relation, table *sqlgen.Table) error {
	last := int64(0)
	return q(ctx, func(scan func(...any) error) error {
		var index int64
		var column string
		var partial bool
		if err := scan(&index, &column, &partial); err != nil {
			return err
		}
		into := &table.Unique
		if partial {
			into = &table.Partial
		}
		if index != last {
			*into, last = append(*into, nil), index
		}
		at := len(*into) - 1
		(*into)[at] = append((*into)[at], column)
		return nil
	}, `SELECT i.indexrelid::int8, a.attname::text, i.indpred IS NOT NULL
FROM pg_catalog.pg_index AS i
CROSS JOIN LATERAL generate_series(0, i.indnkeyatts - 1) AS k(n)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n]
WHERE i.indrelid = $1::oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indisready AND NOT i.indisexclusion
AND i.indexprs IS NULL
AND NOT EXISTS (SELECT FROM generate_series(0, i.indnkeyatts - 1) AS j(n)
  JOIN pg_catalog.pg_attribute AS c ON c.attrelid = i.indrelid AND c.attnum = i.indkey[j.n] WHERE i.indcollation[j.n] <> c.attcollation)
ORDER BY i.indisprimary DESC, i.indexrelid, k.n`, found.oid)
}

// readCascades names the tables that a delete changes through their foreign keys. A
// key to or of a partitioned table is listed for each partition as well: of the
// referring tables only the uppermost is named.
func readCascades(ctx context.Context, q catalog, found *relation) ([]string, error) {
	return readNames(ctx, q, `WITH RECURSIVE tree(oid) AS (
  SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree ON tree.oid = i.inhparent),
referring(oid) AS (
  SELECT k.conrelid FROM pg_catalog.pg_constraint AS k JOIN tree ON tree.oid = k.confrelid
  WHERE k.contype = 'f' AND k.confdeltype IN ('c', 'n', 'd')) -- cascade, set null, set default
SELECT DISTINCT n.nspname::text, c.relname::text, pg_catalog.pg_table_is_visible(c.oid)
FROM referring AS r
JOIN pg_catalog.pg_class AS c ON c.oid = r.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT c.relispartition
OR NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS i JOIN referring AS up ON up.oid = i.inhparent WHERE i.inhrelid = c.oid)
ORDER BY 3 DESC, 1, 2`, found.oid)
}
