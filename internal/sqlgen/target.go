package sqlgen

import (
	"slices"
	"strings"
)

// Target is one sync as the statements see it: the part of a table that it keeps
// in step, where its rows are staged, and what each operation writes.
type Target struct {
	Sync      string // address
	TableName string // as the configuration writes it
	Table     *Table
	Stage     string // from Dialect.StageTable
	// Draft holds the operations, named as by Dialect.StageTable, as long as they may change;
	// "" once they are in the register.
	Draft string

	// Key and Mapped are the staged columns; Key is among Mapped.
	Key, Mapped []Column
	// Lookups are those of Mapped that take the value of another table's column.
	Lookups []*Lookup
	// Compare holds, by name, the columns of which not every difference counts.
	Compare map[string]Compare
	// Ignored names mapped columns that only inserts write.
	Ignored []string
	// Scope and Parents mark the rows that are ours; both empty: all of them.
	Scope   []Set
	Parents []InParent
	// Buckets are those whose rows are staged, and compared; nil: all.
	Buckets *Buckets
	// KeyScopes holds, for each unique index on the key, the columns of Scope that it includes:
	// under another value of them the same key is another row. An empty set is an index on
	// the key alone, or no index.
	KeyScopes [][]Set
	// Adopt: rows of others under a key of ours are taken over, but for those that
	// one of Siblings, the configuration's other syncs of the table, has and did not archive.
	Adopt    bool
	Siblings []*Target
	// Renames: some records' keys change in place.
	Renames bool
	// ByTask: each staged row names its task, in TaskColumn.
	ByTask bool
	// Warns: staged rows have a WarningColumn.
	Warns bool

	// Missing is the operation on rows that the source lacks: archive, delete, or
	// "" to keep them.
	Missing          string
	Archive, Restore []Set
	// ArchivedIf says which rows are archived. Where it is nil, Archived is the column that marks
	// a row as archived when it holds an instant not after AsOf, a canonical text
	// that fits it; where both are nil nothing is ever archived.
	ArchivedIf *Predicate
	Archived   *Column
	AsOf       string
	// PurgeSince is the column by which rows are purged that were archived by
	// PurgeUntil, a canonical text that fits it; nil: none are.
	PurgeSince *Column
	PurgeUntil string
	// Protect says which rows are neither updated nor removed; nil: none.
	Protect *Predicate
	// Generated are columns that inserts take from a sequence.
	Generated []Generated
	// Stamps are the columns that each operation sets to now.
	Stamps map[string][]Column
	// Withheld are the operations that may not be done.
	Withheld []string

	// Whole: each operation writes whole rows, as those of a revert do (Wholly).
	Whole bool
	// Tells are columns besides Key that tell a whole row from others of its key.
	Tells []Column
	// KeyLookups are the sync's lookups in Key, by which the key documents of whole rows tell them, too.
	KeyLookups []*Lookup
}

// Generated is a column and the expression that is another number in each row inserted.
type Generated struct {
	Column Column
	Next   string
}

// InParent is the part of a scope that a parent's row decides.
type InParent struct {
	Column Column
	Parent *Table
	Ref    Column
	Where  []Set
}

// Set is a column and the canonical text of the constant that it is given.
type Set struct {
	Column Column
	Text   *string // nil for NULL
	Now    bool    // the instant of the apply instead
	// Template is what the text is made of instead; of Target.Archive only. It is cut to the size of
	// Column's type.
	Template []TextPart
}

// TextPart is a part of a text: one of its own, or the canonical text of what a column of the row
// holds, nothing for NULL.
type TextPart struct {
	Text   string
	Column *Column // nil: Text
}

// MadeOf reports whether the text is made of one of the columns.
func (s Set) MadeOf(columns []string) bool {
	return slices.ContainsFunc(s.Template, func(part TextPart) bool {
		return part.Column != nil && slices.Contains(columns, part.Column.Name)
	})
}

// The operations' names, as the register spells them.
const (
	opInsert   = "insert"
	opUpdate   = "update"
	opArchive  = "archive"
	opDelete   = "delete"
	opUndelete = "undelete"
	opRename   = "rename"
	opAdopt    = "adopt"
	opPurge    = "purge"
)

// written is what an operation writes to one column: a staged column's value, a
// constant, or the instant of the apply.
type written struct {
	Set
	staged bool
}

