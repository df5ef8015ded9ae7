package sqlgen

// CountReferring counts the rows of a target's table that refer, by the lookup, to rows that are the parent's, and are not of those that
// leave the table.
func CountReferring(d Dialect, child *Target, l *Lookup, parent *Target, leaving []*Target) Statement {
	c := composer{d: d}
	conditions := []string{
		"EXISTS (SELECT 1 FROM " + parent.Table.Name + " t WHERE " + and(c.of("t", l.Ref)+" = "+c.of("f", l.Column), c.ours(parent, "t")) + ")",
	}
	for _, t := range leaving {
		if len(t.Scope)+len(t.Parents) == 0 {
			conditions = append(conditions, "1 = 0") // all of its rows do
			continue
		}
		conditions = append(conditions, c.others(t, "f"))
	}
	return c.statement("SELECT count(*) FROM %s f WHERE %s", child.Table.Name, and(conditions...))
}
