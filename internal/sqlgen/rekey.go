package sqlgen

import (
	"slices"
	"strconv"
	"strings"
)

// Rewrites lists the columns that an operation may change in rows that are there; none where it
// changes none, or may not be done.
func (t *Target) Rewrites(d Dialect, operation string) []Column {
	may := t.Whole && operation != opInsert && operation != opDelete
	switch operation {
	case opUpdate:
		may = true
	case opRename:
		may = may || t.Renames
	case opUndelete:
		may = may || t.archives()
	case opAdopt:
		may = may || t.Adopt
	case opArchive:
		may = may || t.Missing == opArchive
	}
	if !may || slices.Contains(t.Withheld, operation) {
		return nil
	}
	var columns []Column
	for _, w := range t.writes(d, operation) {
		isKey := slices.ContainsFunc(t.Key, func(k Column) bool { return k.Name == w.Column.Name })
		if operation == opUndelete && isKey && slices.Contains(t.Withheld, opRename) {
			continue // under its own key only
		}
		columns = append(columns, w.Column)
	}
	return columns
}

// Rekeyed is the table, named as by Dialect.StageTable, of the rows of which a plan changes the
// columns that a foreign key refers to, by what these hold before.
type Rekeyed struct {
	Table string
	Key   ForeignKey
}

func (r Rekeyed) columns(d Dialect, parent *Table) []Column {
	columns := []Column{heldColumn(d)}
	for i, name := range r.Key.ParentColumns {
		column, _ := parent.Column(name)
		column.Name = rekeyedName(i)
		columns = append(columns, column)
	}
	return columns
}

func rekeyedName(i int) string { return "p" + strconv.Itoa(i) }

// CreateRekeyed creates the table; IndexRekeyed lets it be searched, where the engine needs an
// index.
func CreateRekeyed(d Dialect, r Rekeyed, parent *Table) Statement {
	return Statement{Defines: true, SQL: d.CreateStage(r.Table, r.columns(d, parent))}
}

// IndexRekeyed is explained at CreateRekeyed.
func IndexRekeyed(d Dialect, r Rekeyed, parent *Table) Statement {
	return indexStage(d, r.Table, r.columns(d, parent)[1:])
}

// FillRekeyed fills it with the rows of an operation; an empty statement where that never changes
// what the foreign key refers to.
func FillRekeyed(d Dialect, r Rekeyed, parent Planned, operation string) Statement {
	c := composer{d: d}
	t := parent.Target
	condition := c.rekeys(t, operation, r.Key)
	if condition == "" {
		return Statement{}
	}
	return c.statement(`INSERT INTO %s (%s) SELECT x.seq, %s FROM %s x JOIN %s t ON %s WHERE %s`, r.Table,
		join(r.columns(d, t.Table), ", ", func(column Column) string { return d.Quote(column.Name) }),
		join(r.Key.ParentColumns, ", ", func(name string) string { return "t." + d.Quote(name) }),
		c.operations(t, parent.batch(operation)), t.Table.Name, and(c.keyOf(t, "t"), c.whose(t, operation, "t")), condition)
}

// rekeys is the condition that operation x changes what a foreign key refers to in row t; "" where it
// never does.
func (c *composer) rekeys(t *Target, operation string, key ForeignKey) string {
	var conditions []string
	for _, w := range t.writes(c.d, operation) {
		if !slices.Contains(key.ParentColumns, w.Column.Name) {
			continue
		}
		at := t.memberOf(c.d, operation, w.Column.Name)
		if w.Now || at < 0 {
			return "1 = 1"
		}
		conditions = append(conditions, c.distinct(c.of("t", w.Column), c.d.FromText("x.a"+strconv.Itoa(at), w.Column)))
	}
	if len(conditions) == 0 {
		return ""
	}
	return or(conditions...)
}

// Leaver is a target of the referring table with the operations after which its rows count no
// more: those that delete them, and those that let them refer to others.
type Leaver struct {
	Planned
	Operations []string
}

// LeavingBefore lists the operations on referring rows that the database sees done when it checks an
// operation on the rows that they refer to. same: both are of one target; late: the referring
// table's rows are themselves referred to, and deleted last.
func LeavingBefore(operation string, key ForeignKey, same, late bool) []string {
	if operation == opDelete || operation == opPurge || key.Deferred {
		return []string{opArchive, opDelete, opPurge, opUpdate, opUndelete, opRename, opAdopt}
	}
	operations := []string{opArchive}
	if !late {
		operations = append(operations, opDelete, opPurge)
	}
	if same && !slices.Contains(operations, operation) {
		operations = append(operations, operation)
	}
	return operations
}

// CountRekeyed counts the rows that refer, by the foreign key, to rows in the table, and those that they
// refer to. Rows that leave do not count.
func CountRekeyed(d Dialect, r Rekeyed, leavers []Leaver) Statement {
	c := composer{d: d}
	on := joinIndexed(r.Key.Columns, " AND ", func(i int, column string) string {
		return "g." + d.Quote(rekeyedName(i)) + " = f." + d.Quote(column)
	})
	return c.statement(`SELECT count(*), count(DISTINCT g.%s) FROM %s f JOIN %s g ON %s WHERE %s`,
		d.Quote(heldColumn(d).Name), r.Key.Table, r.Table, on, c.stays(r.Key, leavers, "f"))
}

// stays is the condition that a referring row goes on referring to what it does.
func (c *composer) stays(key ForeignKey, leavers []Leaver, alias string) string {
	conditions := []string{"1 = 1"}
	for _, l := range leavers {
		var leaves []string
		for _, operation := range l.Operations {
			condition := "1 = 1"
			if operation != opDelete && operation != opPurge {
				if len(l.Target.Rewrites(c.d, operation)) == 0 {
					continue
				}
				if condition = c.elsewhere(l.Target, operation, key); condition == "" {
					continue
				}
			}
			leaves = append(leaves, "("+and(c.whose(l.Target, operation, alias), c.keyAmong(l.Planned, operation, alias, condition))+")")
		}
		if len(leaves) > 0 {
			// A key that holds NULL is among none.
			conditions = append(conditions, "(CASE WHEN "+strings.Join(leaves, " OR ")+" THEN 1 ELSE 0 END = 0)")
		}
	}
	return and(conditions...)
}

// Referred selects the keys (as JSON) of a batch's operations that rows of another table, or of the same, are
// in the way of: they refer, by the foreign key, to what the operation deletes or changes. At most
// limit of them; an empty statement where the operation takes nothing away that is referred to.
func Referred(d Dialect, parent Planned, operation string, key ForeignKey, leavers []Leaver, limit int) Statement {
	c := composer{d: d}
	t := parent.Target
	condition := "1 = 1"
	if operation != opDelete && operation != opPurge {
		if condition = c.rekeys(t, operation, key); condition == "" {
			return Statement{}
		}
	}
	on := joinIndexed(key.Columns, " AND ", func(i int, column string) string {
		return "t." + d.Quote(key.ParentColumns[i]) + " = f." + d.Quote(column)
	})
	b := parent.batch(operation)
	sequences := "SELECT x.seq FROM " + c.operations(t, b) + " x JOIN " + t.Table.Name + " t ON " + and(c.keyOf(t, "t"), c.whose(t, operation, "t")) +
		" JOIN " + key.Table + " f ON " + on + " WHERE " + and(condition, c.stays(key, leavers, "f"))
	return c.keys(b, sequences, limit)
}
