package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/bundle"
)

// exported is a sync whose rows are read.
type exported struct {
	cfg    *config.Config
	sync   *config.Sync
	at     *place
	q      providers.Querier
	target *sqlgen.Target
	// columns are those of the table that are exported, in its order.
	columns []sqlgen.Column
	to      bundle.Sync
}

// describe finds out what is exported of a faculty, parents before those that refer to them, and what cannot be.
func (e *exporter) describe(ctx context.Context, f *config.Faculty, diags *config.Diagnostics) ([]*exported, error) {
	var all []*exported
	for _, s := range e.of(f) {
		at := e.places.of(s)
		x := &exported{cfg: e.cfg, sync: s, at: at, q: e.txs[at]}
		left := func(c sqlgen.Column) bool {
			for _, name := range []string{c.Name, s.Destination.Table + "." + c.Name} {
				if slices.Contains(e.options.Without, name) {
					e.without[name] = true
					x.to.Without = append(x.to.Without, c.Name)
					return true
				}
			}
			return false
		}
		all = append(all, x)
		if !x.describe(ctx, e.options.Now, left, diags) {
			continue
		}
		x.checkLeft(diags)
		if err := x.checkReferences(ctx, diags); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Address, at.safe(err))
		}
	}
	if err := e.places.broken(e.options.Providers); err != nil {
		return nil, err
	}
	return parentsFirst(all), nil
}

// broken says which of them was not there to be asked for its tables.
func (all places) broken(known []providers.Provider) error {
	for _, p := range all.sorted() {
		if err := p.catalog.Broken(known); err != nil {
			return fmt.Errorf("%s: %w", p.of.Address, err)
		}
	}
	return nil
}

// describe fills in all but the columns' checks; false where the sync does not fit its table.
func (x *exported) describe(ctx context.Context, now time.Time, left func(sqlgen.Column) bool, diags *config.Diagnostics) bool {
	s := x.sync
	target, found := plan.Target(ctx, x.cfg, s, x.at.catalog)
	x.target = target
	if found.HasErrors() {
		*diags = append(*diags, found...)
		return false
	}
	plan.SetAsOf(target, now, x.cfg.Settings.Timezone)
	x.to = bundle.Sync{
		Address: s.Address, Name: blockName(s.Address), Table: s.Destination.Table, Key: s.Destination.Key,
		Origin: x.at.identity, Destination: x.at.of.Address,
	}
	for _, set := range target.Scope {
		x.to.Scope = append(x.to.Scope, bundle.ScopeValue{Column: set.Column.Name, Text: set.Text})
	}
	for _, p := range target.Parents {
		parent := bundle.ScopeParent{Column: p.Column.Name, Table: tableOf(s, p.Column.Name), Ref: p.Ref.Name}
		for _, set := range p.Where {
			parent.Where = append(parent.Where, bundle.ScopeValue{Column: set.Column.Name, Text: set.Text})
		}
		x.to.Parents = append(x.to.Parents, parent)
	}
	for _, c := range target.Table.Columns {
		if left(c) {
			continue
		}
		x.columns = append(x.columns, c)
	}
	for _, c := range target.ExportColumns(x.columns) {
		column := bundle.Column{Name: c.Name, Kind: c.Type.Kind, SQL: c.Type.SQL}
		if own, ok := target.Table.Column(c.Name); ok {
			column.Generated = x.made(own)
		}
		x.to.Columns = append(x.to.Columns, column)
	}
	for _, l := range target.Lookups {
		for _, k := range l.By {
			if i := slices.IndexFunc(x.to.Columns, func(c bundle.Column) bool { return c.Name == k.Staged.Name }); i >= 0 {
				x.to.Columns[i].Lookup = l.Column.Name
			}
		}
	}
	return true
}

// tableOf is the parent table of a column of the scope, as the configuration writes it.
func tableOf(s *config.Sync, column string) string {
	for _, p := range s.Destination.Parents {
		if p.Column == column {
			return p.Table
		}
	}
	return ""
}

// made reports whether the database gives a new row its value in the column.
func (x *exported) made(c sqlgen.Column) bool {
	drawn := slices.ContainsFunc(x.sync.Destination.Generated, func(g config.Generated) bool { return g.Column == c.Name })
	return c.Generated || drawn || numbersRows(x.sync, x.target.Table, c)
}

