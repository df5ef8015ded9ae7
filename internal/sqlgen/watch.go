package sqlgen

// WatchedRows selects the rows of the table under a key, whoever they belong to, at most limit: four numbers, 0 for no (it is ours,
// it is in the way of ours, it is archived, it is protected), then the texts of the fields that WatchedFields names. texts are
// those of the staged key, in the order of Target.StagedKeyNames: a part that is looked up goes by its business keys.
func WatchedRows(d Dialect, t *Target, texts []string, limit int) Statement {
	c := composer{d: d}
	flag := func(condition string) string { return "CASE WHEN " + condition + " THEN 1 ELSE 0 END" }
	protected := "1 = 0"
	if t.Protect != nil {
		protected = c.holds(t.Protect, func(column Column) string { return c.of("t", column) })
	}
	fields := join(t.fields(t.Table.Columns), ", ", func(f field) string {
		if f.by < 0 {
			return c.text("t", f.Column)
		}
		return "(SELECT min(" + c.text("o", f.lookup.By[f.by].Column) + ") FROM " + f.lookup.Parent.Name + " o WHERE " + c.of("o", f.lookup.Ref) + " = " + c.of("t", f.Column) + ")"
	})
	return c.first(limit, `SELECT %s, %s, %s, %s, %s FROM %s t WHERE %s ORDER BY 1 DESC, 2 DESC`,
		flag(c.ours(t, "t")), flag(c.clashes(t, "t")), flag(c.archived(t, "t")), flag(protected), fields, t.Table.Name, c.watchedKey(t, "t", texts))
}

// WatchedFields names the fields of WatchedRows: each column of the table, and behind one that is looked up the business keys of
// the row that it refers to, as "column.key".
func WatchedFields(t *Target) []string {
	var names []string
	for _, f := range t.fields(t.Table.Columns) {
		names = append(names, f.name())
	}
	return names
}

// watchedKey is the condition that a row of the table has a key.
func (c *composer) watchedKey(t *Target, alias string, texts []string) string {
	at := 0
	next := func(column string, k Column) string {
		at++
		return column + " = " + c.d.FromText(c.bindText(texts[at-1]), k)
	}
	return join(t.Key, " AND ", func(k Column) string {
		l := t.LookupOf(k)
		if l == nil {
			return next(c.of(alias, k), k)
		}
		return "EXISTS (SELECT 1 FROM " + l.Parent.Name + " o WHERE " + c.of("o", l.Ref) + " = " + c.of(alias, k) + " AND " +
			join(l.By, " AND ", func(by LookupKey) string { return next(c.of("o", by.Column), by.Column) }) + ")"
	})
}

// WatchedStaged selects the keys of loaded records that the table takes for one: the texts, named as by StagedKeyNames.
func WatchedStaged(d Dialect, t *Target, stage string, texts []string, limit int) Statement {
	c := composer{d: d}
	key := t.stagedKey()
	return c.first(limit, `SELECT %s FROM %s s WHERE %s ORDER BY 1`,
		join(key, ", ", func(k Column) string { return c.text("s", k) }), stage,
		joinIndexed(key, " AND ", func(i int, k Column) string { return c.of("s", k) + " = " + c.d.FromText(c.bindText(texts[i]), k) }))
}

// WatchedParents selects the rows that a lookup's business keys lead to, as they are now: the value that would be taken, and
// 1 for one that is archived and does not count, else 0.
func WatchedParents(d Dialect, l *Lookup, texts []string, limit int) Statement {
	c := composer{d: d}
	return c.first(limit, `SELECT %s, CASE WHEN %s THEN 1 ELSE 0 END FROM %s p WHERE %s ORDER BY 2, 1`,
		c.text("p", l.Ref), c.buried(l, "p"), l.Parent.Name,
		joinIndexed(l.By, " AND ", func(i int, k LookupKey) string {
			return c.of("p", k.Column) + " = " + c.d.FromText(c.bindText(texts[i]), k.Column)
		}))
}
