package sqlgen

import (
	"fmt"
	"slices"
	"strconv"
)

// Batch names the operations of one kind that a plan holds for a target: those
// of the register numbered above After, up to and including Last.
type Batch struct {
	PlanID      string
	Operation   string
	After, Last int64
}

// docs unpacks the documents of a batch: key as k0…, before as b0…, after as a0….
func (t *Target) docs(d Dialect, operation string) []Doc {
	members := func(prefix string, fields []field) []DocMember {
		out := make([]DocMember, len(fields))
		for i, f := range fields {
			out[i] = DocMember{Name: f.name(), As: prefix + strconv.Itoa(i), Type: f.Type}
			if f.by >= 0 {
				out[i].Type = f.lookup.By[f.by].Column.Type
			}
		}
		return out
	}
	docs := []Doc{{Column: "key", Members: members("k", t.keyFields())}}
	if before := t.fields(t.remembered(d, operation)); len(before) > 0 {
		docs = append(docs, Doc{Column: "before", Members: members("b", before)})
	}
	if after := t.afterFields(d, operation); len(after) > 0 {
		list := members("a", after)
		for i, f := range after {
			list[i].Now = f.by < 0 && slices.ContainsFunc(t.writes(d, operation), func(w written) bool { return w.Now && w.Column.Name == f.Name })
		}
		docs = append(docs, Doc{Column: "after", Members: list})
	}
	return docs
}

// operations is the batch as a derived table.
func (c *composer) operations(t *Target, b Batch) string {
	return "(" + c.unpacked(t.operations(c.d), t.docs(c.d, b.Operation), c.batchOf(t, b)) + ")"
}

// batchOf is the condition that an operation is of the batch.
func (c *composer) batchOf(t *Target, b Batch) string {
	// The sync is in the digest, the sequence numbers are not.
	return fmt.Sprintf("o.plan_id = %s AND o.seq > %d AND o.seq <= %d AND o.sync = %s AND o.operation = %s",
		c.bindText(b.PlanID), b.After, b.Last, c.bindText(t.Sync), literal(b.Operation))
}

// OperationsBy are the columns of the register's table of operations that a batch is found by.
func OperationsBy() []Column {
	return []Column{{Name: "plan_id"}, {Name: "seq"}, {Name: "sync"}, {Name: "operation"}}
}

// keyOf is the condition that row alias has the key of operation x.
func (c *composer) keyOf(t *Target, alias string) string {
	var conditions []string
	for i, f := range t.keyFields() {
		if f.by < 0 {
			conditions = append(conditions, c.of(alias, f.Column)+" = "+c.d.FromText("x.k"+strconv.Itoa(i), f.Column))
		}
	}
	return and(append(conditions, c.told(t, alias)...)...)
}

// keyFound is keyOf for an insert, whose key may refer to a row that the plan did not know.
func (c *composer) keyFound(t *Target, alias string, r resolution) string {
	var conditions []string
	for i, f := range t.keyFields() {
		if f.by >= 0 {
			continue
		}
		key, ok := r.values[f.Name]
		if !ok {
			key = c.d.FromText("x.k"+strconv.Itoa(i), f.Column)
		}
		conditions = append(conditions, c.of(alias, f.Column)+" = "+key)
	}
	return and(conditions...)
}

// unchanged is the condition that row alias still is what the plan saw: same key, in
// the scope, not protected, archived or not as then, and with the same values.
func (c *composer) unchanged(t *Target, alias, operation string) string {
	whose := c.ours(t, alias)
	if operation == opAdopt {
		whose = c.adoptable(t, alias)
	}
	conditions := []string{c.keyOf(t, alias), whose}
	if t.Protect != nil {
		conditions = append(conditions, "NOT "+c.holds(t.Protect, func(column Column) string { return c.of(alias, column) }))
	}
	if t.archives() && operation != opAdopt {
		state := "NOT " + c.archived(t, alias)
		if operation == opUndelete || operation == opPurge {
			state = c.archived(t, alias)
		}
		conditions = append(conditions, state)
	}
	for i, f := range t.fields(t.remembered(c.d, operation)) {
		if f.by < 0 {
			conditions = append(conditions, c.d.Same(c.text(alias, f.Column), "x.b"+strconv.Itoa(i)))
		}
	}
	return and(conditions...)
}

func joinIndexed[T any](items []T, separator string, render func(int, T) string) string {
	i := -1
	return join(items, separator, func(item T) string {
		i++
		return render(i, item)
	})
}

