package sqlgen

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/registrar-sync/registrar/internal/value"
)

// Undo is a batch of an applied plan that is to be undone: those of its operations whose rows still are what the plan
// left, by an operation of whole rows each.
type Undo struct {
	// Whole is the target that undoes; Own is the sync's, whose scope tells rows where nothing else does.
	Whole, Own *Target
	Batch      Batch // the applied plan's
	// Results: those operations of the batch that have a result; else those that have none.
	Results bool
	// Key, Before, After and Result are the members that the documents of the batch have, in order. No Key: nobody
	// knows them, and none of the batch can be undone.
	Key, Before, After, Result []UndoMember
	// Now is the canonical text of the execution's instant in a column.
	Now func(Column) string
	// Keys are of the rows that are asked for; none: all.
	Keys []UndoKey
}

// UndoKey is a key by members of key documents: columns, or what they are looked up by.
type UndoKey []UndoKeyMember

// UndoKeyMember is a member and its canonical text.
type UndoKeyMember struct{ Name, Text string }

// UndoMember is a member of a document that was written by another configuration, perhaps.
type UndoMember struct {
	Name string
	Now  bool // it is NowMarker
}

// MaxUndoKeys bounds Undo.Keys, so that the parameters of a statement do not exceed an engine's.
const MaxUndoKeys = 100

// Undoes returns the operation that undoes another; "" where none does.
func Undoes(operation string) string {
	switch operation {
	case opInsert:
		return opDelete
	case opDelete:
		return opInsert
	case opArchive:
		return opUndelete
	case opUndelete:
		return opArchive
	case opUpdate, opAdopt:
		return opUpdate
	case opRename:
		return opRename
	default:
		return ""
	}
}

// Written lists the columns of the table that the operations of the batch wrote.
func (u *Undo) Written() []Column { return u.columns(u.After) }

// Untyped names the columns that the operations which undo the batch write values to of which nobody knows the class any
// more.
func (u *Undo) Untyped(d Dialect) []string {
	respeller, ok := d.(Respeller)
	if !ok || len(u.Key) == 0 {
		return nil
	}
	var columns []Column
	switch Undoes(u.Batch.Operation) {
	case "", opDelete:
	case opInsert:
		columns = u.columns(u.Before)
	default:
		columns = u.Written()
	}
	var names []string
	for _, column := range columns {
		if respeller.Untyped(column) {
			names = append(names, column.Name)
		}
	}
	return names
}

// columns are the members that are columns of the table.
func (u *Undo) columns(members []UndoMember) []Column {
	var columns []Column
	for _, m := range members {
		if column, ok := u.Whole.Table.Column(m.Name); ok {
			columns = append(columns, column)
		}
	}
	return columns
}

func memberAt(members []UndoMember, name string) int {
	return slices.IndexFunc(members, func(m UndoMember) bool { return m.Name == name })
}

// docs unpacks the documents: key as k0…, before as b0…, after as a0…, result as r0…, and each whole as held_….
func (u *Undo) docs(d Dialect) []Doc {
	list := func(column, prefix string, members []UndoMember) Doc {
		doc := Doc{Column: column, As: "held_" + column}
		for i, m := range members {
			kind := value.Type{Kind: value.Text, SQL: d.TypeName(value.Text)}
			if known, ok := u.Whole.Table.Column(m.Name); ok {
				kind = known.Type
			} else if f, ok := u.businessKey(m.Name); ok {
				kind = f.lookup.By[f.by].Column.Type
			}
			doc.Members = append(doc.Members, DocMember{Name: m.Name, As: prefix + strconv.Itoa(i), Type: kind, Now: m.Now})
		}
		return doc
	}
	docs := []Doc{list("key", "k", u.Key), list("before", "b", u.Before), list("after", "a", u.After)}
	if u.Results {
		docs = append(docs, list("result", "r", u.Result))
	}
	return docs
}

