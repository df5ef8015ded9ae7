package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
)

// Target checks a sync against the table it writes and returns it as the
// statements see it. The diagnostics carry the ranges of the lines at fault; the
// target is of use only where none is an error.
func Target(sync *config.Sync, table *sqlgen.Table, loc *time.Location) (*sqlgen.Target, config.Diagnostics) {
	b := binder{sync: sync, table: table, loc: loc}
	t := &sqlgen.Target{
		Sync:      sync.Address,
		TableName: sync.Destination.Table,
		Table:     table,
		Stamps:    map[string][]sqlgen.Column{},
		Ignored:   sync.Lifecycle.IgnoreChanges,
	}
	if table.RowSecurity {
		b.Errorf(sync.Destination.TableRange, "Row-level security hides rows", "Row-level security is active on table %q for the connected role. Hidden rows would look absent: connect as a role that bypasses it.", sync.Destination.Table)
	}
	for _, c := range sync.Columns {
		if column, ok := b.column(c.Name, c.Range, "columns"); ok {
			t.Mapped = append(t.Mapped, column)
			if slices.Contains(sync.Destination.Key, c.Name) {
				t.Key = append(t.Key, column)
			}
		}
	}
	t.Scope = b.sets(sync.Destination.Scope, "scope")
	t.Archive = b.sets(sync.Lifecycle.Archive, "archive")
	t.Restore = b.sets(sync.Lifecycle.Restore, "restore")
	for _, stamp := range sync.Lifecycle.Stamps {
		column, ok := b.column(stamp.Column, stamp.Range, "stamps")
		if !ok || !b.holdsInstant(column, stamp.Range) {
			continue
		}
		t.Stamps[string(stamp.On)] = append(t.Stamps[string(stamp.On)], column)
		if stamp.On == config.Update {
			t.Stamps[string(config.Undelete)] = append(t.Stamps[string(config.Undelete)], column)
		}
	}
	if name := sync.Lifecycle.ArchivedColumn; name != "" {
		if column, ok := table.Column(name); ok {
			t.Archived = &column
		}
	}
	switch sync.Lifecycle.OnMissing {
	case config.ArchiveMissing:
		t.Missing = string(config.Archive)
	case config.DeleteMissing:
		t.Missing = string(config.Delete)
		b.checkCascades()
	case config.KeepMissing:
	}
	for _, operation := range config.Operations {
		if !sync.Lifecycle.Allows(operation) {
			t.Withheld = append(t.Withheld, string(operation))
		}
	}
	if !b.HasErrors() {
		b.checkKey(t)
		b.checkRequired(t)
	}
	return t, b.Diagnostics
}

// binder collects what is wrong between one sync and its table.
type binder struct {
	config.Diagnostics
	sync  *config.Sync
	table *sqlgen.Table
	loc   *time.Location
}

func (b *binder) column(name string, at config.Range, where string) (sqlgen.Column, bool) {
	column, ok := b.table.Column(name)
	if !ok {
		names := make([]string, len(b.table.Columns))
		for i, c := range b.table.Columns {
			names[i] = c.Name
		}
		b.Errorf(at, "Unknown column", "Table %q has no column %q, named in %s.%s", b.sync.Destination.Table, name, where, suggest.Question(name, names))
		return column, false
	}
	if column.Generated {
		b.Errorf(at, "Generated column", "Column %q of table %q is computed by the database and cannot be written: remove it from %s.", name, b.sync.Destination.Table, where)
		return column, false
	}
	return column, true
}

func (b *binder) sets(assignments []config.Assignment, where string) []sqlgen.Set {
	var sets []sqlgen.Set
	for _, a := range assignments {
		column, ok := b.column(a.Column, a.Range, where)
		if !ok {
			continue
		}
		set := sqlgen.Set{Column: column, Now: a.Now}
		switch {
		case a.Now:
			if !b.holdsInstant(column, a.Range) {
				continue
			}
		case a.Value.IsNull():
			if column.NotNull {
				b.Errorf(a.Range, "Column cannot be NULL", "Column %q of table %q is NOT NULL, but %s sets it to null.", column.Name, b.sync.Destination.Table, where)
			}
		default:
			v, err := column.Type.Fit(a.Value, b.loc)
			if err != nil {
				b.Errorf(a.Range, "Value does not fit its column", "The value given to column %q in %s %s.", column.Name, where, err)
				continue
			}
			text := v.Text()
			set.Text = &text
		}
		sets = append(sets, set)
	}
	return sets
}

func (b *binder) holdsInstant(column sqlgen.Column, at config.Range) bool {
	switch column.Type.Kind {
	case value.Date, value.DateTime, value.Instant:
		return true
	default:
		b.Errorf(at, "Column does not hold a time", "now() is written into column %q, which is of type %s: a date or a timestamp is needed.", column.Name, column.Type)
		return false
	}
}

