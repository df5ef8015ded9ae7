package sqlgen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
)

// Diff compares the stage with the table's scope and writes each operation that
// would bring them in step into the register, numbered from firstSeq + 1. It is one
// statement: the rows never leave the database.
func Diff(d Dialect, t *Target, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, table_name, operation, %s, %s, %s)
SELECT %s, %d + row_number() OVER (), %s, %s, d.operation, d.doc_key, d.doc_before, d.doc_after
FROM (SELECT m.operation AS operation, %s AS doc_key, %s AS doc_before, %s AS doc_after FROM (%s) AS m) AS d`,
		d.RegisterTable("operation"), d.Quote("key"), d.Quote("before"), d.Quote("after"),
		c.bindText(planID), firstSeq, c.bindText(t.Sync), c.bindText(t.TableName),
		c.keyDoc(t), c.beforeDoc(t), c.afterDoc(t), c.matched(t, true))
}

// CountWithheld counts the operations, by name, that may not be done. It is of use
// only where Target.Withheld names some.
func CountWithheld(d Dialect, t *Target) Statement {
	c := composer{d: d}
	return c.statement(`SELECT m.operation, count(*) FROM (%s) AS m GROUP BY m.operation`, c.matched(t, false))
}

// The aliases of matched's output: staged columns are s0, s1, … by their index
// in Mapped, the table's are t0, t1, … by their index in the table.
func stagedName(i int) string { return "s" + strconv.Itoa(i) }
func tableName(i int) string  { return "t" + strconv.Itoa(i) }

func (t *Target) tableIndex(column Column) int {
	return slices.IndexFunc(t.Table.Columns, func(c Column) bool { return c.Name == column.Name })
}

// needed lists the indexes of the table's columns that the statement reads.
func (t *Target) needed(d Dialect) []int {
	want := map[int]bool{}
	for _, k := range t.Mapped {
		want[t.tableIndex(k)] = true
	}
	if t.Archived != nil {
		want[t.tableIndex(*t.Archived)] = true
	}
	for _, operation := range []string{opUpdate, opArchive, opDelete, opUndelete} {
		if operation == opDelete && t.Missing != opDelete || operation == opArchive && t.Missing != opArchive {
			continue
		}
		for _, c := range t.remembered(d, operation) {
			want[t.tableIndex(c)] = true
		}
	}
	indexes := make([]int, 0, len(want))
	for i := range want {
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	return indexes
}

// matched joins stage and scope and names the operation that each pair needs;
// with allowed, only those that may be done, otherwise only the others.
func (c *composer) matched(t *Target, allowed bool) string {
	pairs := c.pairs(t)
	if len(t.Withheld) == 0 {
		return pairs
	}
	in := " NOT IN "
	if !allowed {
		in = " IN "
	}
	return "SELECT * FROM (" + pairs + ") AS w WHERE w.operation" + in + "(" + join(t.Withheld, ", ", literal) + ")"
}

// pairs joins stage (s) and scope (t) by the key and keeps the pairs that differ.
func (c *composer) pairs(t *Target) string {
	var read, output []string
	for i, column := range t.Mapped {
		output = append(output, c.of("s", column)+" AS "+stagedName(i))
	}
	for _, i := range t.needed(c.d) {
		read = append(read, c.of("r", t.Table.Columns[i]))
		output = append(output, c.of("t", t.Table.Columns[i])+" AS "+tableName(i))
	}
	stage := t.Stage + " AS s"
	scope := "(SELECT " + strings.Join(read, ", ") + " FROM " + t.Table.Name + " AS r WHERE " + c.ours(t, "r") + ") AS t"

	// Keys are never NULL (the checks before see to it): a NULL here is the outer join's.
	staged, held := c.of("s", t.Key[0]), c.of("t", t.Key[0])
	archived := c.archived(t, "t")
	added := held + " IS NULL"
	gone := and(staged+" IS NULL", "NOT "+archived)
	changed := and(staged+" IS NOT NULL", or(archived, c.different(t)))

	pair := func(left, kind, right string, conditions ...string) string {
		operation := "CASE WHEN " + held + " IS NULL THEN 'insert'"
		if t.Missing != "" {
			operation += " WHEN " + staged + " IS NULL THEN " + literal(t.Missing)
		}
		operation += " WHEN " + archived + " THEN 'undelete' ELSE 'update' END AS operation"
		return "SELECT " + operation + ", " + strings.Join(output, ", ") +
			" FROM " + left + " " + kind + " " + right + " ON " + c.sameKey(t, "t", "s") + " WHERE " + or(conditions...)
	}
	if t.Missing == "" {
		return pair(stage, "LEFT JOIN", scope, added, changed)
	}
	if _, slow := c.d.(NoFullJoin); slow {
		return pair(stage, "LEFT JOIN", scope, added, changed) + " UNION ALL " + pair(scope, "LEFT JOIN", stage, gone)
	}
	return pair(stage, "FULL OUTER JOIN", scope, added, gone, changed)
}

// different is the condition that a compared column differs between s and t.
func (c *composer) different(t *Target) string {
	compared := t.Compared(c.d)
	side := func(alias string) string {
		return join(compared, ", ", func(column Column) string { return c.d.Comparable(c.of(alias, column), column) })
	}
	switch len(compared) {
	case 0:
		return "1 = 0"
	case 1:
		return side("s") + " IS DISTINCT FROM " + side("t")
	default:
		return "(" + side("s") + ") IS DISTINCT FROM (" + side("t") + ")"
	}
}

// possible lists the operations that the diff of this target can yield.
func (t *Target) possible() []string {
	operations := []string{opInsert, opUpdate}
	if t.Missing != "" {
		operations = append(operations, t.Missing)
	}
	if t.Archived != nil {
		operations = append(operations, opUndelete)
	}
	return operations
}

func (c *composer) stagedText(t *Target, column Column) string {
	i := slices.IndexFunc(t.Mapped, func(m Column) bool { return m.Name == column.Name })
	return c.d.Canonical("m."+stagedName(i), column)
}

func (c *composer) tableText(t *Target, column Column) string {
	return c.d.Canonical("m."+tableName(t.tableIndex(column)), column)
}

// keyDoc is the key as the destination spells it, or the source's for an insert.
func (c *composer) keyDoc(t *Target) string {
	object := func(text func(*Target, Column) string) string {
		members := make([]Member, len(t.Key))
		for i, k := range t.Key {
			members[i] = Member{Name: k.Name, Text: text(t, k)}
		}
		return c.d.Object(members)
	}
	return "CASE m.operation WHEN 'insert' THEN " + object(c.stagedText) + " ELSE " + object(c.tableText) + " END"
}

func (c *composer) beforeDoc(t *Target) string {
	var cases strings.Builder
	for _, operation := range t.possible() {
		columns := t.remembered(c.d, operation)
		if len(columns) == 0 {
			continue
		}
		members := make([]Member, len(columns))
		for i, column := range columns {
			members[i] = Member{Name: column.Name, Text: c.tableText(t, column)}
		}
		cases.WriteString(" WHEN " + literal(operation) + " THEN " + c.d.Object(members))
	}
	return c.caseOf(cases.String())
}

func (c *composer) afterDoc(t *Target) string {
	var cases strings.Builder
	for _, operation := range t.possible() {
		list := t.writes(c.d, operation)
		if len(list) == 0 {
			continue
		}
		members := make([]Member, len(list))
		for i, w := range list {
			members[i] = Member{Name: w.Column.Name, Now: w.Now}
			switch {
			case w.staged:
				members[i].Text = c.stagedText(t, w.Column)
			case !w.Now:
				members[i].Text = c.bind(w.Text)
			}
		}
		cases.WriteString(" WHEN " + literal(operation) + " THEN " + c.d.Object(members))
	}
	return c.caseOf(cases.String())
}

func (c *composer) caseOf(cases string) string {
	if cases == "" {
		// A bare NULL would be taken for a text.
		return "CAST(NULL AS " + c.d.TypeName(value.JSON) + ")"
	}
	return "CASE m.operation" + cases + " END"
}
