package sqlgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
)

// Needs is the table, named as by Dialect.StageTable, of pairs of operations: one, and another
// without which it cannot be done.
type Needs string

func (n Needs) columns(d Dialect) []Column {
	needed := heldColumn(d)
	needed.Name = "needed"
	return []Column{heldColumn(d), needed}
}

// CreateNeeds creates the table; IndexNeeds lets it be searched by what is needed.
func CreateNeeds(d Dialect, needs Needs) Statement {
	return Statement{Defines: true, SQL: d.CreateStage(string(needs), needs.columns(d))}
}

// IndexNeeds is explained at CreateNeeds.
func IndexNeeds(d Dialect, needs Needs) Statement {
	indexer, ok := d.(ReferenceIndexer)
	if !ok {
		return Statement{}
	}
	return Statement{Defines: true, SQL: indexer.IndexReference(string(needs), needs.columns(d)[1])}
}

func (n Needs) add(c *composer, from string, conditions ...string) Statement {
	return c.statement(`INSERT INTO %s (%s) SELECT x.seq, y.%s FROM %s WHERE %s`, string(n),
		join(n.columns(c.d), ", ", func(column Column) string { return c.d.Quote(column.Name) }), c.d.Quote("seq"), from, and(conditions...))
}

// HoldNeeding holds back what needs, through however many others, what is held back. With again it
// is repeated until it finds no more.
func HoldNeeding(d Dialect, needs Needs, held Held) (s Statement, again bool) {
	c := composer{d: d}
	seq, needed := heldColumn(d), needs.columns(d)[1]
	if _, again = d.(NoRecursion); again {
		return held.add(&c, fmt.Sprintf("(SELECT %s FROM %s n JOIN %s h ON %s = %s) x", c.of("n", seq), string(needs), string(held), c.of("n", needed), c.of("h", seq))), true
	}
	return c.statement(`INSERT INTO %s (%s) WITH RECURSIVE x (seq) AS (SELECT %s FROM %s h UNION SELECT %s FROM x JOIN %s n ON %s = x.seq) SELECT x.seq FROM x WHERE NOT %s`,
		string(held), d.Quote(seq.Name), c.of("h", seq), string(held), c.of("n", seq), string(needs), c.of("n", needed), held.has(&c)), false
}

// Basis is a table, named as by Dialect.StageTable, of what operations of one kind leave, by values
// that others may need: they are unpacked once, and the database's planner knows how many they are.
type Basis struct {
	Table string
	Planned
	Operation string
}

func basisName(i int) string { return "v" + strconv.Itoa(i) }

func (b Basis) create(d Dialect, columns []Column) Statement {
	return Statement{Defines: true, SQL: d.CreateStage(b.Table, append([]Column{heldColumn(d)}, columns...))}
}

func (b Basis) fill(c *composer, values []string, from string, conditions ...string) Statement {
	names := joinIndexed(values, "", func(i int, _ string) string { return ", " + c.d.Quote(basisName(i)) })
	return c.statement(`INSERT INTO %s (%s%s) SELECT x.seq, %s FROM %s WHERE %s`,
		b.Table, c.d.Quote(heldColumn(c.d).Name), names, strings.Join(values, ", "), from, and(append(conditions, "1 = 1")...))
}

func named(columns []Column) []Column {
	out := slices.Clone(columns)
	for i := range out {
		out[i].Name = basisName(i)
	}
	return out
}

// Keepers are the statements that make the basis of the rows that operations are about, by their keys.
func Keepers(d Dialect, b Basis) []Statement {
	c := composer{d: d}
	var values []string
	for i, f := range b.Target.keyFields() {
		if f.by < 0 {
			values = append(values, d.FromText("x.k"+strconv.Itoa(i), f.Column))
		}
	}
	columns := named(b.Target.Key)
	return []Statement{
		b.create(d, columns), b.fill(&c, values, c.operations(b.Target, b.batch(b.Operation))+" x"), indexStage(d, b.Table, columns),
	}
}

// Takes reports whether an operation writes all columns of a unique index, so that it may need
// another row to give them up.
func Takes(d Dialect, t *Target, unique []string, operation string) bool {
	return !slices.ContainsFunc(unique, func(name string) bool { return t.memberOf(d, operation, name) < 0 })
}

// NeedTakers adds those operations of one kind that write, into the columns of a unique index, what
// another row of the same table has: they need the operation on it, one of keepers.
func NeedTakers(d Dialect, p Planned, operation string, unique []string, keepers Basis, needs Needs) Statement {
	c := composer{d: d}
	t := p.Target
	taken := []string{c.takes(t, operation, unique)}
	if operation != opInsert {
		taken = append(taken, "NOT ("+and(c.keyOf(t, "t"), c.whose(t, operation, "t"))+")") // its own row
	}
	on := joinIndexed(keepers.Target.Key, " AND ", func(i int, k Column) string { return "y." + d.Quote(basisName(i)) + " = " + c.of("t", k) })
	return needs.add(&c, c.operations(t, p.batch(operation))+" x JOIN "+t.Table.Name+" t ON "+and(taken...)+" JOIN "+keepers.Table+" y ON "+on,
		c.whose(keepers.Target, keepers.Operation, "t"))
}

// Makers are the statements that make the basis of what operations make rows be referred to by; none
// where they make nothing of it.
func Makers(d Dialect, b Basis, r Reference) []Statement {
	c := composer{d: d}
	t := b.Target
	row := b.Operation != opInsert // there is one already
	before := t.fields(t.remembered(d, b.Operation))
	columns := make([]Column, len(r.columns))
	var values, changes []string
	for i, column := range r.columns {
		columns[i].Type = value.Type{Kind: value.Text, SQL: d.TypeName(value.Text)}
		text := c.text("p", column)
		if at := t.memberOf(d, b.Operation, column.Name); at >= 0 {
			text = "x.a" + strconv.Itoa(at)
			old := slices.IndexFunc(before, func(f field) bool { return f.by < 0 && f.Name == column.Name })
			if old >= 0 {
				changes = append(changes, c.distinct(text, "x.b"+strconv.Itoa(old)))
			}
		} else if !row {
			return nil // only the insert itself can tell
		}
		values = append(values, text)
	}
	var conditions []string
	switch {
	case b.Operation == opInsert || b.Operation == opUndelete && !r.foreign:
	case len(changes) == 0:
		return nil
	default:
		conditions = append(conditions, or(changes...))
	}
	from := c.operations(t, b.batch(b.Operation)) + " x"
	if row {
		from += " JOIN " + t.Table.Name + " p ON " + and(c.keyOf(t, "p"), c.whose(t, b.Operation, "p"))
	}
	columns = named(columns)
	return []Statement{b.create(d, columns), b.fill(&c, values, from, conditions...), indexStage(d, b.Table, columns)}
}

// NeedMakers adds those operations of one kind of a child that refer to what makers make.
func NeedMakers(d Dialect, child Planned, operation string, r Reference, makers Basis, needs Needs) Statement {
	c := composer{d: d}
	on := joinIndexed(r.members, " AND ", func(i int, member string) string { return member + " = y." + d.Quote(basisName(i)) })
	return needs.add(&c, c.operations(child.Target, child.batch(operation))+" x JOIN "+makers.Table+" y ON "+on, "1 = 1")
}
