package sqlgen

import "fmt"

// ExportColumns lists what ScopeRows yields of some columns: each, and behind a looked-up one the keys that it goes by.
func (t *Target) ExportColumns(columns []Column) []Column {
	var out []Column
	for _, f := range t.fields(columns) {
		column := f.Column
		if f.by >= 0 {
			column = f.lookup.By[f.by].Staged
		}
		out = append(out, column)
	}
	return out
}

// ScopeRows selects all rows that are ours, archived ones too: the canonical texts of ExportColumns, and 1 where a row is archived
// at AsOf, else 0. They are sorted by the octets of the texts of their keys. A key of a lookup is NULL where no row is referred to.
func ScopeRows(d Dialect, t *Target, columns []Column) Statement {
	c := composer{d: d}
	parents := map[*Lookup]string{}
	joins := joinIndexed(t.Lookups, "", func(i int, l *Lookup) string {
		parents[l] = fmt.Sprintf("p%d", i)
		return " LEFT JOIN " + l.Parent.Name + " " + parents[l] + " ON " + c.of(parents[l], l.Ref) + " = " + c.of("t", l.Column)
	})
	texts := join(t.fields(columns), ", ", func(f field) string {
		if f.by >= 0 {
			return c.text(parents[f.lookup], f.lookup.By[f.by].Column)
		}
		return c.text("t", f.Column)
	})
	return c.statement("SELECT %s, CASE WHEN %s THEN 1 ELSE 0 END FROM %s t%s WHERE %s ORDER BY %s", texts, c.archived(t, "t"), t.Table.Name, joins, c.ours(t, "t"),
		join(t.Key, ", ", func(k Column) string { return d.ByteOrder(c.text("t", k)) }))
}

// CountGiven counts the rows that are ours and hold a value in the column.
func CountGiven(d Dialect, t *Target, column Column) Statement {
	c := composer{d: d}
	return c.statement("SELECT count(*) FROM %s t WHERE %s", t.Table.Name, and(c.ours(t, "t"), c.of("t", column)+" IS NOT NULL"))
}
