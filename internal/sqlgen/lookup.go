package sqlgen

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
)

// Lookup is a mapped column whose value is that of another table's column.
type Lookup struct {
	Column Column // of the target's table
	Parent *Table
	Ref    Column // the parent's column whose value is taken
	By     []LookupKey
	// Archived: archived rows of the parent count too.
	Archived bool
	// Null: what is not found becomes NULL.
	Null bool
	// Sensitive: findings do not say what was not found.
	Sensitive bool
	// Owners are the syncs of the configuration that write the parent, by which its
	// archived rows are told.
	Owners []*Target
}

// LookupKey is a column of a lookup's parent.
type LookupKey struct {
	Column Column // of the parent
	Staged Column // that holds the value wanted, in the stage; it has Column's type
}

// LookupOf returns the lookup of a mapped column, or nil.
func (t *Target) LookupOf(c Column) *Lookup {
	for _, l := range t.Lookups {
		if l.Column.Name == c.Name {
			return l
		}
	}
	return nil
}

// Self reports whether the lookup goes into the target's own table.
func (t *Target) Self(l *Lookup) bool { return l.Parent.Name == t.Table.Name }

// inKey reports whether the lookup's column is part of the key.
func (t *Target) inKey(l *Lookup) bool {
	return slices.ContainsFunc(t.Key, func(k Column) bool { return k.Name == l.Column.Name })
}

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
	return Statement{SQL: d.CreateStage(table, append([]Column{ref, l.then(), live}, by...))}
}