// checkKey requires a unique index on the key, or on the key and columns of the scope.
func (b *binder) checkKey(t *sqlgen.Target) {
	key := b.sync.Destination.Key
	for _, index := range b.table.Unique {
		if slices.ContainsFunc(key, func(k string) bool { return !slices.Contains(index, k) }) {
			continue
		}
		var included []sqlgen.Set
		for _, s := range t.Scope {
			if slices.Contains(index, s.Column.Name) {
				included = append(included, s)
			}
		}
		if len(index) > len(key)+len(included) {
			continue
		}
		t.KeyScopes = append(t.KeyScopes, included)
	}
	if len(t.KeyScopes) > 0 {
		return
	}
	t.KeyScopes = [][]sqlgen.Set{nil}
	if b.sync.Destination.UnenforcedKey {
		return
	}
	quoted := make([]string, len(key))
	for i, k := range key {
		quoted[i] = fmt.Sprintf("%q", k)
	}
	b.Errorf(b.sync.Destination.KeyRange, "Key without a unique index",
		"Table %q has no unique index on its key (%s), so that nothing keeps two rows from having one key. An index on an expression or on some rows only, or one that is deferrable, does not count. Create one: CREATE UNIQUE INDEX … ON %s (%s); or, if you cannot, set unenforced_key = true, which locks the table during apply.",
		b.sync.Destination.Table, strings.Join(quoted, ", "), b.sync.Destination.Table, strings.Join(quoted, ", "))
}

// checkCascades refuses deletes that would change rows which no plan shows.
func (b *binder) checkCascades() {
	if len(b.table.Cascades) == 0 || !b.sync.Lifecycle.Allows(config.Delete) {
		return
	}
	b.Errorf(b.sync.Lifecycle.Range, "Deletes would cascade", "Table %q is referenced by %s with ON DELETE CASCADE, SET NULL or SET DEFAULT: deleting its rows would change others that no plan shows. Archive them instead (on_missing = \"archive\"), or let those references be ON DELETE RESTRICT or NO ACTION.",
		b.sync.Destination.Table, suggest.List(b.table.Cascades, 10))
}

// checkRequired finds columns that an insert would have to give.
func (b *binder) checkRequired(t *sqlgen.Target) {
	if !b.sync.Lifecycle.Allows(config.Insert) {
		return
	}
	given := map[string]bool{}
	for _, c := range t.Mapped {
		given[c.Name] = true
	}
	for _, s := range slices.Concat(t.Scope, t.Restore) {
		given[s.Column.Name] = true
	}
	for _, c := range t.Stamps[string(config.Insert)] {
		given[c.Name] = true
	}
	for _, c := range t.Table.Columns {
		if c.NotNull && !c.HasDefault && !c.Generated && !given[c.Name] {
			b.Errorf(b.sync.Range, "Column without a value", "Column %q of table %q is NOT NULL and has no default, but nothing gives it a value on insert: map it in columns, or stamp it.", c.Name, b.sync.Destination.Table)
		}
	}
}

// checkSource binds the mapping to the columns of the source's result and returns
// the index in them of each reference.
func checkSource(sync *config.Sync, t *sqlgen.Target, names []string, types []value.Type) ([]config.Eval, config.Diagnostics) {
	var diags config.Diagnostics
	evals := make([]config.Eval, len(sync.Columns))
	for i, column := range sync.Columns {
		index := make([]int, len(column.Expr.Refs))
		ok := true
		for j, ref := range column.Expr.Refs {
			if index[j] = findColumn(&diags, ref, names); index[j] < 0 {
				ok = false
			}
		}
		if !ok {
			continue
		}
		if column.Expr.Plain && len(types) > index[0] {
			if from := types[index[0]]; !t.Mapped[i].Type.Accepts(from.Kind) {
				diags.Errorf(column.Range, "Type does not fit its column", "Source column %q is of type %s, column %q of table %q of type %s: convert it in the mapping, with to_date, to_number or the like.",
					names[index[0]], from, column.Name, sync.Destination.Table, t.Mapped[i].Type)
				continue
			}
		}
		evals[i] = column.Expr.Bind(index)
	}
	return evals, diags
}

// findColumn returns the index of the source column that ref means, or -1 with a
// diagnostic.
func findColumn(diags *config.Diagnostics, ref config.ColumnRef, names []string) int {
	found := -1
	for i, name := range names {
		if name != ref.Name && (ref.Exact || !strings.EqualFold(name, ref.Name)) {
			continue
		}
		if found >= 0 {
			how := fmt.Sprintf("write row[%q]", name)
			if name == names[found] {
				how = "give one of them another name in the query"
			}
			diags.Errorf(ref.Range, "Ambiguous source column", "The source has both %q and %q: %s.", names[found], name, how)
			return -1
		}
		found = i
	}
	if found < 0 {
		diags.Errorf(ref.Range, "Unknown source column", "The source has no column %q.%s It has: %s.", ref.Name, suggest.Question(ref.Name, names), strings.Join(names, ", "))
	}
	return found
}

// NowText is the canonical text of an instant as the column holds it, cut to the
// column's precision: rounded up it would lie in the future, and a row just
// archived would count as alive.
func NowText(column sqlgen.Column, now time.Time, loc *time.Location) string {
	if column.Type.Kind == value.Date {
		return value.OfDate(now.In(loc)).Text()
	}
	unit := time.Second
	for range min(column.Type.Fraction, 6) {
		unit /= 10
	}
	v := value.OfInstant(now.UTC().Truncate(unit))
	if column.Type.Kind == value.DateTime {
		v = v.InZone(loc)
	}
	return v.Text()
}

// SetAsOf says by when an archived row must have been archived: now. Where clocks have
// been put back within the last hour, a wall clock is behind what it showed before, and
// what was archived then would count as alive: there the hour is added.
func SetAsOf(t *sqlgen.Target, now time.Time, loc *time.Location) {
	if t.Archived == nil {
		return
	}
	if t.Archived.Type.Kind == value.DateTime {
		_, before := now.Add(-time.Hour).In(loc).Zone()
		if _, after := now.In(loc).Zone(); after < before {
			now = now.Add(time.Duration(before-after) * time.Second)
		}
	}
	t.AsOf = NowText(*t.Archived, now, loc)
}
