package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Catalog describes a destination's tables, each read once.
type Catalog struct {
	of     providers.Destination
	q      providers.Querier
	tables map[string]*sqlgen.Table
	failed error
}

// NewCatalog returns a catalogue that reads by q.
func NewCatalog(of providers.Destination, q providers.Querier) *Catalog {
	return &Catalog{of: of, q: q, tables: map[string]*sqlgen.Table{}}
}

// Table describes a table as named in the configuration, or returns providers.ErrNoTable.
func (c *Catalog) Table(ctx context.Context, name string) (*sqlgen.Table, error) {
	if table := c.tables[name]; table != nil {
		return table, nil
	}
	table, err := c.of.Table(ctx, c.q, name)
	if err != nil {
		if !errors.Is(err, providers.ErrNoTable) {
			c.failed = err
		}
		return nil, err
	}
	c.tables[name] = table
	return table, nil
}

// Broken returns why tables could not be described, where that is no mistake of the configuration's: the
// destination was not there to be asked.
func (c *Catalog) Broken(known []providers.Provider) error {
	if !providers.Transient(known, c.failed) {
		return nil
	}
	return fmt.Errorf("describe the tables: %w", providers.SafeError(c.of, c.failed))
}

// Target checks a sync against the table it writes, and its lookups against theirs, and returns
// it as the statements see it. The diagnostics carry the ranges of the lines at fault; the
// target is of use only where none is an error.
func Target(ctx context.Context, cfg *config.Config, sync *config.Sync, catalog *Catalog) (*sqlgen.Target, config.Diagnostics) {
	t, b := bind(ctx, cfg, sync, catalog)
	if b.HasErrors() {
		return t, b.Diagnostics
	}
	secret := secretLookups(cfg, sync)
	for _, column := range sync.Columns {
		if column.Lookup != nil {
			b.lookup(t, column, secret[column.Name])
		}
	}
	if sync.Destination.Adopt {
		for _, other := range cfg.Syncs {
			if other != sync && writes(other, sync.Destination.Into, sync.Destination.Table) {
				t.Siblings = append(t.Siblings, b.relative(other))
			}
		}
	}
	if !b.HasErrors() {
		b.checkKey(t)
		b.checkRequired(t)
		b.checkUpdateCascades(t)
	}
	return t, b.Diagnostics
}

func writes(s *config.Sync, into *config.Connection, table string) bool {
	return s.Destination.Into == into && s.Destination.Table == table
}

// bind is Target but for what concerns other syncs.
func bind(ctx context.Context, cfg *config.Config, sync *config.Sync, catalog *Catalog) (*sqlgen.Target, *binder) {
	b := &binder{ctx: ctx, cfg: cfg, sync: sync, catalog: catalog, loc: cfg.Settings.Timezone}
	t := &sqlgen.Target{
		Sync:      sync.Address,
		TableName: sync.Destination.Table,
		Stamps:    map[string][]sqlgen.Column{},
		Compare:   map[string]sqlgen.Compare{},
		Ignored:   sync.Lifecycle.IgnoreChanges,
		Adopt:     sync.Destination.Adopt,
		ByTask:    len(sync.Source.Queries) > 0,
		Renames:   len(sync.Moved) > 0,
		Warns:     slices.ContainsFunc(sync.Asserts, func(a config.Assert) bool { return a.OnFailure == config.WarnFailure }),
	}
	if b.table = b.describe(sync.Destination.Table, sync.Destination.TableRange); b.table == nil {
		return t, b
	}
	t.Table = b.table
	if b.table.RowSecurity {
		b.Errorf(sync.Destination.TableRange, "Row-level security hides rows", "Row-level security is active on table %q for the connected role. Hidden rows would look absent: connect as a role that bypasses it.", sync.Destination.Table)
	}
	for _, c := range sync.Columns {
		if column, ok := b.column(c.Name, c.Range, "columns"); ok {
			t.Mapped = append(t.Mapped, column)
			b.compare(t, column, c)
			if slices.Contains(sync.Destination.Key, c.Name) {
				t.Key = append(t.Key, column)
			}
		}
	}
	t.Scope = b.sets(sync.Destination.Scope, "scope")
	for _, p := range sync.Destination.Parents {
		b.inParent(t, p)
	}
	b.generated(t)
	t.Archive = b.sets(sync.Lifecycle.Archive, "archive")
	t.Restore = b.sets(sync.Lifecycle.Restore, "restore")
	b.stamps(t)
	b.lifecycle(t)
	return t, b
}

// describe returns a table, or nil with a diagnostic.
func (b *binder) describe(name string, at config.Range) *sqlgen.Table {
	table, err := b.catalog.Table(b.ctx, name)
	if err == nil {
		return table
	}
	into := b.sync.Destination.Into.Address
	if errors.Is(err, providers.ErrNoTable) {
		names, listErr := b.catalog.of.TableNames(b.ctx, b.catalog.q)
		if listErr == nil {
			b.Errorf(at, "Unknown table", "%s has no table %q.%s", into, name, suggest.Question(name, names))
			return nil
		}
		err = listErr
	}
	b.Errorf(at, "Table cannot be used", "%s, table %q: %s.", into, name, providers.SafeError(b.catalog.of, err))
	return nil
}

// binder collects what is wrong between one sync and its table.
type binder struct {
	config.Diagnostics
	ctx     context.Context
	cfg     *config.Config
	sync    *config.Sync
	catalog *Catalog
	table   *sqlgen.Table
	loc     *time.Location
}

