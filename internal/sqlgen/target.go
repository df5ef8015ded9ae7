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

	// Key and Mapped are the staged columns; Key is among Mapped.
	Key, Mapped []Column
	// Ignored names mapped columns that only inserts write.
	Ignored []string
	// Scope marks the rows that are ours; empty: all of them.
	Scope []Set
	// KeyScopes holds, for each unique index on the key, the columns of Scope that it includes:
	// under another value of them the same key is another row. An empty set is an index on
	// the key alone, or no index.
	KeyScopes [][]Set

	// Missing is the operation on rows that the source lacks: archive, delete, or
	// "" to keep them.
	Missing          string
	Archive, Restore []Set
	// Archived is the column that marks a row as archived when it holds an instant
	// not after AsOf, a canonical text that fits it; nil where nothing is ever archived.
	Archived *Column
	AsOf     string
	// Stamps are the columns that each operation sets to now.
	Stamps map[string][]Column
	// Withheld are the operations that may not be done.
	Withheld []string
}

// Set is a column and the canonical text of the constant that it is given.
type Set struct {
	Column Column
	Text   *string // nil for NULL
	Now    bool    // the instant of the apply instead
}

// The operations' names, as the register spells them.
const (
	opInsert   = "insert"
	opUpdate   = "update"
	opArchive  = "archive"
	opDelete   = "delete"
	opUndelete = "undelete"
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
	switch operation {
	case opInsert:
		for _, c := range t.Mapped {
			add(written{Set: Set{Column: c}, staged: true})
		}
		for _, s := range slices.Concat(t.Scope, t.Restore) {
			add(written{Set: s})
		}
	case opUpdate, opUndelete:
		for _, c := range t.Compared(d) {
			add(written{Set: Set{Column: c}, staged: true})
		}
		if operation == opUndelete {
			for _, s := range t.Restore {
				add(written{Set: s})
			}
		}
	case opArchive:
		for _, s := range t.Archive {
			add(written{Set: s})
		}
	}
	for _, c := range t.Stamps[operation] {
		add(written{Set: Set{Column: c, Now: true}})
	}
	return list
}

// remembered lists the columns whose values before the operation the register
// keeps: those it writes and those it was planned on, or every column of a row
// that is deleted for good.
func (t *Target) remembered(d Dialect, operation string) []Column {
	switch operation {
	case opInsert:
		return nil
	case opDelete:
		return t.Table.Columns
	}
	var columns []Column
	if operation == opArchive {
		columns = slices.Clone(t.Mapped)
	}
	for _, w := range t.writes(d, operation) {
		if !slices.ContainsFunc(columns, func(c Column) bool { return c.Name == w.Column.Name }) {
			columns = append(columns, w.Column)
		}
	}
	return columns
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
		if isKey && isExact(d, c) || slices.Contains(t.Ignored, c.Name) {
			continue
		}
		columns = append(columns, c)
	}
	return columns
}

func isExact(d Dialect, c Column) bool { return d.Comparable("x", c) == "x" }

// ours is the condition that a row of the table is in the scope; "1 = 1" where
// every row is.
func (c *composer) ours(t *Target, alias string) string { return c.within(t.Scope, alias) }

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
	return or(join(t.Scope, " OR ", func(s Set) string {
		if s.Text == nil {
			return c.of(alias, s.Column) + " IS NOT NULL"
		}
		return c.d.Comparable(c.of(alias, s.Column), s.Column) + " IS DISTINCT FROM " +
			c.d.Comparable(c.d.FromText(c.bind(s.Text), s.Column), s.Column)
	}))
}

// archived is the condition that a row is archived. It is never NULL.
func (c *composer) archived(t *Target, alias string) string {
	if t.Archived == nil {
		return "1 = 0"
	}
	column := c.of(alias, *t.Archived)
	return "(" + column + " IS NOT NULL AND " + column + " <= " + c.d.FromText(c.bindText(t.AsOf), *t.Archived) + ")"
}

// sameKey joins two rows by the key's columns, the left one's equality ruling.
func (c *composer) sameKey(t *Target, left, right string) string {
	return join(t.Key, " AND ", func(k Column) string { return c.of(left, k) + " = " + c.of(right, k) })
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
