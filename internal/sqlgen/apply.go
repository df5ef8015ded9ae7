package sqlgen

import (
	"fmt"
	"strconv"
)

// Batch names the operations of one kind that a plan holds for a target: those
// of the register numbered above After, up to and including Last.
type Batch struct {
	PlanID      string
	Operation   string
	After, Last int64
}

// docs unpacks the documents of a batch: key as k0…, before as b0…, after as a0….
func (t *Target) docs(d Dialect, operation string) []Doc {
	names := func(columns []Column) []string {
		out := make([]string, len(columns))
		for i, column := range columns {
			out[i] = column.Name
		}
		return out
	}
	docs := []Doc{{Column: "key", Prefix: "k", Members: names(t.Key)}}
	if before := t.remembered(d, operation); len(before) > 0 {
		docs = append(docs, Doc{Column: "before", Prefix: "b", Members: names(before)})
	}
	if list := t.writes(d, operation); len(list) > 0 {
		columns := make([]Column, len(list))
		for i, w := range list {
			columns[i] = w.Column
		}
		docs = append(docs, Doc{Column: "after", Prefix: "a", Members: names(columns)})
	}
	return docs
}

// operations is the batch as a derived table.
func (c *composer) operations(t *Target, b Batch) string {
	// The sync is in the digest, the sequence numbers are not.
	where := fmt.Sprintf("o.plan_id = %s AND o.seq > %d AND o.seq <= %d AND o.sync = %s AND o.operation = %s",
		c.bindText(b.PlanID), b.After, b.Last, c.bindText(t.Sync), literal(b.Operation))
	return "(" + c.d.Unpack(t.docs(c.d, b.Operation), where) + ")"
}

// keyOf is the condition that row alias has the key of operation x.
func (c *composer) keyOf(t *Target, alias string) string {
	return joinIndexed(t.Key, " AND ", func(i int, k Column) string {
		return c.of(alias, k) + " = " + c.d.FromText("x.k"+strconv.Itoa(i), k)
	})
}

// unchanged is the condition that row alias still is what the plan saw: same key, in
// the scope, archived or not as then, and with the same values.
func (c *composer) unchanged(t *Target, alias, operation string) string {
	conditions := []string{c.keyOf(t, alias), c.ours(t, alias)}
	if t.Archived != nil {
		state := "NOT " + c.archived(t, alias)
		if operation == opUndelete {
			state = c.archived(t, alias)
		}
		conditions = append(conditions, state)
	}
	for i, column := range t.remembered(c.d, operation) {
		conditions = append(conditions, c.text(alias, column)+" IS NOT DISTINCT FROM x.b"+strconv.Itoa(i))
	}
	return and(conditions...)
}

func joinIndexed[T any](items []T, separator string, render func(int, T) string) string {
	i := -1
	return join(items, separator, func(item T) string {
		i++
		return render(i, item)
	})
}

// Execute carries out a batch in one statement. It affects exactly the rows that
// still are what the plan saw. now gives, for a column, the canonical text of the
// apply's instant.
func Execute(d Dialect, t *Target, b Batch, now func(Column) string) Statement {
	c := composer{d: d}
	list := t.writes(d, b.Operation)
	value := func(i int, w written) string {
		if w.Now {
			return d.FromText(c.bindText(now(w.Column)), w.Column)
		}
		return d.FromText("x.a"+strconv.Itoa(i), w.Column)
	}
	switch b.Operation {
	case opInsert:
		return c.statement(`INSERT%s INTO %s (%s) SELECT %s FROM %s AS x`, orAbort(d), t.Table.Name,
			join(list, ", ", func(w written) string { return d.Quote(w.Column.Name) }),
			joinIndexed(list, ", ", value), c.operations(t, b))
	case opDelete:
		keys := join(t.Key, ", ", func(k Column) string { return d.Quote(k.Name) })
		if len(t.Key) > 1 {
			keys = "(" + keys + ")"
		}
		condition := c.ours(t, "d")
		return c.statement(`DELETE FROM %s AS d WHERE %s AND %s IN (SELECT %s FROM %s AS x JOIN %s AS t ON %s)`,
			t.Table.Name, condition, keys, c.columns("t", t.Key), c.operations(t, b), t.Table.Name,
			c.unchanged(t, "t", b.Operation))
	default:
		return c.statement(`UPDATE%s %s AS t SET %s FROM %s AS x WHERE %s`, orAbort(d), t.Table.Name,
			joinIndexed(list, ", ", func(i int, w written) string { return d.Quote(w.Column.Name) + " = " + value(i, w) }),
			c.operations(t, b), c.unchanged(t, "t", b.Operation))
	}
}

func orAbort(d Dialect) string {
	if aborter, ok := d.(ConflictAborter); ok {
		return " " + aborter.OrAbort()
	}
	return ""
}

// Stale selects the keys (as JSON) of a batch's operations whose rows are no longer
// what the plan saw; for inserts, those whose key is taken. At most limit of them.
func Stale(d Dialect, t *Target, b Batch, limit int) Statement {
	c := composer{d: d}
	condition, not := c.keyOf(t, "t"), ""
	if b.Operation == opInsert {
		condition = and(condition, c.clashes(t, "t"))
	} else {
		condition, not = c.unchanged(t, "t", b.Operation), "NOT "
	}
	return c.statement(`SELECT q.%s FROM %s AS q WHERE q.plan_id = %s AND q.seq IN (SELECT x.seq FROM %s AS x WHERE %sEXISTS (SELECT 1 FROM %s AS t WHERE %s)) ORDER BY q.seq LIMIT %d`,
		d.Quote("key"), d.RegisterTable("operation"), c.bindText(b.PlanID), c.operations(t, b), not, t.Table.Name, condition, limit)
}

// RecordResult writes what the rows of a batch really hold after it, where triggers may
// have changed what was written.
func RecordResult(d Dialect, t *Target, b Batch) Statement {
	c := composer{d: d}
	return c.statement(`UPDATE %s AS q SET result = y.doc FROM (SELECT x.seq AS seq, %s AS doc FROM %s AS x JOIN %s AS t ON %s) AS y WHERE q.plan_id = %s AND q.seq = y.seq`,
		d.RegisterTable("operation"), c.object("t", t.Table.Columns), c.operations(t, b), t.Table.Name,
		and(c.keyOf(t, "t"), c.ours(t, "t")), c.bindText(b.PlanID))
}
