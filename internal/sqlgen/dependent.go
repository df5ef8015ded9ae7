package sqlgen

import (
	"slices"
	"strconv"
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
