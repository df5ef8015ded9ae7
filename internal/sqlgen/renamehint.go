package sqlgen

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/registrar-sync/registrar/internal/value"
)

// LikelyRenames selects pairs of a removal and an insert that are alike but for the key, and for
// where it stands in texts, no third one being so: their keys as JSON; at most limit of
// them; an empty statement where the columns compared, those of the mapping that depend on
// the record, are none.
func LikelyRenames(d Dialect, p Planned, compared []Column, limit int) Statement {
	if len(compared) == 0 {
		return Statement{}
	}
	c := composer{d: d}
	t := p.Target
	side := func(number int, operation, prefix string, at func(Column) int) string {
		columns := joinIndexed(compared, ", ", func(i int, column Column) string {
			text := "x." + prefix + strconv.Itoa(at(column))
			if column.Type.Kind == value.Text { // titles often hold the code
				for k := range t.Key {
					text = "replace(" + text + ", x.k" + strconv.Itoa(k) + ", '')"
				}
			}
			if grouper, ok := d.(TextGrouper); ok {
				text = grouper.GroupText(text, column)
			}
			return text + " c" + strconv.Itoa(i)
		})
		return "SELECT " + strconv.Itoa(number) + " AS side, x.seq AS seq, " + columns + " FROM " + c.operations(t, p.batch(operation)) + " x"
	}
	before := t.fields(t.remembered(d, t.Missing))
	gone := side(0, t.Missing, "b", func(column Column) int {
		return slices.IndexFunc(before, func(f field) bool { return f.by < 0 && f.Name == column.Name })
	})
	added := side(1, opInsert, "a", func(column Column) int { return t.memberOf(d, opInsert, column.Name) })
	all := joinIndexed(compared, ", ", func(i int, _ Column) string { return "r.c" + strconv.Itoa(i) })
	some := joinIndexed(compared, " OR ", func(i int, _ Column) string { return "r.c" + strconv.Itoa(i) + " IS NOT NULL" })
	key := func(seq string) string {
		return "(SELECT " + d.AsText("o."+d.Quote("key")) + " FROM " + t.operations(d) + " o WHERE o.plan_id = " + c.bindText(p.PlanID) + " AND o.seq = " + seq + ")"
	}
	// Grouped and looked up rather than joined: an engine without hash joins might compare
	// each with each.
	pairs := fmt.Sprintf("SELECT min(CASE r.side WHEN 0 THEN r.seq END) AS gone, min(CASE r.side WHEN 1 THEN r.seq END) AS added FROM (%s UNION ALL %s) r WHERE %s GROUP BY %s HAVING count(*) = 2 AND sum(r.side) = 1 ORDER BY 1",
		gone, added, or(some), all)
	return c.statement(`SELECT %s, %s FROM (%s) g`, key("g.gone"), key("g.added"), d.Limit(pairs, limit))
}