// FillParents fills it with the parent table's rows as they are.
func FillParents(d Dialect, l *Lookup, table string) Statement {
	c := composer{d: d}
	ref, live, by := l.parentColumns(d)
	// A row that has no value for others to refer to is not one that is still to be inserted.
	return c.statement(`INSERT INTO %s (%s) SELECT %s, %s, CASE WHEN %s IS NULL OR %s THEN 0 ELSE 1 END, %s FROM %s AS p`,
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
	return Statement{SQL: indexer.IndexReference(table, ref)}
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
	return fmt.Sprintf("(SELECT %s AS ref%s FROM %s AS x JOIN %s AS p ON %s)", c.of("p", l.Ref), output, c.operations(owner, b), l.Parent.Name,
		and(c.keyOf(owner, "p"), whose))
}

func (c *composer) markParents(l *Lookup, table string, owner *Target, b Batch, live string) Statement {
	return c.statement(`UPDATE %s AS v SET %s = %s FROM %s AS y WHERE v.%s = y.ref`,
		table, c.d.Quote(parentLive), live, c.concerned(l, owner, b, ""), c.d.Quote(parentRef))
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
	var output, sets string
	add := func(set string) {
		if sets != "" {
			sets += ", "
		}
		sets += set
	}
	then := "v." + c.d.Quote(parentLive)
	if alive != "" {
		output += ", " + alive + " AS alive"
		then = "y.alive"
	}
	at := owner.memberOf(c.d, b.Operation, l.Ref.Name)
	if at >= 0 {
		output += ", x.a" + strconv.Itoa(at) + " AS wr"
		add(c.d.Quote(parentThen) + " = " + c.d.FromText("y.wr", l.Ref))
		if owner.LookupOf(l.Ref) == nil {
			then = "CASE WHEN y.wr IS NULL THEN 0 ELSE " + then + " END"
		}
	}
	if alive != "" || at >= 0 {
		add(c.d.Quote(parentLive) + " = " + then)
	}
	for i, k := range l.By {
		at := owner.memberOf(c.d, b.Operation, k.Column.Name)
		if at < 0 {
			continue
		}
		output += ", x.a" + strconv.Itoa(at) + " AS w" + strconv.Itoa(i)
		add(c.d.Quote(parentBy(i)) + " = " + c.d.FromText("y.w"+strconv.Itoa(i), k.Column))
	}
	if sets == "" {
		return Statement{}
	}
	return c.statement(`UPDATE %s AS v SET %s FROM %s AS y WHERE v.%s = y.ref`,
		table, sets, c.concerned(l, owner, b, output), c.d.Quote(parentRef))
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
	return c.statement(`INSERT INTO %s (%s) SELECT %s FROM %s AS x`,
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
	return c.statement(`INSERT INTO %s (%s) SELECT %s, %s, 0, %s FROM %s JOIN %s AS p ON %s WHERE %s`,
		table, join(append([]Column{ref, l.then(), live}, by...), ", ", func(column Column) string { return d.Quote(column.Name) }),
		c.of("p", l.Ref), c.of("p", l.Ref), values, c.moves(owner, moves), l.Parent.Name, or(c.movedKey(owner, "p", "f"), c.movedKey(owner, "p", "g")), c.ours(owner, "p"))
}

// DropBuried removes parents that do not count where another of the same keys does.
func DropBuried(d Dialect, l *Lookup, table string) Statement {
	c := composer{d: d}
	_, live, by := l.parentColumns(d)
	return c.statement(`DELETE FROM %s AS v WHERE %s = 0 AND EXISTS (SELECT 1 FROM %s AS o WHERE %s = 1 AND %s)`,
		table, c.of("v", live), table, c.of("o", live), join(by, " AND ", func(b Column) string { return c.of("o", b) + " = " + c.of("v", b) }))
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
	return c.statement(`SELECT d.`+rowCount+`, %s FROM (SELECT count(*) AS `+rowCount+`, %s FROM %s AS v WHERE %s = 1 GROUP BY %s HAVING count(*) > 1) AS d WHERE EXISTS (SELECT 1 FROM %s AS s WHERE %s) ORDER BY 2 LIMIT %d`,
		join(by, ", ", func(b Column) string { return c.text("d", b) }), c.columns("v", by), table, c.of("v", live), c.columns("v", by),
		stage, and(c.unsettled("s"), c.staged(l, "d")), limit)
}

// staged is the condition that a staged row s looks up a parent.
func (c *composer) staged(l *Lookup, parent string) string {
	return joinIndexed(l.By, " AND ", func(i int, k LookupKey) string {
		by := k.Column
		by.Name = parentBy(i)
		return c.of(parent, by) + " = " + c.of("s", k.Staged)
	})
}

// ResolvedColumns lists the columns of a stage whose lookups are resolved.
func (t *Target) ResolvedColumns(d Dialect) []Column {
	columns := slices.Clone(t.Mapped)
	for _, l := range t.Lookups {
		for _, k := range l.By {
			columns = append(columns, k.Staged)
		}
	}
	columns = append(columns, SkipColumn(d))
	if t.Warns {
		columns = append(columns, WarningColumn(d))
	}
	if t.ByTask {
		columns = append(columns, TaskColumn(d))
	}
	return columns
}

// CreateResolved creates the stage whose lookups are resolved, under the name t.Stage.
func CreateResolved(d Dialect, t *Target) Statement {
	return Statement{SQL: d.CreateStage(t.Stage, t.ResolvedColumns(d))}
}

// Resolve fills the stage t.Stage from the loaded one, each lookup's column with the parent's value, or
// NULL for a parent that the plan inserts. parents names the table of each of t.Lookups; "" leaves
// its lookup alone, with NULL. A row with a lookup that finds nothing is rejected, or has NULL
// and no keys, as the lookup says. A rejected row may stand there more than once.
func Resolve(d Dialect, t *Target, loaded string, parents []string) Statement {
	c := composer{d: d}
	from := []string{loaded + " AS s"}
	skip := c.of("s", SkipColumn(d))
	rejects := []string{"CASE WHEN " + skip + " IS NOT NULL THEN " + skip}
	found := map[string]string{} // by column
	for i, l := range t.Lookups {
		if parents[i] == "" {
			continue
		}
		alias := "v" + strconv.Itoa(i)
		_, live, _ := l.parentColumns(d)
		on := c.staged(l, alias)
		if l.Null || !t.inKey(l) {
			on = and(on, c.of(alias, live)+" = 1")
		}
		from = append(from, parents[i]+" AS "+alias+" ON "+on)
		first := c.of("s", l.By[0].Staged)
		found[l.Column.Name] = c.of(alias, l.then())
		if l.Null {
			for _, k := range l.By {
				found[k.Staged.Name] = "CASE WHEN " + c.of(alias, live) + " = 1 THEN " + c.of("s", k.Staged) + " END"
			}
			continue
		}
		missing := first + " IS NOT NULL AND coalesce(" + c.of(alias, live) + ", 0) = 0"
		if t.ByTask {
			// What is to be removed may well refer to what goes, too; where it refers to
			// nothing at all, there is nothing to remove.
			missing = and(missing, c.of("s", TaskColumn(d))+" <> "+literal(opDelete))
		}
		rejects = append(rejects, missing+" THEN "+c.nothingFound(l))
	}
	columns := t.ResolvedColumns(d)
	values := join(columns, ", ", func(column Column) string {
		if value, ok := found[column.Name]; ok {
			return value
		}
		switch {
		case column.Name == SkipColumn(d).Name:
			return strings.Join(rejects, " WHEN ") + " END"
		case t.LookupOf(column) != nil:
			return "NULL"
		default:
			return c.of("s", column)
		}
	})
	return c.statement(`INSERT INTO %s (%s) SELECT %s FROM %s`,
		t.Stage, join(columns, ", ", func(column Column) string { return d.Quote(column.Name) }), values, strings.Join(from, " LEFT JOIN "))
}

// nothingFound is the message of a lookup that finds nothing.
func (c *composer) nothingFound(l *Lookup) string {
	return literal(l.Column.Name+": no row of the looked-up table has ") + " || " + join(l.By, " || ' and ' || ", func(k LookupKey) string {
		if l.Sensitive {
			return literal(k.Column.Name + " = (sensitive)")
		}
		return literal(k.Column.Name+` = "`) + " || substr(" + c.d.Canonical(c.of("s", k.Staged), k.Column) + ", 1, 60) || " + literal(`"`)
	})
}

// RecordUnresolved writes a finding for each row whose lookup found nothing and is NULL
// for it, and whose keys the loaded stage has.
func RecordUnresolved(d Dialect, t *Target, l *Lookup, loaded, parents, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	_, live, _ := l.parentColumns(d)
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, kind, %s, message)
SELECT %s, %s, %s, 'unresolved', %s, %s FROM %s AS s WHERE %s`,
		d.RegisterTable("finding"), d.Quote("key"), c.bindText(planID), c.number(firstSeq, c.stagedObject(t)), c.bindText(t.Sync), c.stagedObject(t), c.nothingFound(l),
		loaded, and(c.unsettled("s"), c.of("s", l.By[0].Staged)+" IS NOT NULL",
			fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s AS v WHERE %s AND %s = 1)", parents, c.staged(l, "v"), c.of("v", live))))
}

// pending is the condition that a resolved row refers to a parent that the plan inserts.
func (c *composer) pending(l *Lookup, alias string) string {
	return "(" + and(c.unsettled(alias), c.of(alias, l.Column)+" IS NULL", c.of(alias, l.By[0].Staged)+" IS NOT NULL") + ")"
}

// ParentChange is the operations of one kind, of a sync that writes a parent's table.
type ParentChange struct {
	Planned
	Operation string
}

// RejectOutside rejects the resolved rows whose parent is there and not one that makes a row
// ours, or will not be one when the changes are done. Where it is one only then, what is there already
// below it is not read as ours yet, and stays until the next plan.
func RejectOutside(d Dialect, t *Target, changes ...ParentChange) Statement {
	c := composer{d: d}
	var conditions []string
	for _, p := range t.Parents {
		outside := []string{c.of("s", p.Column) + " IS NOT NULL", "NOT " + c.inParent(p, "s")}
		for _, change := range changes {
			if entering := c.entering(p, change); entering != "" {
				outside = append(outside, "("+c.of("s", p.Column)+" NOT IN ("+entering+") OR EXISTS (SELECT 1 FROM "+t.Table.Name+" AS t WHERE "+and(c.sameKey(t), c.others(t, "t"))+"))")
			}
		}
		conditions = append(conditions, "("+and(outside...)+")")
		none := c.of("s", p.Column) + " IS NULL"
		if l := t.LookupOf(p.Column); l != nil {
			none = "(" + and(none, c.of("s", l.By[0].Staged)+" IS NULL") + ")"
		}
		conditions = append(conditions, none)
		for _, change := range changes {
			if leaving := c.leaving(p, change); leaving != "" {
				conditions = append(conditions, c.of("s", p.Column)+" IN ("+leaving+")")
			}
		}
	}
	return c.statement(`UPDATE %s AS s SET %s = %s WHERE %s AND %s`,
		t.Stage, d.Quote(SkipColumn(d).Name), literal("its parent's row is outside of the scope"), c.unsettled("s"), or(conditions...))
}

// leaving selects the parents that a change takes out of the scope; "" where it takes none.
func (c *composer) leaving(p InParent, change ParentChange) string {
	t := change.Target
	if t.Table.Name != p.Parent.Name {
		return ""
	}
	var conditions []string
	for _, set := range p.Where {
		if at := t.memberOf(c.d, change.Operation, set.Column.Name); at >= 0 {
			conditions = append(conditions, "x.a"+strconv.Itoa(at)+" IS DISTINCT FROM "+c.bind(set.Text))
		}
	}
	if len(conditions) == 0 {
		return ""
	}
	return c.changed(p, change) + or(conditions...)
}

// entering selects the parents that a change brings into the scope; "" where it brings none.
func (c *composer) entering(p InParent, change ParentChange) string {
	t := change.Target
	if t.Table.Name != p.Parent.Name {
		return ""
	}
	conditions := []string{c.of("o", p.Ref) + " IS NOT NULL"}
	brings := false
	for _, set := range p.Where {
		if at := t.memberOf(c.d, change.Operation, set.Column.Name); at >= 0 {
			conditions = append(conditions, "x.a"+strconv.Itoa(at)+" IS NOT DISTINCT FROM "+c.bind(set.Text))
			brings = true
		} else {
			conditions = append(conditions, c.within([]Set{set}, "o"))
		}
	}
	if !brings {
		return ""
	}
	return c.changed(p, change) + and(conditions...)
}

// changed selects the parents that a change is about, under a condition to be added.
func (c *composer) changed(p InParent, change ParentChange) string {
	t := change.Target
	return "SELECT " + c.of("o", p.Ref) + " FROM " + c.operations(t, change.batch(change.Operation)) + " AS x JOIN " + t.Table.Name + " AS o ON " +
		and(c.keyOf(t, "o"), c.whose(t, change.Operation, "o")) + " WHERE "
}

// UnresolvedKeys selects the keys that staged rows look up and no parent has: the number of rows,
// then the keys' canonical texts; at most limit of them.
func UnresolvedKeys(d Dialect, l *Lookup, loaded, parents string, limit int) Statement {
	c := composer{d: d}
	_, live, _ := l.parentColumns(d)
	keys := make([]Column, len(l.By))
	for i, k := range l.By {
		keys[i] = k.Staged
	}
	return c.statement(`SELECT d.`+rowCount+`, %s FROM (SELECT count(*) AS `+rowCount+`, %s FROM %s AS s WHERE %s GROUP BY %s) AS d ORDER BY 2 LIMIT %d`,
		join(keys, ", ", func(k Column) string { return c.text("d", k) }), c.columns("s", keys), loaded,
		and(c.unsettled("s"), c.of("s", keys[0])+" IS NOT NULL",
			fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s AS v WHERE %s AND %s = 1)", parents, c.staged(l, "v"), c.of("v", live))),
		c.columns("s", keys), limit)
}

// KeepRejects rejects in the loaded stage what is rejected in the resolved one.
func KeepRejects(d Dialect, t *Target, loaded string) Statement {
	c := composer{d: d}
	return c.statement(`UPDATE %s AS s SET %s = %s FROM %s AS r WHERE %s`, loaded, d.Quote(SkipColumn(d).Name), c.of("r", SkipColumn(d)), t.Stage,
		and(join(t.stagedKey(), " AND ", func(k Column) string { return c.of("s", k) + " = " + c.of("r", k) }),
			c.unsettled("s"), c.of("r", SkipColumn(d))+" IS NOT NULL"))
}

// DuplicateResolvedKeys selects the keys of staged rows that are one once their lookups are resolved: the
// number of rows, then the texts of the key, named as by StagedKeyNames; at most limit of them;
// an empty statement where the key has no lookup.
func DuplicateResolvedKeys(d Dialect, t *Target, limit int) Statement {
	if !slices.ContainsFunc(t.Lookups, t.inKey) {
		return Statement{}
	}
	c := composer{d: d}
	staged := t.stagedKey()
	known := join(t.Key, " AND ", func(k Column) string { return c.of("s", k) + " IS NOT NULL" })
	partition := t.Key
	if t.ByTask {
		partition = append(slices.Clone(partition), TaskColumn(d))
	}
	return c.statement(`SELECT d.`+rowCount+`, %s FROM (SELECT count(*) OVER (PARTITION BY %s) AS `+rowCount+`, %s FROM %s AS s WHERE %s) AS d WHERE d.`+rowCount+` > 1 ORDER BY %s LIMIT %d`,
		join(staged, ", ", func(k Column) string { return c.text("d", k) }), c.columns("s", partition), c.columns("s", staged), t.Stage, and(c.unsettled("s"), known),
		joinIndexed(staged, ", ", func(i int, _ Column) string { return strconv.Itoa(i + 2) }), limit)
}

// IndexResolved is IndexStage for the stage whose lookups are resolved.
func IndexResolved(d Dialect, t *Target) Statement { return indexStage(d, t.Stage, t.Key) }

// Empty deletes every row of a staging table.
func Empty(stage string) Statement { return Statement{SQL: "DELETE FROM " + stage} }