// SampleUndo selects key, before, after and result of n operations of the batch, behind the first skipped ones: one that is
// whole tells the members of all.
func SampleUndo(d Dialect, u *Undo, skipped, n int) Statement {
	c := composer{d: d}
	query := fmt.Sprintf(`SELECT o.%s, o.%s, o.%s, o.result FROM %s o WHERE %s ORDER BY o.seq`,
		d.Quote("key"), d.Quote("before"), d.Quote("after"), d.RegisterTable("operation"), c.undone(u))
	return c.statement("%s", d.Skip(query, skipped, n))
}

// undone is the condition that an operation o is of the batch.
func (c *composer) undone(u *Undo) string {
	is := "IS NULL"
	if u.Results {
		is = "IS NOT NULL"
	}
	return c.batchOf(u.Whole, u.Batch) + " AND o.result " + is
}

// undoes is the batch as a derived table x.
func (c *composer) undoes(u *Undo) string {
	return "(" + c.unpacked(c.d.RegisterTable("operation"), u.docs(c.d), c.undone(u)) + ") x"
}

// asked is the condition that operation x is on one of the rows that are asked for, by the key that they have now or had
// before.
func (c *composer) asked(u *Undo) string {
	if len(u.Keys) == 0 {
		return "1 = 1"
	}
	if len(u.Key) == 0 {
		return "1 = 0"
	}
	return or(join(u.Keys, " OR ", func(key UndoKey) string {
		same := func(left bool) string {
			return join(key, " AND ", func(m UndoKeyMember) string { return c.askedText(u, m.Name, left) + " = " + c.bindText(m.Text) })
		}
		if u.Batch.Operation == opDelete {
			return "(" + same(false) + ")"
		}
		return "(" + same(false) + " OR " + same(true) + ")"
	}))
}

// askedText is what operation x names a row by in a member of keys, or left it by.
func (c *composer) askedText(u *Undo, name string, left bool) string {
	f, looked := u.businessKey(name)
	column, _ := u.Whole.Table.Column(name)
	switch {
	case !looked && left:
		return c.leftKey(u)(column)
	case !looked:
		return u.keyText(column)
	case left && memberAt(u.After, name) >= 0:
		return "x.a" + strconv.Itoa(memberAt(u.After, name))
	case memberAt(u.Key, name) >= 0:
		return "x.k" + strconv.Itoa(memberAt(u.Key, name))
	default: // the sync had another lookup then, or none
		return c.parentText(f, c.d.FromText(c.leftKey(u)(f.Column), f.lookup.Ref))
	}
}

// businessKey is the member of keys that stands for what a column is looked up by, if the name is of one.
func (u *Undo) businessKey(name string) (field, bool) {
	for _, f := range u.Whole.keyFields() {
		if f.by >= 0 && f.name() == name {
			return f, true
		}
	}
	return field{}, false
}

// keyText is the key that operation x names.
func (u *Undo) keyText(k Column) string { return "x.k" + strconv.Itoa(memberAt(u.Key, k.Name)) }

// left returns what the plan left in a column that it wrote.
func (c *composer) left(u *Undo) func(Column) string {
	return func(column Column) string {
		at := memberAt(u.After, column.Name)
		switch result := memberAt(u.Result, column.Name); {
		case u.Results && result >= 0:
			return "x.r" + strconv.Itoa(result)
		case u.After[at].Now:
			return c.bindText(u.Now(column))
		default:
			return "x.a" + strconv.Itoa(at)
		}
	}
}

// leftKey returns the key that the plan left.
func (c *composer) leftKey(u *Undo) func(Column) string {
	return func(k Column) string {
		if memberAt(u.After, k.Name) >= 0 {
			return c.left(u)(k)
		}
		return u.keyText(k)
	}
}

// earlier returns what a row held before the plan.
func (u *Undo) earlier(column Column) string {
	return "x.b" + strconv.Itoa(memberAt(u.Before, column.Name))
}

