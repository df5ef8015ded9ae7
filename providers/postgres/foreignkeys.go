package postgres

import (
	"context"
	"slices"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// readForeignKeys reads a table's foreign keys and those that point to it. A key
// of or to a partitioned table has a copy for each partition: each is given once, its
// other table being the uppermost, as configurations name it. What points to a table
// that inherits from this one points to rows of this one.
func readForeignKeys(ctx context.Context, q catalog, found *relation, table *sqlgen.Table) error {
	var err error
	if table.ForeignKeys, err = selectForeignKeys(ctx, q, `WITH RECURSIVE tree(oid) AS (
  SELECT $1::oid UNION
  SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree ON tree.oid = i.inhparent
  JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid AND c.relispartition),
found AS (
  SELECT k.*, $2::oid AS child, top.oid AS parent
  FROM pg_catalog.pg_constraint AS k JOIN tree ON tree.oid = k.conrelid
  CROSS JOIN LATERAL `+uppermost("k.confrelid")+` AS top
  WHERE k.contype = 'f')`, found.oid); err != nil {
		return err
	}
	references, err := selectForeignKeys(ctx, q, `WITH RECURSIVE tree(oid) AS (
  SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree ON tree.oid = i.inhparent),
found AS (
  SELECT k.*, top.oid AS child, $2::oid AS parent
  FROM pg_catalog.pg_constraint AS k JOIN tree ON tree.oid = k.confrelid
  CROSS JOIN LATERAL `+uppermost("k.conrelid")+` AS top
  WHERE k.contype = 'f')`, found.oid)
	// A table that inherits may have columns of its own, by which no row of this one
	// is told.
	table.References = slices.DeleteFunc(references, func(f sqlgen.ForeignKey) bool {
		return slices.ContainsFunc(f.ParentColumns, func(name string) bool {
			_, ok := table.Column(name)
			return !ok
		})
	})
	return err
}

// uppermost is a subquery of the partitioned table that a table is a part of, or of
// the table itself.
func uppermost(oid string) string {
	return `(WITH RECURSIVE up(oid, depth) AS (
    SELECT ` + oid + `, 0 UNION ALL
    SELECT i.inhparent, up.depth + 1 FROM up
    JOIN pg_catalog.pg_class AS c ON c.oid = up.oid AND c.relispartition
    JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = up.oid)
  SELECT up.oid FROM up ORDER BY up.depth DESC LIMIT 1)`
}

// selectForeignKeys reads the constraints of a WITH clause's found. Constraints that
// say the same of the same two tables are one, as those of partitions are with their
// table's.
func selectForeignKeys(ctx context.Context, q catalog, with string, oid int64) ([]sqlgen.ForeignKey, error) {
	var keys []sqlgen.ForeignKey
	var last int64
	err := q(ctx, func(scan func(...any) error) error {
		var constraint int64
		var child, parent relation
		var visible, acts, actsOnUpdate, deferred bool
		var column, parentColumn string
		if err := scan(&constraint, &child.schema, &child.name, &visible, &parent.schema, &parent.name, &acts, &actsOnUpdate, &deferred, &column, &parentColumn); err != nil {
			return err
		}
		if constraint != last {
			shown := spell(child.name)
			if !visible {
				shown = spell(child.schema) + "." + shown
			}
			keys = append(keys, sqlgen.ForeignKey{Table: child.sql(), Parent: parent.sql(), Shown: shown, Acts: acts, ActsOnUpdate: actsOnUpdate, Deferred: deferred})
			last = constraint
		}
		key := &keys[len(keys)-1]
		key.Columns, key.ParentColumns = append(key.Columns, column), append(key.ParentColumns, parentColumn)
		return nil
	}, with+`
SELECT f.oid::int8, cn.nspname::text, c.relname::text, pg_catalog.pg_table_is_visible(c.oid), pn.nspname::text, p.relname::text,
  f.confdeltype IN ('c', 'n', 'd'), f.confupdtype IN ('c', 'n', 'd'), f.condeferred, a.attname::text, b.attname::text -- cascade, set null, set default
FROM found AS f
JOIN pg_catalog.pg_class AS c ON c.oid = f.child
JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class AS p ON p.oid = f.parent
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
CROSS JOIN LATERAL unnest(f.conkey, f.confkey) WITH ORDINALITY AS k(own, other, n)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.conrelid AND a.attnum = k.own
JOIN pg_catalog.pg_attribute AS b ON b.attrelid = f.confrelid AND b.attnum = k.other
ORDER BY 4 DESC, 2, 3, f.conname, f.oid, k.n`, oid, oid)
	var once []sqlgen.ForeignKey
	for _, key := range keys {
		if !slices.ContainsFunc(once, func(other sqlgen.ForeignKey) bool {
			return key.Table == other.Table && key.Parent == other.Parent && key.Acts == other.Acts &&
				key.ActsOnUpdate == other.ActsOnUpdate && key.Deferred == other.Deferred &&
				slices.Equal(key.Columns, other.Columns) && slices.Equal(key.ParentColumns, other.ParentColumns)
		}) {
			once = append(once, key)
		}
	}
	return once, err
}
