package sqlgen

import (
	"slices"
	"strconv"
)

// IdentityOverrider is a Dialect whose engine lets an insert give a number to a column that it otherwise
// numbers by itself (Column.Identity).
type IdentityOverrider interface {
	// OverrideIdentity stands between an INSERT's columns and its SELECT.
	OverrideIdentity() string
}

// Respeller is a Dialect in which different stored values have one canonical text: what is not to change is better not
// written.
type Respeller interface {
	Respells()
	// Untyped reports whether a column keeps a value of any class as it is, so that its text does not tell which it was of.
	Untyped(c Column) bool
}

// wholeOperations are those that undo others.
func wholeOperations() []string {
	return []string{opInsert, opUpdate, opArchive, opDelete, opUndelete, opRename}
}

// Wholly returns the target whose operations write whole rows: every column but those that the database computes, and
// nothing of what a lifecycle adds. Of the sync it keeps the key and what is protected.
func (t *Target) Wholly() *Target {
	w := &Target{
		Sync: t.Sync, TableName: t.TableName, Table: t.Table, Key: t.Key, Protect: t.Protect, Whole: true,
		Mapped:     slices.DeleteFunc(slices.Clone(t.Table.Columns), computed),
		KeyLookups: slices.DeleteFunc(slices.Clone(t.Lookups), func(l *Lookup) bool { return !t.inKey(l) }),
	}
	byKey := func(index []string) bool {
		return !slices.ContainsFunc(index, func(name string) bool {
			return !slices.ContainsFunc(t.Key, func(k Column) bool { return k.Name == name })
		})
	}
	if slices.ContainsFunc(t.Table.Unique, byKey) {
		return w
	}
	tell := func(column Column) {
		same := func(other Column) bool { return other.Name == column.Name }
		if !slices.ContainsFunc(t.Key, same) && !slices.ContainsFunc(w.Tells, same) {
			w.Tells = append(w.Tells, column)
		}
	}
	for _, s := range t.Scope {
		if s.Text != nil {
			tell(s.Column)
		}
	}
	for _, p := range t.Parents {
		tell(p.Column)
	}
	return w
}

// computed reports whether not even a whole row's insert gives the column.
func computed(c Column) bool { return c.Generated && !c.Identity }

// wholeAfter lists the columns of whole rows that an operation writes.
func (t *Target) wholeAfter(operation string) []Column {
	if operation == opDelete || operation == opPurge {
		return nil
	}
	return t.Mapped
}

// identity is the columns by which a row is found.
func (t *Target) identity() []Column { return append(slices.Clone(t.Key), t.Tells...) }

// changeable are those of a whole row that can be changed: what the database numbers keeps its number.
func changeable(list []written) []written {
	return slices.DeleteFunc(list, func(w written) bool { return w.Column.Generated })
}

// overriding lets an insert of whole rows number them.
func overriding(d Dialect, list []written) string {
	o, ok := d.(IdentityOverrider)
	if !ok || !slices.ContainsFunc(list, func(w written) bool { return w.Column.Identity }) {
		return ""
	}
	return " " + o.OverrideIdentity()
}

// keeping is the value given to a column of row t, which stays untouched where a whole row's operation x does not
// change it.
func (c *composer) keeping(t *Target, operation string, column Column, value string) string {
	if _, ok := c.d.(Respeller); !ok || !t.Whole {
		return value
	}
	return "CASE WHEN " + c.d.Same(c.afterText(t, operation)(column), c.beforeText(t)(column)) + " THEN " + c.of("t", column) + " ELSE " + value + " END"
}

// afterText and beforeText return what the documents x of whole rows hold of a column.
func (c *composer) afterText(t *Target, operation string) func(Column) string {
	return func(column Column) string { return "x.a" + strconv.Itoa(t.memberOf(c.d, operation, column.Name)) }
}

func (c *composer) beforeText(t *Target) func(Column) string {
	return func(column Column) string { return "x.b" + strconv.Itoa(t.tableIndex(column)) }
}

// told is the conditions that row alias is the one, of those of its key, that operation x is about.
func (c *composer) told(t *Target, alias string) []string {
	conditions := make([]string, len(t.Tells))
	for i, column := range t.Tells {
		conditions[i] = c.d.Same(c.text(alias, column), c.beforeText(t)(column))
	}
	return conditions
}

// taken is the condition that row alias is in the way of a row of which text has the canonical texts.
func (c *composer) taken(t *Target, alias string, text func(Column) string) string {
	return or(join(t.uniques(), " OR ", func(unique []Column) string { return "(" + c.holdsSame(alias, unique, text) + ")" }))
}

func (c *composer) holdsSame(alias string, columns []Column, text func(Column) string) string {
	return join(columns, " AND ", func(column Column) string {
		return c.of(alias, column) + " = " + c.d.FromText(text(column), column)
	})
}

// uniques are what no two rows may share, by the indexes of the table, and what tells rows where none does.
func (t *Target) uniques() [][]Column {
	var all [][]Column
	told := false
	for _, index := range t.Table.Unique {
		columns := make([]Column, 0, len(index))
		for _, name := range index {
			if column, ok := t.Table.Column(name); ok {
				columns = append(columns, column)
			}
		}
		if len(columns) < len(index) || slices.ContainsFunc(columns, computed) {
			continue
		}
		all = append(all, columns)
		told = told || !slices.ContainsFunc(t.Key, func(k Column) bool { return !slices.Contains(index, k.Name) })
	}
	if !told {
		all = append(all, t.identity())
	}
	return all
}

// notThere is the condition that the row of insert x is not there.
func (c *composer) notThere(t *Target) string {
	return "CASE WHEN EXISTS (SELECT 1 FROM " + t.Table.Name + " t WHERE " + c.taken(t, "t", c.afterText(t, opInsert)) + ") THEN 0 ELSE 1 END = 1"
}

// ownReferences are the foreign keys by which rows of the table refer to others of it.
func (t *Table) ownReferences() []ForeignKey {
	return slices.DeleteFunc(slices.Clone(t.References), func(key ForeignKey) bool { return key.Table != t.Name })
}

// unknownReferences is the condition that operation x lets its row refer to one of its table that is not there.
func (c *composer) unknownReferences(t *Target, operation string) string {
	text := c.afterText(t, operation)
	var conditions []string
	for _, key := range t.Table.ownReferences() {
		var given, found, self []string
		for i, name := range key.Columns {
			own, known := t.Table.Column(name)
			parent, ok := t.Table.Column(key.ParentColumns[i])
			if !known || !ok || computed(own) || computed(parent) {
				given = nil
				break
			}
			given = append(given, text(own)+" IS NOT NULL")
			found = append(found, c.of("p", parent)+" = "+c.d.FromText(text(own), parent))
			self = append(self, c.d.Same(text(own), text(parent)))
		}
		if len(given) > 0 {
			conditions = append(conditions, "("+and(append(given, "NOT ("+and(self...)+")", "NOT EXISTS (SELECT 1 FROM "+t.Table.Name+" p WHERE "+and(found...)+")")...)+")")
		}
	}
	if len(conditions) == 0 {
		return "(1 = 0)"
	}
	return or(conditions...)
}
