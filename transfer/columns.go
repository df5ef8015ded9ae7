package transfer

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers/bundle"
)

// mapping maps the columns of a bundle's sync, as they are, to those of a table here.
type mapping struct {
	config.Diagnostics
	from  *bundle.Sync
	to    *config.Sync
	table *sqlgen.Table
	loc   *time.Location
	taken map[string]string // columns of the table, and the bundle's that became them
}

// columns returns what an import writes: every column that the bundle has, but for those that the database or the scope gives.
// Those that the configuration maps come first, so that keys are spelt as by the sync itself.
func (m *mapping) columns() []config.Column {
	var mapped []config.Column
	for i := range m.from.Columns {
		if c := &m.from.Columns[i]; c.Lookup == "" && !c.Generated {
			mapped = m.column(mapped, c)
		}
	}
	place := func(c config.Column) int {
		if i := slices.IndexFunc(m.to.Columns, func(own config.Column) bool { return own.Name == c.Name }); i >= 0 {
			return i
		}
		return len(m.to.Columns)
	}
	slices.SortStableFunc(mapped, func(a, b config.Column) int { return place(a) - place(b) })
	for _, key := range m.to.Destination.Key {
		if !slices.ContainsFunc(mapped, func(c config.Column) bool { return c.Name == key }) {
			m.Errorf(m.to.Destination.KeyRange, "Another key", "%s has the key (%s) here, and the bundle's rows of it, whose key is (%s), have no such column %q: one row here could not be told from another there. Give it the same key.",
				m.to.Address, strings.Join(m.to.Destination.Key, ", "), strings.Join(m.from.Key, ", "), key)
			return mapped
		}
	}
	if !sameNames(m.from.Key, m.to.Destination.Key) {
		m.Errorf(m.to.Destination.KeyRange, "Another key", "%s has the key (%s) here, and the bundle's rows of it have the key (%s): one row here could be several there. Give it the same key.",
			m.to.Address, strings.Join(m.to.Destination.Key, ", "), strings.Join(m.from.Key, ", "))
	}
	return mapped
}

func sameNames(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	return !slices.ContainsFunc(a, func(one string) bool {
		return !slices.ContainsFunc(b, func(other string) bool { return strings.EqualFold(one, other) })
	})
}

// column appends what is written to the table's column that a bundle's column becomes, if anything is.
func (m *mapping) column(mapped []config.Column, c *bundle.Column) []config.Column {
	d := &m.to.Destination
	at := slices.IndexFunc(m.table.Columns, func(own sqlgen.Column) bool { return own.Name == c.Name })
	if at < 0 {
		// Engines differ in how they spell a name that nobody quoted. One that the bundle has besides was quoted.
		at = slices.IndexFunc(m.table.Columns, func(own sqlgen.Column) bool { return strings.EqualFold(own.Name, c.Name) && !m.has(own.Name) })
	}
	if at < 0 {
		m.Errorf(d.TableRange, "Missing column", "Table %q has no column %q, which the bundle's rows of %s have (%s): its values would be lost. Add it to the table, or export with --without %s.",
			d.Table, c.Name, m.from.Address, c.SQL, c.Name)
		return mapped
	}
	own := m.table.Columns[at]
	if other, taken := m.taken[own.Name]; taken {
		m.Errorf(d.TableRange, "Two columns become one", "Columns %q and %q of the bundle's rows of %s would both become column %q of table %q: the values of one would be lost. Add a column for each to the table, or export with --without %s.",
			other, c.Name, m.from.Address, own.Name, d.Table, c.Name)
		return mapped
	}
	if m.taken == nil {
		m.taken = map[string]string{}
	}
	m.taken[own.Name] = c.Name
	inScope := slices.ContainsFunc(d.Scope, func(a config.Assignment) bool { return a.Column == own.Name })
	drawn := slices.ContainsFunc(d.Generated, func(g config.Generated) bool { return g.Column == own.Name })
	if own.Generated || inScope || drawn || numbersRows(m.to, m.table, own) {
		return mapped
	}
	column := config.Column{Name: own.Name, Range: m.to.Range, Sensitive: masked(m.to, own.Name)}
	known := slices.IndexFunc(m.to.Columns, func(own config.Column) bool { return own.Name == column.Name })
	if known >= 0 {
		column.Range = m.to.Columns[known].Range
		if lookup := m.to.Columns[known].Lookup; lookup != nil {
			return m.lookup(mapped, column, c, lookup)
		}
	}
	if slices.ContainsFunc(m.from.Columns, func(key bundle.Column) bool { return key.Lookup == c.Name }) {
		m.Errorf(column.Range, "Looked up there, and not here", "Column %q of %s refers to another row by a number of the server that the bundle is from, and %s does not look it up here: the number would mean another row. Map it by a lookup.",
			c.Name, m.from.Address, m.to.Address)
		return mapped
	}
	if !own.Type.Accepts(c.Kind) {
		m.Errorf(column.Range, "Type does not fit its column", "Column %q of the bundle's %s is of type %s, column %q of table %q of type %s, which cannot hold its values: alter the table.",
			c.Name, m.from.Address, c.SQL, own.Name, d.Table, own.Type)
		return mapped
	}
	column.Expr = asItIs(c.Name, column.Range)
	if losesFractions(own.Type) {
		column.Expr = exact(column.Expr, own.Type, m.loc)
	}
	return append(mapped, column)
}