// writes lists what an operation writes, a column once. An explicit assignment
// wins over a stamp.
func (t *Target) writes(d Dialect, operation string) []written {
	var list []written
	add := func(w written) {
		if !slices.ContainsFunc(list, func(other written) bool { return other.Column.Name == w.Column.Name }) {
			list = append(list, w)
		}
	}
	staged := func(columns []Column) {
		for _, c := range columns {
			add(written{Set: Set{Column: c}, staged: true})
		}
	}
	constants := func(sets []Set) {
		for _, s := range sets {
			add(written{Set: s})
		}
	}
	if t.Whole {
		staged(t.wholeAfter(operation))
		return list
	}
	switch operation {
	case opInsert:
		staged(t.Mapped)
		constants(t.Scope)
		constants(t.Restore)
	case opUpdate:
		staged(t.Compared(d))
	case opRename:
		staged(t.Key)
		staged(t.Compared(d))
	case opUndelete:
		if t.Renames {
			staged(t.Key)
		}
		staged(t.Compared(d))
		constants(t.Restore)
	case opAdopt:
		constants(t.Scope)
		staged(t.Compared(d))
		constants(t.restoredByAdopting())
	case opArchive:
		constants(t.Archive)
	}
	for _, c := range t.Stamps[operation] {
		add(written{Set: Set{Column: c, Now: true}})
	}
	return list
}

// restoredByAdopting is Restore without the mapped columns that only inserts and undeletes
// write, but for those that tell archived rows: what is taken over is alive.
func (t *Target) restoredByAdopting() []Set {
	telling := t.ArchivedIf.columns()
	if t.Archived != nil {
		telling = append(telling, *t.Archived)
	}
	holds := func(columns []Column, name string) bool {
		return slices.ContainsFunc(columns, func(c Column) bool { return c.Name == name })
	}
	return slices.DeleteFunc(slices.Clone(t.Restore), func(s Set) bool {
		return holds(t.Mapped, s.Column.Name) && !holds(telling, s.Column.Name)
	})
}

// remembered lists the columns whose values before the operation the register
// keeps: those it writes and those it was planned on, or every column of a row
// that is deleted for good.
func (t *Target) remembered(d Dialect, operation string) []Column {
	switch {
	case operation == opInsert:
		return nil
	case operation == opDelete, operation == opPurge, t.Whole:
		return t.Table.Columns
	}
	var columns []Column
	if operation == opArchive {
		columns = slices.Clone(t.Mapped)
	}
	add := func(column Column) {
		if !slices.ContainsFunc(columns, func(c Column) bool { return c.Name == column.Name }) {
			columns = append(columns, column)
		}
	}
	for _, w := range t.writes(d, operation) {
		add(w.Column)
		for _, part := range w.Template {
			if part.Column != nil {
				add(*part.Column)
			}
		}
	}
	return columns
}

// field is a member of a document: a column's value, or, where by is not negative, one of the
// keys that its lookup goes by.
type field struct {
	Column
	lookup *Lookup
	by     int
}

func (f field) name() string {
	if f.by < 0 {
		return f.Name
	}
	return f.lookup.By[f.by].Staged.Name
}

// fields lists the members that stand for columns.
func (t *Target) fields(columns []Column) []field { return fieldsBy(columns, t.Lookups) }

// keyFields lists the members of key documents.
func (t *Target) keyFields() []field {
	if t.Whole {
		return fieldsBy(t.Key, t.KeyLookups)
	}
	return t.fields(t.Key)
}

func fieldsBy(columns []Column, lookups []*Lookup) []field {
	var out []field
	for _, c := range columns {
		lookup := lookupOf(lookups, c)
		out = append(out, field{c, lookup, -1})
		if lookup == nil {
			continue
		}
		for by := range lookup.By {
			out = append(out, field{c, lookup, by})
		}
	}
	return out
}

// WritesMore reports whether the database may make more of a row than what is written:
// triggers may, and generated columns do.
func (t *Target) WritesMore() bool {
	return t.Table.Triggers || slices.ContainsFunc(t.Table.Columns, func(c Column) bool { return c.Generated })
}

// Compared lists the columns whose difference makes an update: the mapped ones
// but for those ignored, and for key columns whose own equality already is exact.
func (t *Target) Compared(d Dialect) []Column {
	var columns []Column
	for _, c := range t.Mapped {
		isKey := slices.ContainsFunc(t.Key, func(k Column) bool { return k.Name == c.Name })
		if isKey && (isExact(d, c) || t.LookupOf(c) != nil) || slices.Contains(t.Ignored, c.Name) {
			continue
		}
		columns = append(columns, c)
	}
	return columns
}