// earlierKey returns the key that a row had before the plan.
func (u *Undo) earlierKey(k Column) string {
	if memberAt(u.Before, k.Name) >= 0 {
		return u.earlier(k)
	}
	return u.keyText(k)
}

// found is the condition that row t is the one of operation x, as the plan left it or, with before, as it was.
func (c *composer) found(u *Undo, before bool) string {
	key := c.leftKey(u)
	if before {
		key = u.earlierKey
	}
	conditions := []string{c.holdsSame("t", u.Whole.Key, key)}
	for _, column := range u.Whole.Tells {
		switch {
		case !before && memberAt(u.After, column.Name) >= 0:
			conditions = append(conditions, c.d.Same(c.text("t", column), c.left(u)(column)))
		case memberAt(u.Before, column.Name) >= 0:
			conditions = append(conditions, c.d.Same(c.text("t", column), u.earlier(column)))
		default:
			conditions = append(conditions, c.ours(u.Own, "t"))
		}
	}
	return and(conditions...)
}

// same is the condition that row t holds a text in each of the columns.
func (c *composer) same(columns []Column, text func(Column) string) string {
	conditions := []string{"1 = 1"}
	for _, column := range columns {
		conditions = append(conditions, c.d.Same(c.text("t", column), text(column)))
	}
	return and(conditions...)
}

// sound is the condition that the documents of operation x are, octet for octet, such as the members say.
func (c *composer) sound(u *Undo) string {
	var held, built []string
	for _, doc := range u.docs(c.d) {
		held = append(held, "x."+doc.As)
		if len(doc.Members) == 0 {
			built = append(built, c.d.NoDocument())
			continue
		}
		members := make([]Member, len(doc.Members))
		for i, m := range doc.Members {
			members[i] = Member{Name: m.Name, Text: "x." + m.As, Now: m.Now}
		}
		built = append(built, c.d.Object(members))
	}
	if matcher, ok := c.d.(DocumentMatcher); ok {
		return joinIndexed(held, " AND ", func(i int, document string) string { return matcher.SameDocument(document, built[i]) })
	}
	return c.d.RowHash(nil, held) + " = " + c.d.RowHash(nil, built)
}

// untouched is the condition that row t is as the plan left it, asLeft that it also may be changed.
func (c *composer) untouched(u *Undo) string {
	return and(c.found(u, false), c.same(append(u.Written(), u.beside()...), c.left(u)))
}

// beside lists the columns that the plan did not write of rows that it inserted, where it is known what they held: with its row
// goes what was written into them since.
func (u *Undo) beside() []Column {
	if !u.Results || u.Batch.Operation != opInsert {
		return nil
	}
	return slices.DeleteFunc(u.columns(u.Result), func(column Column) bool { return computed(column) || memberAt(u.After, column.Name) >= 0 })
}

// Unwatched names the columns of rows that the batch inserted of which nobody knows whether they were written since.
func (u *Undo) Unwatched() []string {
	if u.Results || u.Batch.Operation != opInsert || len(u.Key) == 0 {
		return nil
	}
	var names []string
	for _, column := range u.Whole.Table.Columns {
		// What tells rows apart, as their number does, nobody writes anew.
		numbers := slices.ContainsFunc(u.Whole.Table.Unique, func(index []string) bool { return slices.Equal(index, []string{column.Name}) })
		if !computed(column) && !numbers && memberAt(u.After, column.Name) < 0 {
			names = append(names, column.Name)
		}
	}
	return names
}

func (c *composer) asLeft(u *Undo) string {
	condition := c.untouched(u)
	if u.Whole.Protect != nil {
		condition += " AND NOT " + c.holds(u.Whole.Protect, func(column Column) string { return c.of("t", column) })
	}
	return condition
}