// resolution joins operations x with the parents that their lookups find now.
type resolution struct {
	joins     string
	condition string            // that each lookup finds what the plan saw; "" for no lookup
	values    map[string]string // by the lookup's column
}

func (c *composer) resolution(t *Target, operation string, part Part) resolution {
	r := resolution{values: map[string]string{}}
	fields := t.afterFields(c.d, operation)
	for i, f := range fields {
		if f.lookup == nil || f.by >= 0 {
			continue
		}
		l, alias := f.lookup, "p"+strconv.Itoa(i)
		planned := "x.a" + strconv.Itoa(i)
		on := []string{"NOT " + c.buried(l, alias)}
		for j, k := range l.By {
			on = append(on, c.of(alias, k.Column)+" = "+c.d.FromText("x.a"+strconv.Itoa(i+1+j), k.Column))
		}
		found := c.of(alias, l.Ref)
		resolved := "(x.a" + strconv.Itoa(i+1) + " IS NULL OR " + found + " IS NOT NULL)"
		switch {
		case t.Self(l):
			// What becomes of the parent's row may be still to come, in this very statement: only one
			// that was not there is looked up, and Lost looks at the others when all is done.
			on = append(on, planned+" IS NULL")
			found = "coalesce(" + c.d.FromText(planned, f.Column) + ", " + found + ")"
			resolved = or(planned+" IS NOT NULL", resolved)
		case part == AllKnown:
			// An index on what is referred to is likelier than one on what rows are looked up by.
			on = append([]string{found + " = " + c.d.FromText(planned, l.Ref)}, on...)
		default:
			on = append(on, or(planned+" IS NULL", found+" = "+c.d.FromText(planned, l.Ref)))
		}
		r.joins += " LEFT JOIN " + l.Parent.Name + " " + alias + " ON " + and(on...)
		if r.condition != "" {
			r.condition += " AND "
		}
		r.condition += resolved
		r.values[f.Name] = found
	}
	return r
}

// unknown is the condition that operation x refers to a row that the plan inserts; "1 = 0" where
// there are no lookups.
func (c *composer) unknown(t *Target, operation string) string {
	if t.Whole {
		return c.unknownReferences(t, operation)
	}
	var conditions []string
	for i, f := range t.afterFields(c.d, operation) {
		if f.lookup != nil && f.by < 0 {
			conditions = append(conditions, fmt.Sprintf("(x.a%d IS NULL AND x.a%d IS NOT NULL)", i, i+1))
		}
	}
	if len(conditions) == 0 {
		return "1 = 0"
	}
	return or(conditions...)
}

// RefersToItself reports whether rows of the target refer, by a lookup, to others of
// its table; whole rows by a foreign key.
func (t *Target) RefersToItself() bool {
	return slices.ContainsFunc(t.Lookups, t.Self) || t.Whole && len(t.Table.ownReferences()) > 0
}

// OwnForeignKeys are those by which rows of the table refer to others of it, and that keep these from
// being deleted.
func (t *Table) OwnForeignKeys() []ForeignKey {
	var keys []ForeignKey
	for _, key := range t.References {
		if key.Table == t.Name && !key.Acts {
			keys = append(keys, key)
		}
	}
	return keys
}

// Part is a part of a batch of a target whose rows refer to others.
type Part int

// The parts. Together AllKnown and AllUnknown are AllRows.
const (
	AllRows    Part = iota
	AllKnown        // that refer to rows that were there when the plan was made
	AllUnknown      // that refer to rows that the plan inserts
	Remaining       // inserts whose row is not there yet, and that refer to rows that are
	Leaves          // removals of rows that no other refers to
)

