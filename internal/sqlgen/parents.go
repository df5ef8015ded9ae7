package sqlgen

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
)

// The columns of a lookup's parents: its parent table's rows as the plan leaves them.
const (
	parentRef  = "ref"  // what it has now; NULL for a row that the plan inserts
	parentThen = "then" // what it will have; NULL where only the insert can tell
	parentLive = "live" // 1 for a row that a lookup may find
)

func parentBy(i int) string { return "b" + strconv.Itoa(i) }

func (l *Lookup) parentColumns(d Dialect) (ref, live Column, by []Column) {
	ref = l.Ref
	ref.Name = parentRef
	live = Column{Name: parentLive, Type: value.Type{Kind: value.Int, SQL: d.TypeName(value.Int)}}
	for i, k := range l.By {
		column := k.Column
		column.Name = parentBy(i)
		by = append(by, column)
	}
	return ref, live, by
}

// then is what a lookup takes.
func (l *Lookup) then() Column {
	column := l.Ref
	column.Name = parentThen
	return column
}

// CreateParents creates the table, named as by Dialect.StageTable, of a lookup's parents.
func CreateParents(d Dialect, l *Lookup, table string) Statement {
	ref, live, by := l.parentColumns(d)
	return Statement{Defines: true, SQL: d.CreateStage(table, append([]Column{ref, l.then(), live}, by...))}
}

// FillParents fills it with the parent table's rows as they are.
func FillParents(d Dialect, l *Lookup, table string) Statement {
	c := composer{d: d}
	ref, live, by := l.parentColumns(d)
	// A row that has no value for others to refer to is not one that is still to be inserted.
	return c.statement(`INSERT INTO %s (%s) SELECT %s, %s, CASE WHEN %s IS NULL OR %s THEN 0 ELSE 1 END, %s FROM %s p`,
		table, join(append([]Column{ref, l.then(), live}, by...), ", ", func(column Column) string { return d.Quote(column.Name) }),
		c.of("p", l.Ref), c.of("p", l.Ref), c.of("p", l.Ref), c.buried(l, "p"), join(l.By, ", ", func(k LookupKey) string { return c.of("p", k.Column) }), l.Parent.Name)
}

// IndexReferences lets parents be searched by their references, where the engine needs an index.
func IndexReferences(d Dialect, l *Lookup, table string) Statement {
	indexer, ok := d.(ReferenceIndexer)
	if !ok {
		return Statement{}
	}
	ref, _, _ := l.parentColumns(d)
	return Statement{Defines: true, SQL: indexer.IndexReference(table, ref)}
}

// buried is the condition that a parent's row does not count, since it is archived.
func (c *composer) buried(l *Lookup, alias string) string {
	if l.Archived {
		return "1 = 0"
	}
	var condition string
	for i, owner := range l.Owners {
		if !owner.archives() {
			continue
		}
		if slices.ContainsFunc(l.Owners[:i], func(other *Target) bool { return sameArchived(owner, other) }) && !l.mixed() {
			continue
		}
		one := c.archived(owner, alias)
		if l.mixed() {
			one = "(" + and(c.ours(owner, alias), one) + ")"
		}
		if condition != "" {
			condition += " OR "
		}
		condition += one
	}
	if condition == "" {
		return "1 = 0"
	}
	return or(condition)
}

// mixed reports whether the owners tell archived rows in different ways.
func (l *Lookup) mixed() bool {
	return slices.ContainsFunc(l.Owners, func(owner *Target) bool { return !sameArchived(owner, l.Owners[0]) })
}

func sameArchived(a, b *Target) bool {
	return a.AsOf == b.AsOf && reflect.DeepEqual(a.Archived, b.Archived) && reflect.DeepEqual(a.ArchivedIf, b.ArchivedIf)
}

