package sqlgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Diff compares the stage with the table's scope and writes each operation that
// would bring them in step into the register, numbered from firstSeq + 1. It is one
// statement: the rows never leave the database.
func Diff(d Dialect, t *Target, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	return c.record(t, planID, firstSeq, c.allowed(t, c.pairs(t)), t.possible())
}

// record writes the operations of pairs of staged rows and rows of the table into the
// register.
func (c *composer) record(t *Target, planID string, firstSeq int64, pairs string, operations []string) Statement {
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, table_name, operation, %s, %s, %s)
SELECT %s, %d + %s, %s, %s, d.operation, d.doc_key, d.doc_before, d.doc_after
FROM (SELECT m.operation AS operation, %s AS doc_key, %s AS doc_before, %s AS doc_after FROM (%s) m) d`,
		t.operations(c.d), c.d.Quote("key"), c.d.Quote("before"), c.d.Quote("after"),
		c.bindText(planID), firstSeq, c.d.RowNumber(), c.bindText(t.Sync), c.bindText(t.TableName),
		c.keyDoc(t), c.beforeDoc(t, operations), c.afterDoc(t, operations), pairs)
}

// CountWithheld counts the operations, by name, that may not be done. It is of use
// only where Target.Withheld names some.
func CountWithheld(d Dialect, t *Target) Statement {
	c := composer{d: d}
	return c.countWithheld(t, c.pairs(t))
}

func (c *composer) countWithheld(t *Target, pairs string) Statement {
	return c.statement(`SELECT m.operation, count(*) FROM (SELECT * FROM (%s) w WHERE w.operation IN (%s)) m GROUP BY m.operation`,
		pairs, join(t.Withheld, ", ", literal))
}

// RecordProtected writes a finding for each operation of Diff that Target.Protect prevents.
func RecordProtected(d Dialect, t *Target, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	return c.recordProtected(t, c.pairs(t), planID, firstSeq)
}

func (c *composer) recordProtected(t *Target, pairs, planID string, firstSeq int64) Statement {
	pairs = "SELECT * FROM (" + pairs + ") w WHERE " + c.protected(t, "w")
	if len(t.Withheld) > 0 {
		pairs += " AND w.operation NOT IN (" + join(t.Withheld, ", ", literal) + ")"
	}
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, kind, %s, detail)
SELECT %s, %s, %s, 'protected', d.doc_key, %s
FROM (SELECT m.operation AS operation, %s AS doc_key FROM (%s) m) d`,
		c.d.RegisterTable("finding"), c.d.Quote("key"), c.bindText(planID), c.number(firstSeq, "d.doc_key", "d.operation"), c.bindText(t.Sync),
		c.d.Object([]Member{{Name: "operation", Text: "d.operation"}}), c.keyDoc(t), pairs)
}

// The aliases of a pair's columns: staged columns are s0, s1, … by their index
// in Mapped, lookups' keys are l0_0, l0_1, …, the table's columns are t0, t1, … by their index in
// the table.
func stagedName(i int) string          { return "s" + strconv.Itoa(i) }
func tableName(i int) string           { return "t" + strconv.Itoa(i) }
func lookupName(lookup, by int) string { return "l" + strconv.Itoa(lookup) + "_" + strconv.Itoa(by) }

func (t *Target) tableIndex(column Column) int {
	return slices.IndexFunc(t.Table.Columns, func(c Column) bool { return c.Name == column.Name })
}

