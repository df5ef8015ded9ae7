package sqlgen

import (
	"slices"
	"strconv"

	"github.com/registrar-sync/registrar/internal/value"
)

// Planned is a sync of a plan and the range of its operations in the register.
type Planned struct {
	Target      *Target
	PlanID      string
	After, Last int64
}

func (p Planned) batch(operation string) Batch {
	return Batch{PlanID: p.PlanID, Operation: operation, After: p.After, Last: p.Last}
}

// CountDependents counts the rows that refer, by the foreign key, to rows that the plan deletes for
// good, and the deleted rows that they refer to. Rows that children, the plan's syncs of the
// referring table, delete or change elsewhere do not count.
func CountDependents(d Dialect, parent Planned, operation string, key ForeignKey, children []Planned) Statement {
	c := composer{d: d}
	t := parent.Target
	refers := joinIndexed(key.Columns, " AND ", func(i int, column string) string {
		return "f." + d.Quote(column) + " = t." + d.Quote(key.ParentColumns[i])
	})
	conditions := []string{refers}
	except := func(child Planned, operation, condition string) {
		conditions = append(conditions, "NOT EXISTS (SELECT 1 FROM "+c.operations(child.Target, child.batch(operation))+" AS x WHERE "+and(c.keyOf(child.Target, "f"), condition)+")")
	}
	for _, child := range children {
		for _, op := range []string{opDelete, opPurge} {
			except(child, op, c.ours(child.Target, "f"))
		}
		for _, op := range []string{opUpdate, opUndelete, opArchive, opRename, opAdopt} {
			if elsewhere := c.elsewhere(child.Target, op, key); elsewhere != "" {
				except(child, op, elsewhere)
			}
		}
	}
	return c.statement(`SELECT count(*), count(DISTINCT x.seq) FROM %s AS x JOIN %s AS t ON %s JOIN %s AS f ON %s`,
		c.operations(t, parent.batch(operation)), t.Table.Name, and(c.keyOf(t, "t"), c.ours(t, "t")), key.Table, and(conditions...))
}

// elsewhere is the condition that an operation changes what its row refers to; "" where it
// never does.
func (c *composer) elsewhere(t *Target, operation string, key ForeignKey) string {
	var conditions []string
	before := t.fields(t.remembered(c.d, operation))
	for i, f := range t.afterFields(c.d, operation) {
		if f.by >= 0 || !slices.Contains(key.Columns, f.Name) {
			continue
		}
		old := slices.IndexFunc(before, func(b field) bool { return b.by < 0 && b.Name == f.Name })
		if old >= 0 {
			conditions = append(conditions, "x.a"+strconv.Itoa(i)+" IS DISTINCT FROM x.b"+strconv.Itoa(old))
		}
	}
	if len(conditions) == 0 {
		return ""
	}
	return or(conditions...)
}

// removals are the operations that hold_deletes holds back.
const removals = "'archive', 'delete', 'purge'"

// RecordHeldBack writes a finding for each removal of a sync; DropHeldBack then takes them out of
// the plan.
func RecordHeldBack(d Dialect, p Planned, firstSeq int64) Statement {
	c := composer{d: d}
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, kind, %s, detail)
SELECT %s, %d + row_number() OVER (), %s, 'held_back', o.%s, %s FROM %s AS o WHERE o.plan_id = %s AND o.seq > %d AND o.seq <= %d AND o.operation IN (%s)`,
		d.RegisterTable("finding"), d.Quote("key"), c.bindText(p.PlanID), firstSeq, c.bindText(p.Target.Sync), d.Quote("key"),
		d.Object([]Member{{Name: "operation", Text: "o.operation"}}), d.RegisterTable("operation"), c.bindText(p.PlanID), p.After, p.Last, removals)
}

// DropHeldBack removes the removals of a sync from the plan.
func DropHeldBack(d Dialect, p Planned) Statement {
	c := composer{d: d}
	return c.statement(`DELETE FROM %s AS o WHERE o.plan_id = %s AND o.seq > `+strconv.FormatInt(p.After, 10)+` AND o.seq <= `+strconv.FormatInt(p.Last, 10)+` AND o.operation IN (`+removals+`)`,
		d.RegisterTable("operation"), c.bindText(p.PlanID))
}

// RecordHeldBackTakers and DropTakers do the same with the operations that take a deleted row's unique values.
func RecordHeldBackTakers(d Dialect, p Planned, unique []string, operation string, firstSeq int64) Statement {
	c := composer{d: d}
	t := p.Target
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, kind, %s, detail)
SELECT %s, %d + row_number() OVER (), %s, 'held_back', o.%s, %s FROM %s AS o WHERE o.plan_id = %s AND o.seq IN (%s)`,
		d.RegisterTable("finding"), d.Quote("key"), c.bindText(p.PlanID), firstSeq, c.bindText(t.Sync), d.Quote("key"),
		d.Object([]Member{{Name: "operation", Text: "o.operation"}}), d.RegisterTable("operation"), c.bindText(p.PlanID), c.takers(p, unique, operation))
}