// PlanParents changes a lookup's parents as the operations of one kind of a sync that
// writes the parent table will; an empty statement where they change nothing.
func PlanParents(d Dialect, l *Lookup, table string, owner *Target, b Batch) Statement {
	c := composer{d: d}
	switch b.Operation {
	case opDelete, opPurge:
		return c.markParents(l, table, owner, b, "0")
	case opArchive:
		if !l.Archived {
			return c.markParents(l, table, owner, b, "0")
		}
		return c.changeParents(l, table, owner, b, "")
	case opInsert:
		return c.addParents(l, table, owner, b)
	case opUndelete:
		if !l.Archived {
			return c.changeParents(l, table, owner, b, "1")
		}
		return c.changeParents(l, table, owner, b, "")
	case opAdopt:
		if !l.Archived {
			return c.changeParents(l, table, owner, b, "CASE WHEN "+c.archivedAfter(owner, b.Operation, "p")+" THEN 0 ELSE 1 END")
		}
		return c.changeParents(l, table, owner, b, "")
	case opUpdate, opRename:
		return c.changeParents(l, table, owner, b, "")
	}
	return Statement{}
}

// concerned joins a batch with the rows that it is about.
func (c *composer) concerned(l *Lookup, owner *Target, b Batch, output string) string {
	whose := c.ours(owner, "p")
	if b.Operation == opAdopt {
		whose = c.others(owner, "p")
	}
	return fmt.Sprintf("(SELECT %s AS ref%s FROM %s x JOIN %s p ON %s)", c.of("p", l.Ref), output, c.operations(owner, b), l.Parent.Name,
		and(c.keyOf(owner, "p"), whose))
}

func (c *composer) markParents(l *Lookup, table string, owner *Target, b Batch, live string) Statement {
	return c.changeRefs(table, c.concerned(l, owner, b, ""), c.set(parentLive, live))
}

// archivedAfter is the condition that operation x leaves row alias archived.
func (c *composer) archivedAfter(t *Target, operation, alias string) string {
	list := t.writes(c.d, operation)
	return c.archivedBy(t, func(column Column) string {
		if slices.ContainsFunc(list, func(w written) bool { return w.Column.Name == column.Name && !w.Now }) {
			return c.d.FromText("x.a"+strconv.Itoa(t.memberOf(c.d, operation, column.Name)), column)
		}
		return c.of(alias, column)
	})
}

// changeParents gives parents the keys that their operations write. alive is 1 where a lookup may
// then find the row, 0 where not, by its row p and operation x; "" leaves it.
func (c *composer) changeParents(l *Lookup, table string, owner *Target, b Batch, alive string) Statement {
	var output strings.Builder
	var sets []Assignment
	then := "v." + c.d.Quote(parentLive)
	if alive != "" {
		output.WriteString(", " + alive + " AS alive")
		then = "y.alive"
	}
	at := owner.memberOf(c.d, b.Operation, l.Ref.Name)
	if at >= 0 {
		output.WriteString(", x.a" + strconv.Itoa(at) + " AS wr")
		sets = append(sets, c.set(parentThen, c.d.FromText("y.wr", l.Ref)))
		if owner.LookupOf(l.Ref) == nil {
			then = "CASE WHEN y.wr IS NULL THEN 0 ELSE " + then + " END"
		}
	}
	if alive != "" || at >= 0 {
		sets = append(sets, c.set(parentLive, then))
	}
	for i, k := range l.By {
		at := owner.memberOf(c.d, b.Operation, k.Column.Name)
		if at < 0 {
			continue
		}
		output.WriteString(", x.a" + strconv.Itoa(at) + " AS w" + strconv.Itoa(i))
		sets = append(sets, c.set(parentBy(i), c.d.FromText("y.w"+strconv.Itoa(i), k.Column)))
	}
	if len(sets) == 0 {
		return Statement{}
	}
	return c.changeRefs(table, c.concerned(l, owner, b, output.String()), sets...)
}

// changeRefs changes the parents whose references a derived table has.
func (c *composer) changeRefs(table, concerned string, sets ...Assignment) Statement {
	return c.update(Update{Table: table, Alias: "v", Sets: sets, From: concerned + " y", Where: "v." + c.d.Quote(parentRef) + " = y.ref"})
}

func (c *composer) addParents(l *Lookup, table string, owner *Target, b Batch) Statement {
	_, live, by := l.parentColumns(c.d)
	columns, values := []Column{live}, []string{"1"}
	for i, k := range l.By {
		at := owner.memberOf(c.d, b.Operation, k.Column.Name)
		if at < 0 {
			return Statement{} // not known before the insert: nothing can go by it
		}
		columns = append(columns, by[i])
		values = append(values, c.d.FromText("x.a"+strconv.Itoa(at), k.Column))
	}
	// What the insert writes is known; an id that the database gives is not.
	if at := owner.memberOf(c.d, b.Operation, l.Ref.Name); at >= 0 {
		columns = append(columns, l.then())
		values = append(values, c.d.FromText("x.a"+strconv.Itoa(at), l.Ref))
		if owner.LookupOf(l.Ref) == nil {
			values[0] = "CASE WHEN x.a" + strconv.Itoa(at) + " IS NULL THEN 0 ELSE 1 END"
		}
	}
	return c.statement(`INSERT INTO %s (%s) SELECT %s FROM %s x`,
		table, join(columns, ", ", func(column Column) string { return c.d.Quote(column.Name) }), strings.Join(values, ", "), c.operations(owner, b))
}