// needed lists the indexes of the table's columns that the statements read.
func (t *Target) needed(d Dialect) []int {
	want := map[int]bool{}
	need := func(columns []Column) {
		for _, c := range columns {
			want[t.tableIndex(c)] = true
		}
	}
	need(t.Mapped)
	if t.Archived != nil {
		need([]Column{*t.Archived})
	}
	if t.PurgeSince != nil {
		need([]Column{*t.PurgeSince})
	}
	need(t.ArchivedIf.columns())
	need(t.Protect.columns())
	for _, operation := range append(t.possible(), opRename, opAdopt) {
		if operation == opRename && !t.Renames || operation == opAdopt && !t.Adopt {
			continue
		}
		need(t.remembered(d, operation))
	}
	indexes := make([]int, 0, len(want))
	for i := range want {
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	return indexes
}

// allowed drops the pairs whose operation may not be done, or whose row is protected.
func (c *composer) allowed(t *Target, pairs string) string {
	if len(t.Withheld) == 0 && t.Protect == nil {
		return pairs
	}
	var conditions []string
	if len(t.Withheld) > 0 {
		conditions = append(conditions, "w.operation NOT IN ("+join(t.Withheld, ", ", literal)+")")
	}
	if t.Protect != nil {
		conditions = append(conditions, "NOT "+c.protected(t, "w"))
	}
	return "SELECT * FROM (" + pairs + ") w WHERE " + and(conditions...)
}

// protected is the condition that a pair's row must not be changed. It is never NULL.
func (c *composer) protected(t *Target, alias string) string {
	return "(" + alias + ".operation <> 'insert' AND " + c.holds(t.Protect, func(column Column) string {
		return alias + "." + tableName(t.tableIndex(column))
	}) + ")"
}

// pair joins staged rows (s) and rows of the table (t), as a derived table.
func (c *composer) pair(t *Target, operation, left, kind, right, on, where string) string {
	output := []string{operation + " AS operation"}
	for i, column := range t.Mapped {
		output = append(output, c.of("s", column)+" AS "+stagedName(i))
	}
	for i, l := range t.Lookups {
		for j, k := range l.By {
			output = append(output, c.of("s", k.Staged)+" AS "+lookupName(i, j))
		}
	}
	for _, i := range t.needed(c.d) {
		output = append(output, c.of("t", t.Table.Columns[i])+" AS "+tableName(i))
	}
	return "SELECT " + strings.Join(output, ", ") + " FROM " + left + " " + kind + " " + right + " ON " + on + " WHERE " + where
}

// scope is the rows that are ours, and in the buckets that are compared, as t.
func (c *composer) scope(t *Target) string {
	var read []string
	for _, i := range t.needed(c.d) {
		read = append(read, c.of("r", t.Table.Columns[i]))
	}
	return "(SELECT " + strings.Join(read, ", ") + " FROM " + t.Table.Name + " r WHERE " + c.inBuckets(t, "r", c.ours(t, "r")) + ") t"
}

// pairs joins stage (s) and scope (t) by the key and keeps the pairs that differ.
func (c *composer) pairs(t *Target) string {
	stage, scope := t.Stage+" s", c.scope(t)
	// A staged key is never NULL (the checks before see to it), but that of a parent not
	// inserted yet is; a NULL here is the outer join's.
	staged, held := c.of("s", t.stagedKey()[0]), c.of("t", t.Key[0])
	archived := c.archived(t, "t")
	unsettled := c.unsettled("s")
	if t.ByTask {
		return c.taskPairs(t, stage, scope, held, archived)
	}
	added := and(held+" IS NULL", unsettled)
	changed := and(staged+" IS NOT NULL", held+" IS NOT NULL", unsettled, or(archived+" OR "+c.different(t)))
	var gone []string
	operation := "CASE WHEN " + held + " IS NULL THEN 'insert'"
	if t.PurgeSince != nil {
		expired := c.expired(t, "t")
		operation += " WHEN " + and(staged+" IS NULL", expired) + " THEN 'purge'"
		gone = append(gone, and(staged+" IS NULL", expired))
	}
	if t.Missing != "" {
		operation += " WHEN " + staged + " IS NULL THEN " + literal(t.Missing)
		gone = append(gone, and(staged+" IS NULL", "NOT "+archived))
	}
	operation += " WHEN " + archived + " THEN 'undelete' ELSE 'update' END"
	key := c.sameKey(t)
	if len(gone) == 0 {
		return c.pair(t, operation, stage, "LEFT JOIN", scope, key, or(added, changed))
	}
	if _, slow := c.d.(NoFullJoin); slow {
		return c.pair(t, operation, stage, "LEFT JOIN", scope, key, or(added, changed)) + " UNION ALL " +
			c.pair(t, operation, c.scope(t), "LEFT JOIN", t.Stage+" s", c.sameKey(t), or(gone...))
	}
	return c.pair(t, operation, stage, "FULL OUTER JOIN", scope, key, or(append([]string{added, changed}, gone...)...))
}

// taskPairs are the pairs of staged rows that name their task. A row that is archived counts as
// absent.
func (c *composer) taskPairs(t *Target, stage, scope, held, archived string) string {
	task := c.of("s", TaskColumn(c.d))
	operation := "CASE WHEN " + task + " = 'delete' THEN " + literal(t.Missing) + " WHEN " + held + " IS NULL THEN 'insert' WHEN " + archived + " THEN 'undelete' ELSE 'update' END"
	pairs := c.pair(t, operation, stage, "LEFT JOIN", scope, c.sameKey(t), and(c.unsettled("s"), or(
		and(task+" = 'insert'", or(held+" IS NULL", and(append([]string{archived}, c.once(t, "s")...)...))),
		and(task+" = 'update'", held+" IS NOT NULL", or(archived, c.different(t))),
		and(task+" = 'delete'", held+" IS NOT NULL", "NOT "+archived))))
	if t.PurgeSince == nil {
		return pairs
	}
	// A key that is still named among those to remove is no reason to keep its row.
	return pairs + " UNION ALL " + c.pair(t, literal(opPurge), c.scope(t), "LEFT JOIN", t.Stage+" s", and(c.sameKey(t), task+" <> 'delete'"),
		and(c.of("s", t.stagedKey()[0])+" IS NULL", c.expired(t, "t")))
}

// possible lists the operations that the diff of this target can yield.
func (t *Target) possible() []string {
	operations := []string{opInsert, opUpdate}
	if t.Missing != "" {
		operations = append(operations, t.Missing)
	}
	if t.archives() {
		operations = append(operations, opUndelete)
	}
	if t.PurgeSince != nil {
		operations = append(operations, opPurge)
	}
	return operations
}

func (c *composer) stagedText(t *Target, f field) string {
	if f.by >= 0 {
		return c.d.Canonical("m."+lookupName(slices.Index(t.Lookups, f.lookup), f.by), f.lookup.By[f.by].Column)
	}
	i := slices.IndexFunc(t.Mapped, func(m Column) bool { return m.Name == f.Name })
	return c.d.Canonical("m."+stagedName(i), f.Column)
}

func (c *composer) tableText(t *Target, f field) string {
	held := "m." + tableName(t.tableIndex(f.Column))
	if f.by >= 0 {
		return c.parentText(f, held)
	}
	return c.d.Canonical(held, f.Column)
}

// parentText is what the parent that a value refers to now goes by. Should several answer, one is shown.
func (c *composer) parentText(f field, held string) string {
	return fmt.Sprintf("(SELECT min(%s) FROM %s o WHERE %s = %s)", c.text("o", f.lookup.By[f.by].Column), f.lookup.Parent.Name, c.of("o", f.lookup.Ref), held)
}

func (c *composer) members(t *Target, columns []Column, text func(*Target, field) string) []Member {
	fields := t.fields(columns)
	members := make([]Member, len(fields))
	for i, f := range fields {
		members[i] = Member{Name: f.name(), Text: text(t, f)}
	}
	return members
}

// keyDoc is the key as the destination spells it, or the source's for an insert.
func (c *composer) keyDoc(t *Target) string {
	return "CASE m.operation WHEN 'insert' THEN " + c.d.Object(c.members(t, t.Key, c.stagedText)) +
		" ELSE " + c.d.Object(c.members(t, t.Key, c.tableText)) + " END"
}

func (c *composer) beforeDoc(t *Target, operations []string) string {
	var cases strings.Builder
	for _, operation := range operations {
		columns := t.remembered(c.d, operation)
		if len(columns) == 0 {
			continue
		}
		cases.WriteString(" WHEN " + literal(operation) + " THEN " + c.d.Object(c.members(t, columns, c.tableText)))
	}
	return c.caseOf(cases.String())
}

// afterFields lists the members of an operation's after documents.
func (t *Target) afterFields(d Dialect, operation string) []field {
	list := t.writes(d, operation)
	var fields []field
	for _, w := range list {
		if w.staged {
			fields = append(fields, t.fields([]Column{w.Column})...)
		} else {
			fields = append(fields, field{w.Column, nil, -1})
		}
	}
	return fields
}

func (c *composer) afterDoc(t *Target, operations []string) string {
	var cases strings.Builder
	for _, operation := range operations {
		list := t.writes(c.d, operation)
		if len(list) == 0 {
			continue
		}
		members := make([]Member, 0, len(list))
		for _, f := range t.afterFields(c.d, operation) {
			w := list[slices.IndexFunc(list, func(w written) bool { return w.Column.Name == f.Name })]
			switch {
			case w.staged:
				members = append(members, Member{Name: f.name(), Text: c.stagedText(t, f)})
			case w.Now:
				members = append(members, Member{Name: f.name(), Now: true})
			case len(w.Template) > 0:
				members = append(members, Member{Name: f.name(), Text: c.templateText(t, w.Set)})
			default:
				members = append(members, Member{Name: f.name(), Text: c.bind(w.Text)})
			}
		}
		cases.WriteString(" WHEN " + literal(operation) + " THEN " + c.d.Object(members))
	}
	return c.caseOf(cases.String())
}

// templateText is a text made of the row of the table, as long as its column takes.
func (c *composer) templateText(t *Target, s Set) string {
	parts := make([]string, len(s.Template))
	for i, part := range s.Template {
		parts[i] = c.bindText(part.Text)
		if part.Column != nil {
			parts[i] = "coalesce(" + c.tableText(t, field{*part.Column, nil, -1}) + ", '')"
		}
	}
	text := "(" + c.d.Concat(parts...) + ")"
	if s.Column.Type.Size > 0 {
		text = c.d.Prefix(text, s.Column.Type.Size)
	}
	if s.Column.Type.Fixed {
		text = c.d.TrimRight(text)
	}
	return text
}

func (c *composer) caseOf(cases string) string {
	if cases == "" {
		return c.d.NoDocument()
	}
	return "CASE m.operation" + cases + " END"
}