func (b *binder) stamps(t *sqlgen.Target) {
	for _, stamp := range b.sync.Lifecycle.Stamps {
		column, ok := b.column(stamp.Column, stamp.Range, "stamps")
		if !ok || !b.holdsInstant(column, stamp.Range) {
			continue
		}
		operations := []config.Operation{stamp.On}
		if stamp.On == config.Update {
			operations = append(operations, config.Undelete, config.Rename, config.Adopt)
		}
		for _, operation := range operations {
			t.Stamps[string(operation)] = append(t.Stamps[string(operation)], column)
		}
	}
}

func (b *binder) lifecycle(t *sqlgen.Target) {
	l := &b.sync.Lifecycle
	t.ArchivedIf = b.predicate(l.Archived, "archived")
	t.Protect = b.predicate(l.Protect, "protect")
	if name := l.ArchivedColumn; name != "" {
		if column, ok := b.table.Column(name); ok {
			t.Archived = &column
		}
	}
	if l.PurgeAfter > 0 {
		if column, ok := b.column(l.ArchivedSince, l.Range, "archived_since"); ok && b.holdsInstant(column, l.Range) {
			t.PurgeSince = &column
		}
	}
	switch l.OnMissing {
	case config.ArchiveMissing:
		t.Missing = string(config.Archive)
	case config.DeleteMissing:
		t.Missing = string(config.Delete)
	case config.KeepMissing:
	}
	if l.OnMissing == config.DeleteMissing && l.Allows(config.Delete) || l.PurgeAfter > 0 && l.Allows(config.Purge) {
		b.checkCascades()
	}
	for _, operation := range config.Operations {
		if !l.Allows(operation) {
			t.Withheld = append(t.Withheld, string(operation))
		}
	}
}

func (b *binder) column(name string, at config.Range, where string) (sqlgen.Column, bool) {
	column, ok := b.table.Column(name)
	if !ok {
		b.unknownColumn(b.table, b.sync.Destination.Table, name, at, where)
		return column, false
	}
	if column.Generated {
		b.Errorf(at, "Generated column", "Column %q of table %q is computed by the database and cannot be written: remove it from %s.", name, b.sync.Destination.Table, where)
		return column, false
	}
	return column, true
}

func (b *binder) unknownColumn(table *sqlgen.Table, shown, name string, at config.Range, where string) {
	names := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		names[i] = c.Name
	}
	b.Errorf(at, "Unknown column", "Table %q has no column %q, named in %s.%s", shown, name, where, suggest.Question(name, names))
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
		case len(a.Template) > 0:
			if set.Template, ok = b.template(a, column, where); !ok {
				continue
			}
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
			if v.IsNull() { // what is empty, where the database takes it for NULL
				if column.NotNull {
					b.Errorf(a.Range, "Column cannot be NULL", "Column %q of table %q is NOT NULL, but %s sets it to an empty value, which the database takes for NULL.", column.Name, b.sync.Destination.Table, where)
				}
				break
			}
			text := v.Text()
			set.Text = &text
		}
		sets = append(sets, set)
	}
	return sets
}

// template checks a text that is made of the row: against its column, as far as its own parts tell.
func (b *binder) template(a config.Assignment, to sqlgen.Column, where string) ([]sqlgen.TextPart, bool) {
	if to.Type.Kind != value.Text {
		b.Errorf(a.Range, "Column does not hold text", "The value given to column %q in %s is a text that is made of the row, and the column is of type %s: a text column is needed.", to.Name, where, to.Type)
		return nil, false
	}
	own, fine := "", true
	parts := make([]sqlgen.TextPart, len(a.Template))
	for i, part := range a.Template {
		if part.Column == "" {
			own += part.Text
			parts[i].Text = part.Text
			continue
		}
		column, ok := b.table.Column(part.Column)
		if !ok {
			b.unknownColumn(b.table, b.sync.Destination.Table, part.Column, part.Range, where)
			fine = false
			continue
		}
		parts[i].Column = &column
	}
	if _, err := to.Type.Fit(value.OfText(own), b.loc); err != nil {
		b.Errorf(a.Range, "Value does not fit its column", "What the text given to column %q in %s says besides the row's columns %s.", to.Name, where, err)
		return nil, false
	}
	return parts, fine
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
	_, cannot := b.catalog.of.Dialect().(sqlgen.NoTableLock)
	if b.sync.Destination.UnenforcedKey {
		if cannot {
			b.Errorf(b.sync.Destination.KeyRange, "Key without a unique index",
				"unenforced_key = true locks the table during apply, which this engine cannot do within a transaction: create a unique index on the key of table %q.", b.sync.Destination.Table)
		}
		return
	}
	otherwise := "; or, if you cannot, set unenforced_key = true, which locks the table during apply"
	if cannot {
		otherwise = ""
	}
	quoted := make([]string, len(key))
	for i, k := range key {
		quoted[i] = fmt.Sprintf("%q", k)
	}
	b.Errorf(b.sync.Destination.KeyRange, "Key without a unique index",
		"Table %q has no unique index on its key (%s), so that nothing keeps two rows from having one key. An index on an expression or on some rows only, or one that is deferrable, does not count. Create one: CREATE UNIQUE INDEX … ON %s (%s)%s.",
		b.sync.Destination.Table, strings.Join(quoted, ", "), b.sync.Destination.Table, strings.Join(quoted, ", "), otherwise)
}

// checkCascades refuses deletes that would change rows which no plan shows.
func (b *binder) checkCascades() {
	if len(b.table.Cascades) == 0 {
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
	for _, g := range t.Generated {
		given[g.Column.Name] = true
	}
	for _, c := range t.Table.Columns {
		if c.NotNull && !c.HasDefault && !c.Generated && !given[c.Name] {
			b.Errorf(b.sync.Range, "Column without a value", "Column %q of table %q is NOT NULL and has no default, but nothing gives it a value on insert: map it in columns, or stamp it.", c.Name, b.sync.Destination.Table)
		}
	}
}