// memberOf returns the index of a column among the members of the after documents of an
// operation, or -1.
func (t *Target) memberOf(d Dialect, operation, column string) int {
	return slices.IndexFunc(t.afterFields(d, operation), func(f field) bool { return f.by < 0 && f.Name == column })
}

// KeepNames adds parents that do not count under the names that they had before they were moved:
// a link that still goes by one is rejected, and its row must be told from one that is missing.
// An empty statement where the lookup is no part of the key, or goes by no key of the moves.
func KeepNames(d Dialect, t *Target, l *Lookup, table string, owner *Target, moves []Move) Statement {
	if !t.inKey(l) || len(moves) == 0 {
		return Statement{}
	}
	c := composer{d: d}
	ref, live, by := l.parentColumns(d)
	named := false
	values := joinIndexed(l.By, ", ", func(_ int, k LookupKey) string {
		at := slices.IndexFunc(owner.Key, func(key Column) bool { return key.Name == k.Column.Name })
		if at < 0 {
			return c.of("p", k.Column)
		}
		named = true
		return "v.f" + strconv.Itoa(at)
	})
	if !named {
		return Statement{}
	}
	return c.statement(`INSERT INTO %s (%s) SELECT %s, %s, 0, %s FROM %s JOIN %s p ON %s WHERE %s`,
		table, join(append([]Column{ref, l.then(), live}, by...), ", ", func(column Column) string { return d.Quote(column.Name) }),
		c.of("p", l.Ref), c.of("p", l.Ref), values, c.moves(owner, moves), l.Parent.Name, or(c.movedKey(owner, "p", "f"), c.movedKey(owner, "p", "g")), c.ours(owner, "p"))
}

// DropBuried removes parents that do not count where another of the same keys does.
func DropBuried(d Dialect, l *Lookup, table string) Statement {
	c := composer{d: d}
	_, live, by := l.parentColumns(d)
	keys := make([]string, len(by))
	for i, b := range by {
		keys[i] = d.Quote(b.Name)
	}
	return c.remove(Delete{
		Table: table, Alias: "v", Where: c.of("v", live) + " = 0", Key: keys,
		Query: fmt.Sprintf("SELECT %s FROM %s o WHERE %s = 1", c.columns("o", by), table, c.of("o", live)),
	})
}

// IndexParents lets parents be searched by their keys, where the engine needs an index.
func IndexParents(d Dialect, l *Lookup, table string) Statement {
	_, _, by := l.parentColumns(d)
	return indexStage(d, table, by)
}

// AmbiguousParents selects the keys that staged rows look up and several parents
// have: the number of parents, then the keys' canonical texts; at most limit of them.
func AmbiguousParents(d Dialect, l *Lookup, table, stage string, limit int) Statement {
	c := composer{d: d}
	_, live, by := l.parentColumns(d)
	return c.first(limit, `SELECT d.%s, %s FROM (SELECT count(*) AS %s, %s FROM %s v WHERE %s = 1 GROUP BY %s HAVING count(*) > 1) d WHERE EXISTS (SELECT 1 FROM %s s WHERE %s) ORDER BY 2`,
		d.Quote(rowCount), join(by, ", ", func(b Column) string { return c.text("d", b) }), d.Quote(rowCount), c.columns("v", by), table, c.of("v", live), c.columns("v", by),
		stage, and(c.unsettled("s"), c.staged(l, "d")))
}

// staged is the condition that a staged row s looks up a parent.
func (c *composer) staged(l *Lookup, parent string) string {
	return joinIndexed(l.By, " AND ", func(i int, k LookupKey) string {
		by := k.Column
		by.Name = parentBy(i)
		return c.of(parent, by) + " = " + c.of("s", k.Staged)
	})
}