// Execute carries out a part of a batch in one statement. It affects exactly the rows that
// still are what the plan saw. now gives, for a column, the canonical text of the
// apply's instant.
func Execute(d Dialect, t *Target, b Batch, part Part, now func(Column) string) Statement {
	c := composer{d: d}
	list := t.writes(d, b.Operation)
	lookups := c.resolution(t, b.Operation, part)
	value := func(w written) string {
		if w.Now {
			return d.FromText(c.bindText(now(w.Column)), w.Column)
		}
		if found, ok := lookups.values[w.Column.Name]; ok && w.staged {
			return found
		}
		return d.FromText("x.a"+strconv.Itoa(t.memberOf(d, b.Operation, w.Column.Name)), w.Column)
	}
	var conditions []string
	if lookups.condition != "" {
		conditions = append(conditions, lookups.condition)
	}
	switch part {
	case AllKnown:
		conditions = append(conditions, "NOT "+c.unknown(t, b.Operation))
	case AllUnknown:
		if !t.Whole { // else: what is left, since it no longer is as it was once it is written
			conditions = append(conditions, c.unknown(t, b.Operation))
		}
	case Remaining:
		if t.Whole {
			conditions = append(conditions, c.notThere(t), "NOT "+c.unknown(t, b.Operation))
			break
		}
		// As a value, lest a planner take it for a join that leaves but one row to look up parents for.
		conditions = append(conditions, fmt.Sprintf("CASE WHEN EXISTS (SELECT 1 FROM %s t WHERE %s) THEN 0 ELSE 1 END = 1", t.Table.Name, and(c.keyFound(t, "t", lookups), c.clashes(t, "t"))))
	case Leaves:
		for _, key := range t.Table.OwnForeignKeys() {
			conditions = append(conditions, c.unreferred(t, key))
		}
	case AllRows:
	}
	switch b.Operation {
	case opInsert:
		where := ""
		if len(conditions) > 0 {
			where = " WHERE " + and(conditions...)
		}
		insert := "INSERT"
		if or := orAbort(d); or != "" {
			insert += " " + or
		}
		columns := join(list, ", ", func(w written) string { return d.Quote(w.Column.Name) })
		values := join(list, ", ", value)
		for _, g := range t.Generated {
			columns, values = columns+", "+d.Quote(g.Column.Name), values+", "+g.Next
		}
		return c.statement(`%s INTO %s (%s)%s SELECT %s FROM %s x%s%s`, insert, t.Table.Name, columns, overriding(d, list), values, c.operations(t, b), lookups.joins, where)
	case opDelete, opPurge:
		identity := t.identity()
		keys := make([]string, len(identity))
		for i, k := range identity {
			keys[i] = d.Quote(k.Name)
		}
		return c.remove(Delete{
			Table: t.Table.Name, Alias: "d", Where: c.ours(t, "d"), Key: keys,
			Query: fmt.Sprintf("SELECT %s FROM %s x JOIN %s t ON %s", c.columns("t", identity), c.operations(t, b), t.Table.Name,
				and(append([]string{c.unchanged(t, "t", b.Operation)}, conditions...)...)),
		})
	default:
		conditions = append([]string{c.unchanged(t, "t", b.Operation)}, conditions...)
		if t.Whole {
			list = changeable(list)
		}
		sets := make([]Assignment, len(list))
		for i, w := range list {
			sets[i] = c.set(w.Column.Name, c.keeping(t, b.Operation, w.Column, value(w)))
		}
		return c.update(Update{Or: orAbort(d), Table: t.Table.Name, Alias: "t", Sets: sets, From: c.operations(t, b) + " x" + lookups.joins, Where: and(conditions...)})
	}
}

// unreferred is the condition that no row but itself refers to row t by a foreign key of its table.
func (c *composer) unreferred(t *Target, key ForeignKey) string {
	columns := func(left string, names []string) string {
		return joinIndexed(names, " AND ", func(i int, name string) string {
			return left + "." + c.d.Quote(name) + " = t." + c.d.Quote(key.ParentColumns[i])
		})
	}
	return fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s f WHERE %s AND NOT (%s))", t.Table.Name, columns("f", key.Columns), columns("f", key.ParentColumns))
}

func orAbort(d Dialect) string {
	if aborter, ok := d.(ConflictAborter); ok {
		return aborter.OrAbort()
	}
	return ""
}

// Stale selects the keys (as JSON) of a batch's operations whose rows are no longer
// what the plan saw; for inserts, those whose key is taken. At most limit of them.
func Stale(d Dialect, t *Target, b Batch, limit int) Statement {
	c := composer{d: d}
	condition, not := c.keyOf(t, "t"), ""
	switch {
	case b.Operation == opInsert && t.Whole:
		condition = c.taken(t, "t", c.afterText(t, opInsert))
	case b.Operation == opInsert:
		condition = and(condition, c.clashes(t, "t"))
	default:
		condition, not = c.unchanged(t, "t", b.Operation), "NOT "
	}
	return c.keys(b, fmt.Sprintf("SELECT x.seq FROM %s x WHERE %sEXISTS (SELECT 1 FROM %s t WHERE %s)", c.operations(t, b), not, t.Table.Name, condition), limit)
}

