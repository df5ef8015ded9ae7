package sqlgen

import (
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/internal/value"
)

// CreateStage creates the staging table of the mapped columns.
func CreateStage(d Dialect, t *Target) Statement {
	return Statement{SQL: d.CreateStage(t.Stage, t.Mapped)}
}

// IndexStage lets the loaded stage be searched by its key, where the engine needs an
// index for that; an empty statement where it does not.
func IndexStage(d Dialect, t *Target) Statement {
	indexer, ok := d.(StageIndexer)
	if !ok {
		return Statement{}
	}
	return Statement{SQL: indexer.IndexStage(t.Stage, t.Key)}
}

// DropStage drops a staging table, named as by Dialect.StageTable.
func DropStage(stage string) Statement {
	return Statement{SQL: "DROP TABLE IF EXISTS " + stage}
}

// rowCount names a count beside columns that may bear any name.
const rowCount = `"registrar rows"`

// DuplicateStagedKeys selects keys that the source gave more than once, under the
// destination's own equality: the number of rows, then the key's canonical
// texts; at most limit of them.
func DuplicateStagedKeys(d Dialect, t *Target, limit int) Statement {
	c := composer{d: d}
	return c.statement(`SELECT d.`+rowCount+`, %s FROM (SELECT count(*) AS `+rowCount+`, %s FROM %s AS s GROUP BY %s HAVING count(*) > 1) AS d ORDER BY 2 LIMIT %d`,
		join(t.Key, ", ", func(k Column) string { return c.text("d", k) }),
		c.columns("s", t.Key), t.Stage, c.columns("s", t.Key), limit)
}

// BadDestinationKeys selects the keys within the scope that are NULL in a part and,
// where no index enforces the key, those that occur more than once: the number of
// rows, then the key's canonical texts; at most limit of them.
func BadDestinationKeys(d Dialect, t *Target, enforced bool, limit int) Statement {
	c := composer{d: d}
	null := func(alias string) string {
		return or(join(t.Key, " OR ", func(k Column) string { return c.of(alias, k) + " IS NULL" }))
	}
	condition, having := c.ours(t, "t"), " HAVING count(*) > 1 OR "+null("t")
	if enforced {
		condition, having = and(condition, null("t")), ""
	}
	return c.statement(`SELECT d.`+rowCount+`, %s FROM (SELECT count(*) AS `+rowCount+`, %s FROM %s AS t WHERE %s GROUP BY %s%s) AS d LIMIT %d`,
		join(t.Key, ", ", func(k Column) string { return c.text("d", k) }),
		c.columns("t", t.Key), t.Table.Name, condition, c.columns("t", t.Key), having, limit)
}

// ReachesOthers reports whether a row outside the scope can hold a key of ours: a
// unique index does not include all of the scope's columns.
func (t *Target) ReachesOthers() bool {
	return slices.ContainsFunc(t.KeyScopes, func(scope []Set) bool { return len(scope) < len(t.Scope) })
}

// RecordForeignKeys writes a finding for each staged key that a row outside the scope
// holds. It is needed only where ReachesOthers.
func RecordForeignKeys(d Dialect, t *Target, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	scope := make([]Column, len(t.Scope))
	for i, s := range t.Scope {
		scope[i] = s.Column
	}
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, kind, %s, detail)
SELECT %s, %d + row_number() OVER (), %s, 'ignored', %s, %s
FROM %s AS s JOIN %s AS t ON %s WHERE %s`,
		d.RegisterTable("finding"), d.Quote("key"),
		c.bindText(planID), firstSeq, c.bindText(t.Sync), c.object("t", t.Key), c.object("t", scope),
		t.Stage, t.Table.Name, c.sameKey(t, "t", "s"), c.foreign(t, "t"))
}

// foreign is the condition that a row is not ours, though in the part of the scope that a
// unique index includes it is.
func (c *composer) foreign(t *Target, alias string) string {
	return and(c.clashes(t, alias), c.others(t, alias))
}

// DropForeignKeys removes from the stage the rows that RecordForeignKeys found, so that
// they are neither inserted nor overwrite another's row.
func DropForeignKeys(d Dialect, t *Target) Statement {
	c := composer{d: d}
	return c.statement(`DELETE FROM %s AS s WHERE EXISTS (SELECT 1 FROM %s AS t WHERE %s AND %s)`,
		t.Stage, t.Table.Name, c.sameKey(t, "t", "s"), c.foreign(t, "t"))
}

// CountLive counts the rows of the scope that are not archived.
func CountLive(d Dialect, t *Target) Statement {
	c := composer{d: d}
	return c.statement(`SELECT count(*) FROM %s AS t WHERE %s AND NOT %s`,
		t.Table.Name, c.ours(t, "t"), c.archived(t, "t"))
}

// SharedInserts selects the keys that several of some syncs of a plan would insert: the
// key's JSON and two of the syncs; at most limit of them.
func SharedInserts(d Dialect, planID string, syncs []string, limit int) Statement {
	c := composer{d: d}
	return c.statement(`SELECT %s, min(o.sync), max(o.sync) FROM %s AS o
WHERE o.plan_id = %s AND o.sync IN (%s) AND o.operation = 'insert' GROUP BY 1 HAVING min(o.sync) <> max(o.sync) LIMIT %d`,
		fmt.Sprintf("CAST(o.%s AS %s)", d.Quote("key"), d.TypeName(value.Text)), d.RegisterTable("operation"),
		c.bindText(planID), join(syncs, ", ", c.bindText), limit)
}
