package sqlgen

import "strconv"

// CountTakers counts the operations of one kind that write, into the columns of a unique index, what a
// row has that goes by one of the removals of a sync of the same table; with late, only by those
// that it names.
func CountTakers(d Dialect, p Planned, operation string, unique []string, from Planned, removals []string, late Held) Statement {
	c := composer{d: d}
	t := p.Target
	condition := "1 = 1"
	if late != "" {
		condition = late.has(&c)
	}
	on := c.takes(t, operation, unique)
	goes := or(join(removals, " OR ", func(kind string) string { return c.goes(from, kind, "t", condition) }))
	return c.statement(`SELECT count(DISTINCT x.seq) FROM %s x JOIN %s t ON %s WHERE %s`,
		c.operations(t, p.batch(operation)), t.Table.Name, on, goes)
}

// takes is the condition that operation x writes, into the columns of a unique index, what row t has.
func (c *composer) takes(t *Target, operation string, unique []string) string {
	return join(unique, " AND ", func(name string) string {
		column, _ := t.Table.Column(name)
		return c.of("t", column) + " = " + c.d.FromText("x.a"+strconv.Itoa(t.memberOf(c.d, operation, name)), column)
	})
}

// goes is the condition that a row is one of those that the operations x of one kind, that fulfil
// another condition, are about. It is never NULL.
func (c *composer) goes(p Planned, kind, alias, condition string) string {
	return "(CASE WHEN " + and(c.whose(p.Target, kind, alias), c.keyAmong(p, kind, alias, condition)) + " THEN 1 ELSE 0 END = 1)"
}

// HoldLate adds to late the removals of one kind of rows to which others of their table refer, by
// the foreign key, that do not go before: those that no removal is about, and those whose removal is
// in late already. table holds all syncs of the table with their removals.
func HoldLate(d Dialect, p Planned, operation string, key ForeignKey, table map[string][]Planned, late Held) Statement {
	c := composer{d: d}
	t := p.Target
	refers := joinIndexed(key.Columns, " AND ", func(i int, name string) string {
		return "f." + d.Quote(name) + " = t." + d.Quote(key.ParentColumns[i])
	})
	self := join(key.ParentColumns, " AND ", func(name string) string { return "f." + d.Quote(name) + " = t." + d.Quote(name) })
	conditions := []string{refers, "NOT (" + self + ")"}
	for _, kind := range []string{opDelete, opPurge} {
		for _, other := range table[kind] {
			conditions = append(conditions, "NOT "+c.goes(other, kind, "f", "NOT "+late.has(&c)))
		}
	}
	referred := "EXISTS (SELECT 1 FROM " + t.Table.Name + " f WHERE " + and(conditions...) + ")"
	return late.add(&c, c.operations(t, p.batch(operation))+" x JOIN "+t.Table.Name+" t ON "+and(c.keyOf(t, "t"), c.ours(t, "t")), referred)
}