// DropTakers removes from the plan the operations that take a deleted row's unique values.
func DropTakers(d Dialect, p Planned, unique []string, operation string) Statement {
	c := composer{d: d}
	return c.statement(`DELETE FROM %s AS o WHERE o.plan_id = %s AND o.seq IN (%s)`, d.RegisterTable("operation"), c.bindText(p.PlanID), c.takers(p, unique, operation))
}

// Takes reports whether an operation writes all columns of a unique index, so that it may need
// another row's deletion.
func Takes(d Dialect, t *Target, unique []string, operation string) bool {
	return !slices.ContainsFunc(unique, func(name string) bool { return t.memberOf(d, operation, name) < 0 })
}

// takers selects the sequence numbers of a sync's operations that write, into the columns of a
// unique index, values of a row that the sync deletes: they cannot be done without the deletion.
func (c *composer) takers(p Planned, unique []string, operation string) string {
	t := p.Target
	taken := join(unique, " AND ", func(name string) string {
		column, _ := t.Table.Column(name)
		return c.text("t", column) + " = x.a" + strconv.Itoa(t.memberOf(c.d, operation, name))
	})
	return "SELECT x.seq FROM " + c.operations(t, p.batch(operation)) + " AS x JOIN " + t.Table.Name + " AS t ON " + taken + " WHERE " + c.deleted(p, "t")
}

// deleted is the condition that a row of the table is one that the sync deletes.
func (c *composer) deleted(p Planned, alias string) string {
	return or(
		"EXISTS (SELECT 1 FROM "+c.operations(p.Target, p.batch(opDelete))+" AS x WHERE "+and(c.keyOf(p.Target, alias), c.ours(p.Target, alias))+")",
		"EXISTS (SELECT 1 FROM "+c.operations(p.Target, p.batch(opPurge))+" AS x WHERE "+and(c.keyOf(p.Target, alias), c.ours(p.Target, alias))+")")
}

// LikelyRenames selects pairs of a removal and an insert that are alike but for the key, no third
// one being so: their keys as JSON; at most limit of them; an empty statement where the
// columns compared, those of the mapping that depend on the record, are none.
func LikelyRenames(d Dialect, p Planned, compared []Column, limit int) Statement {
	if len(compared) == 0 {
		return Statement{}
	}
	c := composer{d: d}
	t := p.Target
	side := func(operation, prefix string, at func(Column) int) string {
		// Equality, unlike IS NOT DISTINCT FROM, can be hashed.
		columns := joinIndexed(compared, ", ", func(i int, column Column) string {
			text := "x." + prefix + strconv.Itoa(at(column))
			return "coalesce(" + text + ", '') AS c" + strconv.Itoa(i) + ", CASE WHEN " + text + " IS NULL THEN 1 ELSE 0 END AS e" + strconv.Itoa(i)
		})
		all := joinIndexed(compared, ", ", func(i int, _ Column) string { return "r.c" + strconv.Itoa(i) + ", r.e" + strconv.Itoa(i) })
		return "(SELECT min(r.seq) AS seq, " + all + " FROM (SELECT x.seq AS seq, " + columns + " FROM " + c.operations(t, p.batch(operation)) + " AS x) AS r GROUP BY " + all + " HAVING count(*) = 1)"
	}
	before := t.fields(t.remembered(d, t.Missing))
	gone := side(t.Missing, "b", func(column Column) int {
		return slices.IndexFunc(before, func(f field) bool { return f.by < 0 && f.Name == column.Name })
	})
	added := side(opInsert, "a", func(column Column) int { return t.memberOf(d, opInsert, column.Name) })
	same := joinIndexed(compared, " AND ", func(i int, _ Column) string {
		n := strconv.Itoa(i)
		return "g.c" + n + " = a.c" + n + " AND g.e" + n + " = a.e" + n
	})
	some := joinIndexed(compared, " OR ", func(i int, _ Column) string { return "g.e" + strconv.Itoa(i) + " = 0" })
	asText := func(alias string) string {
		return "CAST(" + alias + "." + d.Quote("key") + " AS " + d.TypeName(value.Text) + ")"
	}
	table := d.RegisterTable("operation")
	return c.statement(`SELECT %s, %s FROM %s AS g JOIN %s AS a ON %s JOIN %s AS o ON o.plan_id = %s AND o.seq = g.seq JOIN %s AS n ON n.plan_id = %s AND n.seq = a.seq WHERE %s ORDER BY g.seq LIMIT %d`,
		asText("o"), asText("n"), gone, added, same, table, c.bindText(p.PlanID), table, c.bindText(p.PlanID), or(some), limit)
}