// free is the condition that no row is in the way of the one that operation x deleted, but for those that leaving do away
// with.
func (c *composer) free(u *Undo, leaving []Planned) string {
	conditions := []string{c.taken(u.Whole, "t", u.earlier)}
	for _, p := range leaving {
		conditions = append(conditions, "NOT "+c.goes(p, opDelete, "t", "1 = 1"), "NOT "+c.goes(p, opRename, "t", "1 = 1"))
	}
	return "NOT EXISTS (SELECT 1 FROM " + u.Whole.Table.Name + " t WHERE " + and(conditions...) + ")"
}

// already is the condition that the row of operation x is as it was before the plan.
func (c *composer) already(u *Undo) string {
	exists := func(condition string) string {
		return "EXISTS (SELECT 1 FROM " + u.Whole.Table.Name + " t WHERE " + condition + ")"
	}
	switch u.Batch.Operation {
	case opInsert:
		return "NOT " + exists(c.found(u, false))
	case opDelete:
		return exists(and(c.found(u, true), c.same(u.columns(u.Before), u.earlier)))
	default:
		return exists(and(c.found(u, true), c.same(u.Written(), u.earlier)))
	}
}

// derived are the operations that undo those of the batch, as a derived table of doc_key, doc_before and doc_after beside
// the seq of what each undoes. leaving is as for Revert; anyway: also where the key is taken.
func (c *composer) derived(u *Undo, leaving []Planned, anyway bool) string {
	t, d := u.Whole, c.d
	object := func(columns []Column, text func(Column) string) string {
		members := make([]Member, len(columns))
		for i, column := range columns {
			members[i] = Member{Name: column.Name, Text: text(column)}
		}
		return d.Object(members)
	}
	held := func(column Column) string { return c.text("t", column) }
	// The key as the sync's own operations have it.
	key := func(text func(Column) string, by func(field) string) string {
		fields := t.keyFields()
		members := make([]Member, len(fields))
		for i, f := range fields {
			members[i] = Member{Name: f.name(), Text: text(f.Column)}
			if f.by >= 0 {
				members[i].Text = by(f)
			}
		}
		return d.Object(members)
	}
	undo := Undoes(u.Batch.Operation)
	list := func(key, before, after, from string, conditions ...string) string {
		return fmt.Sprintf("(SELECT x.seq AS undone, %s AS doc_key, %s AS doc_before, %s AS doc_after FROM %s WHERE %s)", key, before, after, from, and(conditions...))
	}
	if undo == opInsert {
		conditions := []string{c.sound(u), c.asked(u)}
		if !anyway {
			conditions = append(conditions, c.free(u, leaving))
		}
		// The parent's row may be one that comes back, too.
		by := func(f field) string {
			if at := memberAt(u.Key, f.name()); at >= 0 {
				return "x.k" + strconv.Itoa(at)
			}
			return c.parentText(f, d.FromText(u.earlier(f.Column), f.lookup.Ref))
		}
		return list(key(u.earlier, by), d.NoDocument(), object(t.wholeAfter(undo), u.earlier), c.undoes(u), conditions...)
	}
	from := c.undoes(u) + " JOIN " + t.Table.Name + " t ON " + c.found(u, false)
	conditions := []string{c.sound(u), c.asked(u), c.asLeft(u)}
	after := d.NoDocument()
	if undo != opDelete {
		written := u.Written()
		differs := make([]string, len(written))
		for i, column := range written {
			differs[i] = c.distinct(held(column), u.earlier(column))
		}
		conditions = append(conditions, or(differs...))
		after = object(t.wholeAfter(undo), func(column Column) string {
			if memberAt(u.After, column.Name) >= 0 {
				return u.earlier(column)
			}
			return held(column)
		})
	}
	by := func(f field) string { return c.parentText(f, c.of("t", f.Column)) }
	return list(key(held, by), object(t.Table.Columns, held), after, from, conditions...)
}