// Lost selects the keys (as JSON) of a batch's operations whose lookups no longer find the row
// that the plan saw; at most limit of them; an empty statement without lookups.
func Lost(d Dialect, t *Target, b Batch, limit int) Statement {
	c := composer{d: d}
	var conditions []string
	for i, f := range t.afterFields(d, b.Operation) {
		if f.lookup == nil || f.by >= 0 {
			continue
		}
		l, planned := f.lookup, "x.a"+strconv.Itoa(i)
		found := []string{c.of("p", l.Ref) + " = " + d.FromText(planned, l.Ref)}
		for j, k := range l.By {
			found = append(found, c.of("p", k.Column)+" = "+d.FromText("x.a"+strconv.Itoa(i+1+j), k.Column))
		}
		found = append(found, "NOT "+c.buried(l, "p"))
		conditions = append(conditions, fmt.Sprintf("(%s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s p WHERE %s))", planned, l.Parent.Name, and(found...)))
	}
	if len(conditions) == 0 {
		return Statement{}
	}
	return c.keys(b, fmt.Sprintf("SELECT x.seq FROM %s x WHERE %s", c.operations(t, b), or(conditions...)), limit)
}

func (c *composer) keys(b Batch, sequences string, limit int) Statement {
	return c.first(limit, `SELECT q.%s FROM %s q WHERE q.plan_id = %s AND q.seq IN (%s) ORDER BY q.seq`,
		c.d.Quote("key"), c.d.RegisterTable("operation"), c.bindText(b.PlanID), sequences)
}

// RecordResult writes what the rows of a batch really hold after it, where triggers may
// have changed what was written, or, with found, where a lookup found what the plan did not know.
func RecordResult(d Dialect, t *Target, b Batch, found bool) Statement {
	c := composer{d: d}
	fields := t.afterFields(d, b.Operation)
	joins := ""
	var conditions []string
	for i, f := range t.keyFields() {
		if f.by >= 0 {
			continue
		}
		text := "x.k" + strconv.Itoa(i)
		if at := t.memberOf(d, b.Operation, f.Name); at >= 0 { // the key that the operation writes
			text = "x.a" + strconv.Itoa(at)
		}
		key := d.FromText(text, f.Column)
		if f.lookup != nil && !t.Whole && b.Operation == opInsert {
			r := c.resolution(t, b.Operation, AllRows)
			joins, key = r.joins, r.values[f.Name]
		}
		conditions = append(conditions, c.of("t", f.Column)+" = "+key)
	}
	for _, column := range t.Tells {
		conditions = append(conditions, c.d.Same(c.text("t", column), c.afterText(t, b.Operation)(column)))
	}
	conditions = append(conditions, c.ours(t, "t"))
	if found {
		var unknown []string
		for i, f := range fields {
			if f.lookup != nil && f.by < 0 {
				unknown = append(unknown, fmt.Sprintf("x.a%d IS NULL AND x.a%d IS NOT NULL", i, i+1))
			}
		}
		conditions = append(conditions, or(unknown...))
	}
	return c.update(Update{
		Table: d.RegisterTable("operation"), Alias: "q", Sets: []Assignment{c.set("result", "y.doc")},
		From: fmt.Sprintf("(SELECT x.seq AS seq, %s AS doc FROM %s x%s JOIN %s t ON %s) y",
			c.object("t", t.Table.Columns), c.operations(t, b), joins, t.Table.Name, and(conditions...)),
		Where: "q.plan_id = " + c.bindText(b.PlanID) + " AND q.seq = y.seq",
	})
}

// CountOutside counts the written rows of a batch that are not ours, since the row that they
// refer to now is not one of the scope; an empty statement where the operation does not say what
// they refer to.
func CountOutside(d Dialect, t *Target, b Batch) Statement {
	c := composer{d: d}
	r := c.resolution(t, b.Operation, AllRows)
	var conditions []string
	for _, p := range t.Parents {
		at := t.memberOf(d, b.Operation, p.Column.Name)
		if at < 0 {
			continue
		}
		value := d.FromText("x.a"+strconv.Itoa(at), p.Column)
		if found, ok := r.values[p.Column.Name]; ok {
			value = found
		}
		conditions = append(conditions, "NOT EXISTS (SELECT 1 FROM "+p.Parent.Name+" o WHERE "+and(c.of("o", p.Ref)+" = "+value, c.within(p.Where, "o"))+")")
	}
	if len(conditions) == 0 {
		return Statement{}
	}
	return c.statement(`SELECT count(*) FROM %s x%s WHERE %s`, c.operations(t, b), r.joins, or(conditions...))
}

// Looks reports whether an operation writes a lookup's column.
func Looks(d Dialect, t *Target, operation string) bool {
	return slices.ContainsFunc(t.afterFields(d, operation), func(f field) bool { return f.lookup != nil })
}