// checkLeft refuses to leave out what an import could not do without.
func (x *exported) checkLeft(diags *config.Diagnostics) {
	for _, name := range x.to.Without {
		c, _ := x.target.Table.Column(name)
		switch {
		case slices.Contains(x.sync.Destination.Key, name):
			diags.Errorf(x.sync.Destination.KeyRange, "Key left out", "--without leaves out column %q, which is part of the key of %s: without it no row could be told from another.", name, x.sync.Address)
		case c.NotNull && !c.HasDefault && !c.Generated && !slices.ContainsFunc(x.target.Scope, func(s sqlgen.Set) bool { return s.Column.Name == name }):
			diags.Errorf(x.sync.Range, "Column needed", "--without leaves out column %q of table %q, which is NOT NULL and has no default: an import could insert none of the rows.", name, x.to.Table)
		}
	}
}

// checkReferences refuses what would mean another row on another server: a foreign key by a number that the database made, where no lookup
// says what it goes by.
func (x *exported) checkReferences(ctx context.Context, diags *config.Diagnostics) error {
	table := x.target.Table
	for _, key := range table.ForeignKeys {
		for i, name := range key.Columns {
			c, ok := table.Column(name)
			exported := slices.ContainsFunc(x.columns, func(own sqlgen.Column) bool { return own.Name == name })
			// An import gives the scope its own constants, and leaves what the database makes to it.
			given := x.made(c) || slices.ContainsFunc(x.target.Scope, func(s sqlgen.Set) bool { return s.Column.Name == name })
			if key.Table != table.Name || !ok || !exported || given || x.target.LookupOf(c) != nil {
				continue
			}
			numbered, shown, err := x.numbered(ctx, key, c, key.ParentColumns[i])
			if err != nil {
				return err
			}
			if !numbered {
				continue
			}
			var rows int64
			count := sqlgen.CountGiven(x.at.Dialect(), x.target, c)
			if err := x.q.QueryRowContext(ctx, count.SQL, count.Args...).Scan(&rows); err != nil {
				return fmt.Errorf("count the rows of table %s with a value in column %s: %w", x.to.Table, name, err)
			}
			if rows > 0 {
				diags.Errorf(x.rangeOf(name), "Reference by a generated number",
					"%s: column %q of table %q refers to rows of %s by the number that this database gave them (rows that do: %d). On another server that number is another row's, or nobody's. Map the column by a lookup, by what the row is known by on both servers; or leave it out with --without %s.%s.",
					x.sync.Address, name, x.to.Table, shown, rows, x.to.Table, name)
			}
		}
	}
	return nil
}

func (x *exported) rangeOf(column string) config.Range {
	for i := range x.sync.Columns {
		if x.sync.Columns[i].Name == column {
			return x.sync.Columns[i].Range
		}
	}
	return x.sync.Range
}

// numbered reports whether a foreign key's parent has its column from the database, and what it is called in messages. Of a parent
// that cannot be looked at every number is taken for such.
func (x *exported) numbered(ctx context.Context, key sqlgen.ForeignKey, own sqlgen.Column, column string) (numbered bool, shown string, err error) {
	writers := map[string][]*config.Sync{} // by the table's name in the configuration
	for _, s := range x.cfg.Syncs {
		if s.Destination.Into == x.sync.Destination.Into {
			writers[s.Destination.Table] = append(writers[s.Destination.Table], s)
		}
	}
	names, err := x.at.TableNames(ctx, x.q)
	if err != nil {
		return false, "", err
	}
	for name := range writers {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if len(writers[name]) == 0 && !strings.Contains(key.Parent, lastPart(name)) {
			continue // each is a question to the catalogue
		}
		parent, err := x.at.catalog.Table(ctx, name)
		if errors.Is(err, providers.ErrNoTable) {
			continue
		}
		if err != nil {
			return false, "", err
		}
		if parent.Name != key.Parent {
			continue
		}
		c, ok := parent.Column(column)
		if !ok || !isNumber(c) {
			return false, name, nil
		}
		made, known := c.HasDefault || c.Generated, false
		for _, s := range writers[name] {
			made = made || slices.ContainsFunc(s.Destination.Generated, func(g config.Generated) bool { return g.Column == column })
			known = known || slices.ContainsFunc(s.Columns, func(own config.Column) bool { return own.Name == column && own.Lookup == nil })
		}
		return made && !known, name, nil
	}
	return isNumber(own), key.Parent, nil
}

func isNumber(c sqlgen.Column) bool {
	return c.Type.Kind == value.Int || c.Type.Kind == value.Decimal
}

