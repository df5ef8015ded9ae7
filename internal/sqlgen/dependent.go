package sqlgen

import (
	"slices"
	"strconv"
	"strings"
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

// Gone is the table, named as by Dialect.StageTable, of the rows that a plan deletes for good, by
// the columns that a foreign key refers to. How many operations there are is not known to the
// database's planner as long as they are in the register alone.
type Gone struct {
	Table string
	Key   ForeignKey
}

func (g Gone) columns(d Dialect, parent *Table) []Column {
	columns := []Column{heldColumn(d)}
	for i, name := range g.Key.ParentColumns {
		column, _ := parent.Column(name)
		column.Name = goneName(i)
		columns = append(columns, column)
	}
	return columns
}

func goneName(i int) string { return "p" + strconv.Itoa(i) }

// CreateGone creates the table; IndexGone lets it be searched, where the engine needs an index.
func CreateGone(d Dialect, g Gone, parent *Table) Statement {
	return Statement{Defines: true, SQL: d.CreateStage(g.Table, g.columns(d, parent))}
}

// IndexGone is explained at CreateGone.
func IndexGone(d Dialect, g Gone, parent *Table) Statement {
	return indexStage(d, g.Table, g.columns(d, parent)[1:])
}

// FillGone fills it with the rows of an operation that deletes them.
func FillGone(d Dialect, g Gone, parent Planned, operation string) Statement {
	c := composer{d: d}
	t := parent.Target
	return c.statement(`INSERT INTO %s (%s) SELECT x.seq, %s FROM %s x JOIN %s t ON %s`, g.Table,
		join(g.columns(d, t.Table), ", ", func(column Column) string { return d.Quote(column.Name) }),
		join(g.Key.ParentColumns, ", ", func(name string) string { return "t." + d.Quote(name) }),
		c.operations(t, parent.batch(operation)), t.Table.Name, and(c.keyOf(t, "t"), c.ours(t, "t")))
}

// Leaving is the table, named as by Dialect.StageTable, of the keys of a target's rows that the plan
// deletes or lets refer to another row than before.
type Leaving struct {
	Table  string
	Target *Target
}

// CreateLeaving creates the table; IndexLeaving lets it be searched, where the engine needs an
// index.
func CreateLeaving(d Dialect, l Leaving) Statement {
	return Statement{Defines: true, SQL: d.CreateStage(l.Table, l.Target.identity())}
}

// IndexLeaving is explained at CreateLeaving.
func IndexLeaving(d Dialect, l Leaving) Statement { return indexStage(d, l.Table, l.Target.identity()) }

// FillLeaving adds the rows of the operations of one kind; an empty statement where they go on
// referring, by the foreign key, to what they did.
func FillLeaving(d Dialect, l Leaving, p Planned, operation string, key ForeignKey) Statement {
	c := composer{d: d}
	condition := "1 = 1"
	if operation != opDelete && operation != opPurge {
		if condition = c.elsewhere(l.Target, operation, key); condition == "" {
			return Statement{}
		}
	}
	var values []string
	for i, f := range l.Target.keyFields() {
		if f.by < 0 {
			values = append(values, d.FromText("x.k"+strconv.Itoa(i), f.Column))
		}
	}
	for _, column := range l.Target.Tells {
		values = append(values, d.FromText(c.beforeText(l.Target)(column), column))
	}
	return c.statement(`INSERT INTO %s (%s) SELECT %s FROM %s x WHERE %s`, l.Table, join(l.Target.identity(), ", ", func(k Column) string { return d.Quote(k.Name) }),
		strings.Join(values, ", "), c.operations(l.Target, p.batch(operation)), condition)
}

// CountDependents counts the rows that refer, by the foreign key, to rows that the plan deletes for
// good, and the deleted rows that they refer to. Rows of the referring table that leave do not
// count.
func CountDependents(d Dialect, g Gone, leaving []Leaving) Statement {
	c := composer{d: d}
	on := joinIndexed(g.Key.Columns, " AND ", func(i int, column string) string {
		return "f." + d.Quote(column) + " = g." + d.Quote(goneName(i))
	})
	conditions := []string{"1 = 1"}
	for _, l := range leaving {
		key := join(l.Target.identity(), " AND ", func(k Column) string { return c.of("l", k) + " = " + c.of("f", k) })
		// Another's row may have the key, too.
		conditions = append(conditions, "NOT EXISTS (SELECT 1 FROM "+l.Table+" l WHERE "+and(key, c.ours(l.Target, "f"))+")")
	}
	return c.statement(`SELECT count(*), count(DISTINCT g.%s) FROM %s f JOIN %s g ON %s WHERE %s`,
		d.Quote(heldColumn(d).Name), g.Key.Table, g.Table, on, and(conditions...))
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
			conditions = append(conditions, c.distinct("x.a"+strconv.Itoa(i), "x.b"+strconv.Itoa(old)))
		}
	}
	if len(conditions) == 0 {
		return ""
	}
	return or(conditions...)
}
