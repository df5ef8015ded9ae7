package sqlgen

// Borrow returns what Target.Stage can be where a table of the database is read in place: a derived
// table with the columns of Staged. from names, for each of Mapped, the column of the table.
//
// Nothing can be written to it: no statement for a target with lookups, tasks, warnings, moves, parents,
// adoption, or a scope that reaches others, takes it.
func Borrow(d Dialect, t *Target, table string, from []string) string {
	c := composer{d: d}
	i := -1
	columns := join(t.Mapped, ", ", func(column Column) string {
		i++
		return c.of("q", Column{Name: from[i]}) + " AS " + d.Quote(column.Name)
	})
	skip := SkipColumn(d)
	return "(SELECT " + columns + ", CAST(NULL AS " + skip.Type.SQL + ") AS " + d.Quote(skip.Name) + " FROM " + table + " q)"
}

// MayBorrow reports whether no statement for the target writes to its stage, or needs more in it than
// the source's columns.
func (t *Target) MayBorrow() bool {
	return len(t.Lookups) == 0 && len(t.Parents) == 0 && !t.Adopt && !t.Renames && !t.ByTask && !t.Warns && !t.ReachesOthers()
}

// CountStaged counts the rows of the stage.
func CountStaged(t *Target) Statement {
	return Statement{SQL: "SELECT count(*) FROM " + t.Stage + " s"}
}