// has reports whether the bundle's sync has a column of that very name.
func (m *mapping) has(name string) bool {
	return slices.ContainsFunc(m.from.Columns, func(c bundle.Column) bool { return c.Name == name && c.Lookup == "" })
}

// lookup appends a column that refers to another row: by its business keys, which the bundle has beside it. Rows that are archived
// count, too, since a row may have kept its parent.
func (m *mapping) lookup(mapped []config.Column, column config.Column, c *bundle.Column, lookup *config.Lookup) []config.Column {
	derived := *lookup
	derived.Archived, derived.OnUnresolved = true, config.RejectUnresolved
	derived.By = slices.Clone(lookup.By)
	for i := range derived.By {
		if len(derived.By[i].Expr.Refs) == 0 {
			continue // a constant, such as whose the parent is, which may differ between servers
		}
		name := c.Name + "." + derived.By[i].Column
		at := slices.IndexFunc(m.from.Columns, func(key bundle.Column) bool { return key.Lookup == c.Name && strings.EqualFold(key.Name, name) })
		if at < 0 {
			m.Errorf(lookup.Range, "Looked up here, and not there", "%s looks up column %q by %q of table %q, which the bundle's rows of %s do not have: look it up by the same columns on both servers, and export again.",
				m.to.Address, column.Name, derived.By[i].Column, lookup.Table, m.from.Address)
			return mapped
		}
		derived.By[i].Expr = asItIs(m.from.Columns[at].Name, lookup.Range)
	}
	column.Lookup = &derived
	return append(mapped, column)
}

// numbersRows reports whether the database numbers the rows of a table by a column that the sync does not write: another
// server's number means nothing here.
func numbersRows(s *config.Sync, table *sqlgen.Table, c sqlgen.Column) bool {
	written := slices.ContainsFunc(s.Columns, func(own config.Column) bool { return own.Name == c.Name }) || slices.Contains(s.Destination.Key, c.Name)
	number := c.Type.Kind == value.Int || c.Type.Kind == value.Decimal
	return !written && number && c.HasDefault && slices.ContainsFunc(table.Unique, func(index []string) bool { return len(index) == 1 && index[0] == c.Name })
}

// masked reports whether a column of a sync's table is not shown: as by the sync itself, those are not that it does not name.
func masked(s *config.Sync, name string) bool {
	all, named := true, false
	for i := range s.Columns {
		c := &s.Columns[i]
		all = all && c.Sensitive
		if c.Name == name {
			return c.Sensitive
		}
	}
	for _, sets := range [][]config.Assignment{s.Destination.Scope, s.Lifecycle.Archive, s.Lifecycle.Restore} {
		named = named || slices.ContainsFunc(sets, func(a config.Assignment) bool { return a.Column == name })
	}
	named = named || slices.ContainsFunc(s.Lifecycle.Stamps, func(stamp config.Stamp) bool { return stamp.Column == name })
	return all || !named
}

// asItIs is the expression that is a column's value.
func asItIs(column string, at config.Range) config.Expr {
	return config.Expr{
		Refs: []config.ColumnRef{{Name: column, Exact: true, Range: at}}, Plain: true, Range: at,
		Bind: func(index []int) config.Eval {
			return func(row []value.Value) (value.Value, error) { return row[index[0]], nil }
		},
	}
}

var errFraction = errors.New("has a finer fraction of a second than its column keeps, which would be lost: let the column keep as much")

// finest is as many digits of a second's fraction as a value may have.
const finest = 9

// losesFractions reports whether a column may round what is written to it.
func losesFractions(t value.Type) bool {
	switch t.Kind {
	case value.Time, value.DateTime, value.Instant:
		return t.Fraction < finest
	default:
		return false
	}
}

// exact is an expression whose values are refused that a column would round.
func exact(e config.Expr, t value.Type, loc *time.Location) config.Expr {
	bind, wide := e.Bind, value.Type{Kind: t.Kind, Fraction: finest}
	e.Bind = func(index []int) config.Eval {
		eval := bind(index)
		return func(row []value.Value) (value.Value, error) {
			v, err := eval(row)
			if err != nil || v.IsNull() {
				return v, err
			}
			kept, err := t.Fit(v, loc)
			if err != nil {
				return v, nil //nolint:nilerr // the mapping fits it again, and says why not
			}
			if whole, err := wide.Fit(v, loc); err == nil && whole.Text() != kept.Text() {
				return value.Value{}, errFraction
			}
			return v, nil
		}
	}
	return e
}