// Revert writes the operations that undo those of the batch into the register, numbered from firstSeq + 1. leaving are the
// syncs of the same table whose rows are deleted or renamed before others are inserted.
func Revert(d Dialect, u *Undo, planID string, firstSeq int64, leaving []Planned) Statement {
	c := composer{d: d}
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, table_name, operation, %s, %s, %s)
SELECT %s, %d + %s, %s, %s, %s, d.doc_key, d.doc_before, d.doc_after FROM %s d`,
		d.RegisterTable("operation"), d.Quote("key"), d.Quote("before"), d.Quote("after"),
		c.bindText(planID), firstSeq, d.RowNumber(), c.bindText(u.Whole.Sync), c.bindText(u.Whole.TableName), literal(Undoes(u.Batch.Operation)), c.derived(u, leaving, false))
}

// CountAsked counts the operations of the batch that are asked for.
func CountAsked(d Dialect, u *Undo) Statement {
	c := composer{d: d}
	return c.statement(`SELECT count(*) FROM %s WHERE %s`, c.undoes(u), c.asked(u))
}

// CountChanged counts those that cannot be undone: whose rows are neither what the plan left nor what they were before it.
func CountChanged(d Dialect, u *Undo, why Spoilt, leaving []Planned) Statement {
	c := composer{d: d}
	return c.statement(`SELECT count(*) FROM %s WHERE %s`, c.undoes(u), c.spoiltBy(u, why, leaving))
}

// ChangedKeys selects the keys (as JSON) of CountChanged's operations; at most limit of them.
func ChangedKeys(d Dialect, u *Undo, why Spoilt, leaving []Planned, limit int) Statement {
	c := composer{d: d}
	return c.keys(u.Batch, fmt.Sprintf("SELECT x.seq FROM %s WHERE %s", c.undoes(u), c.spoiltBy(u, why, leaving)), limit)
}

// RecordChanged writes a finding for each of CountChanged's operations, numbered from firstSeq + 1. Its detail has the
// operation that would have undone it.
func RecordChanged(d Dialect, u *Undo, planID string, firstSeq int64, leaving []Planned) Statement {
	c := composer{d: d}
	undo := Undoes(u.Batch.Operation)
	if undo == "" {
		undo = opInsert
	}
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, kind, %s, detail)
SELECT %s, %s, %s, 'changed', q.%s, %s FROM %s q WHERE q.plan_id = %s AND q.seq IN (SELECT x.seq FROM %s WHERE %s)`,
		d.RegisterTable("finding"), d.Quote("key"), c.bindText(planID), c.number(firstSeq, "q."+d.Quote("key"), "q.seq"), c.bindText(u.Whole.Sync), d.Quote("key"),
		d.Object([]Member{{Name: "operation", Text: literal(undo)}}), d.RegisterTable("operation"), c.bindText(u.Batch.PlanID), c.undoes(u), c.spoilt(u, leaving))
}

// CountDerived counts those operations of a batch of whole rows, in the register of a plan that reverts, that Revert would
// write for the given one: document for document, each once.
func CountDerived(d Dialect, u *Undo, b Batch) Statement {
	c := composer{d: d}
	held := d.RowHash(nil, []string{"o." + d.Quote("key"), "o." + d.Quote("before"), "o." + d.Quote("after")})
	derived := d.RowHash(nil, []string{"y.doc_key", "y.doc_before", "y.doc_after"})
	// As groups: of a join a planner may hash each document once for each of the others.
	return c.statement(`SELECT count(*) FROM (SELECT g.hash AS hash FROM (SELECT 1 AS side, %s AS hash FROM %s y UNION ALL SELECT 2 AS side, %s AS hash FROM %s o WHERE %s) g GROUP BY g.hash HAVING count(DISTINCT g.side) = 2) n`,
		derived, c.derived(u, nil, true), held, d.RegisterTable("operation"), c.batchOf(u.Whole, b))
}