// lastPart is a table's name without its schema.
func lastPart(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// parentsFirst puts syncs behind those that write the rows which theirs refer to, as far as that can be; otherwise they stay in the
// configuration's order.
func parentsFirst(all []*exported) []*exported {
	waits := func(x *exported, rest []*exported) bool {
		return slices.ContainsFunc(rest, func(other *exported) bool {
			if other == x || other.target.Table == nil || x.target.Table == nil || other.target.Table.Name == x.target.Table.Name || other.at != x.at {
				return false
			}
			name := other.target.Table.Name
			return slices.Contains(x.sync.DependsOn, other.sync.Address) ||
				slices.ContainsFunc(x.target.Lookups, func(l *sqlgen.Lookup) bool { return l.Parent.Name == name }) ||
				slices.ContainsFunc(x.target.Table.ForeignKeys, func(key sqlgen.ForeignKey) bool { return key.Parent == name })
		})
	}
	var ordered []*exported
	for rest := slices.Clone(all); len(rest) > 0; {
		next := max(0, slices.IndexFunc(rest, func(x *exported) bool { return !waits(x, rest) }))
		ordered, rest = append(ordered, rest[next]), slices.Delete(rest, next, next+1)
	}
	return ordered
}

func (x *exported) writeTo(ctx context.Context, w *bundle.Writer) error {
	rows, err := w.Sync(x.to)
	if err != nil {
		return err
	}
	if err := x.read(ctx, rows); err != nil {
		return err
	}
	return rows.Close()
}

// read copies the rows.
func (x *exported) read(ctx context.Context, to *bundle.RowWriter) error {
	s := sqlgen.ScopeRows(x.at.Dialect(), x.target, x.columns)
	rows, err := x.q.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return fmt.Errorf("read the rows: %w", err)
	}
	defer rows.Close()
	texts := make([]*string, len(x.to.Columns))
	into := make([]any, len(texts)+1)
	for i := range texts {
		into[i] = &texts[i]
	}
	var archived int64
	into[len(texts)] = &archived
	cells := make([]bundle.Cell, len(texts))
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read the rows: %w", err)
		}
		for i, text := range texts {
			if cells[i] = (bundle.Cell{Null: true}); text != nil {
				cells[i] = bundle.Cell{Text: *text}
			}
		}
		if err := x.checkParents(cells, to.Rows+1); err != nil {
			return err
		}
		if err := to.Write(cells, archived == 1); err != nil {
			return fmt.Errorf("%w.%s", err, x.advice())
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the rows: %w", err)
	}
	return nil
}

// advice is what may be behind a row that cannot be written.
func (x *exported) advice() string {
	text := " A value that its column's type does not know was written past that type (SQLite lets it be); correct it, or leave its column out with --without"
	if len(x.target.Lookups) > 0 {
		text += ". A row that is there twice refers to a parent that is: let the column that is looked up be unique"
	}
	return text
}

// checkParents refuses a row that refers to another one which cannot be named on another server.
func (x *exported) checkParents(cells []bundle.Cell, row int64) error {
	for i, c := range x.to.Columns {
		if c.Lookup == "" || !cells[i].Null {
			continue
		}
		at := slices.IndexFunc(x.to.Columns, func(own bundle.Column) bool { return own.Name == c.Lookup })
		if at >= 0 && !cells[at].Null {
			return fmt.Errorf("row %d: column %q refers to a row that is not there, or whose %s is NULL: on another server it could not be found. Correct it, or leave the column out with --without %s.%s",
				row, c.Lookup, strings.TrimPrefix(c.Name, c.Lookup+"."), x.to.Table, c.Lookup)
		}
	}
	return nil
}

// RowsDigest returns the digest of a sync's rows as an export would write them now, as q sees them, and their number. They are
// those that were exported exactly if both are those of the bundle's sync. An error says in which way the table is another one.
func RowsDigest(ctx context.Context, cfg *config.Config, s *config.Sync, from *bundle.Sync, d providers.Destination, q providers.Querier) (digest string, rows int64, err error) {
	x := &exported{cfg: cfg, sync: s, at: &place{Destination: d, of: s.Destination.Into, catalog: plan.NewCatalog(d, q), identity: from.Origin}, q: q}
	var diags config.Diagnostics
	// What counts as archived does not matter here.
	if !x.describe(ctx, time.Unix(0, 0), func(c sqlgen.Column) bool { return slices.Contains(from.Without, c.Name) }, &diags) {
		return "", 0, diags.Err()
	}
	if bundle.SchemaDigest(x.to.Columns) != from.Schema {
		return "", 0, fmt.Errorf("%s: table %s has other columns, or columns of other types, than when it was exported: export again", s.Address, s.Destination.Table)
	}
	w, err := bundle.NewRowWriter(io.Discard, x.to.Columns, x.to.Key)
	if err != nil {
		return "", 0, err
	}
	if err := x.read(ctx, w); err != nil {
		return "", 0, fmt.Errorf("%s, table %s: %w", s.Address, s.Destination.Table, x.at.safe(err))
	}
	if err := w.Close(); err != nil {
		return "", 0, err
	}
	return w.Digest(), w.Rows, nil
}