func isExact(d Dialect, c Column) bool { return d.Comparable("x", c) == "x" }

// ours is the condition that a row of the table is in the scope; "1 = 1" where
// every row is.
func (c *composer) ours(t *Target, alias string) string {
	if len(t.Parents) == 0 {
		return c.within(t.Scope, alias)
	}
	parents := join(t.Parents, " AND ", func(p InParent) string { return c.inParent(p, alias) })
	if len(t.Scope) == 0 {
		return parents
	}
	return and(c.within(t.Scope, alias), parents)
}

// inParent is the condition that a row refers to a parent's row that makes it ours.
// It is never NULL.
func (c *composer) inParent(p InParent, alias string) string {
	return "EXISTS (SELECT 1 FROM " + p.Parent.Name + " o WHERE " +
		and(c.of("o", p.Ref)+" = "+c.of(alias, p.Column), c.within(p.Where, "o")) + ")"
}

// clashes is the condition that a row of the key, ours or not, is in the way of ours.
func (c *composer) clashes(t *Target, alias string) string {
	return or(join(t.KeyScopes, " OR ", func(scope []Set) string { return c.within(scope, alias) }))
}

func (c *composer) within(scope []Set, alias string) string {
	if len(scope) == 0 {
		return "1 = 1"
	}
	return join(scope, " AND ", func(s Set) string {
		if s.Text == nil {
			return c.of(alias, s.Column) + " IS NULL"
		}
		return c.d.Comparable(c.of(alias, s.Column), s.Column) + " = " +
			c.d.Comparable(c.d.FromText(c.bind(s.Text), s.Column), s.Column)
	})
}

// others is the opposite of ours, true also where a scope column is NULL.
func (c *composer) others(t *Target, alias string) string {
	conditions := make([]string, 0, len(t.Scope)+len(t.Parents))
	for _, s := range t.Scope {
		if s.Text == nil {
			conditions = append(conditions, c.of(alias, s.Column)+" IS NOT NULL")
			continue
		}
		conditions = append(conditions, c.distinct(c.d.Comparable(c.of(alias, s.Column), s.Column),
			c.d.Comparable(c.d.FromText(c.bind(s.Text), s.Column), s.Column)))
	}
	for _, p := range t.Parents {
		conditions = append(conditions, "NOT "+c.inParent(p, alias))
	}
	return or(conditions...)
}

// archives reports whether rows of the target can be archived.
func (t *Target) archives() bool { return t.Archived != nil || t.ArchivedIf != nil }

// archived is the condition that a row is archived. It is never NULL.
func (c *composer) archived(t *Target, alias string) string {
	return c.archivedBy(t, func(column Column) string { return c.of(alias, column) })
}

func (c *composer) archivedBy(t *Target, of func(Column) string) string {
	switch {
	case t.ArchivedIf != nil:
		return c.holds(t.ArchivedIf, of)
	case t.Archived == nil:
		return "1 = 0"
	}
	column := of(*t.Archived)
	return "(" + column + " IS NOT NULL AND " + column + " <= " + c.d.FromText(c.bindText(t.AsOf), *t.Archived) + ")"
}

// expired is the condition that an archived row is to be purged. It is never NULL.
func (c *composer) expired(t *Target, alias string) string {
	if t.PurgeSince == nil {
		return "1 = 0"
	}
	column := c.of(alias, *t.PurgeSince)
	return "(" + and(c.archived(t, alias), column+" IS NOT NULL", column+" <= "+c.d.FromText(c.bindText(t.PurgeUntil), *t.PurgeSince)) + ")"
}

// sameKey joins a row t with a staged row s by the key, the table's equality ruling.
func (c *composer) sameKey(t *Target) string {
	return join(t.Key, " AND ", func(k Column) string { return c.of("t", k) + " = " + c.of("s", k) })
}

func (c *composer) columns(alias string, columns []Column) string {
	return join(columns, ", ", func(column Column) string { return c.of(alias, column) })
}

// object is the JSON object of some columns of a row.
func (c *composer) object(alias string, columns []Column) string {
	members := make([]Member, len(columns))
	for i, column := range columns {
		members[i] = Member{Name: column.Name, Text: c.text(alias, column)}
	}
	return c.d.Object(members)
}

// literal is an SQL string literal of one of this package's own words.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
