package plan

import (
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// lookup checks a lookup against its parent table and adds it to the target. Its business keys
// may be secret.
func (b *binder) lookup(t *sqlgen.Target, column config.Column, secret bool) {
	l := column.Lookup
	parent := b.describe(l.Table, l.TableRange)
	if parent == nil {
		return
	}
	own, _ := t.Table.Column(column.Name)
	out := &sqlgen.Lookup{Column: own, Parent: parent, Archived: l.Archived, Null: l.OnUnresolved == config.NullUnresolved, Sensitive: secret}
	var ok bool
	if out.Ref, ok = b.columnOf(parent, l.Table, l.Column, l.Range, "lookup"); ok && !comparableKinds(own.Type, out.Ref.Type) {
		b.Errorf(l.Range, "Type does not fit its column", "Column %q of table %q is of type %s, column %q of table %q, which is looked up, of type %s.", own.Name, b.sync.Destination.Table, own.Type, l.Column, l.Table, out.Ref.Type)
		ok = false
	}
	if out.Null && own.NotNull {
		b.Errorf(l.Range, "Column cannot be NULL", "Column %q of table %q is NOT NULL, but on_unresolved would set it to null.", own.Name, b.sync.Destination.Table)
	}
	if parent.RowSecurity {
		b.Errorf(l.TableRange, "Row-level security hides rows", "Row-level security is active on table %q for the connected role. Hidden rows would not be found: connect as a role that bypasses it.", l.Table)
	}
	for _, key := range l.By {
		by, found := b.columnOf(parent, l.Table, key.Column, key.Range, "lookup")
		if !found {
			ok = false
			continue
		}
		staged := by
		staged.Name = column.Name + "." + key.Column
		if _, taken := t.Table.Column(staged.Name); taken {
			b.Errorf(key.Range, "Column name not free", "Table %q has a column %q, by which the register would name the business key of %q.", b.sync.Destination.Table, staged.Name, column.Name)
		}
		out.By = append(out.By, sqlgen.LookupKey{Column: by, Staged: staged})
	}
	if !ok {
		return
	}
	if t.Self(out) && slices.Contains(b.sync.Destination.Key, column.Name) {
		b.Errorf(l.Range, "Key looks into its own table", "Column %q is part of the key and looks up a row of its own table: the key of one row would depend on another's.", column.Name)
		return
	}
	for _, other := range b.cfg.Syncs {
		if other.Destination.Into != b.sync.Destination.Into {
			continue
		}
		owned, err := b.catalog.Table(b.ctx, other.Destination.Table)
		if err != nil || owned.Name != parent.Name {
			continue
		}
		if other.Destination.Table != l.Table {
			b.Errorf(l.TableRange, "Two names for one table", "%q is the table that %s (%s) calls %q: write the same name in both.", l.Table, other.Address, other.Destination.TableRange, other.Destination.Table)
			return
		}
		if owner := b.relative(other); owner.Table != nil {
			out.Owners = append(out.Owners, owner)
		}
	}
	t.Lookups = append(t.Lookups, out)
}

// comparableKinds reports whether a reference of one type can hold the other's value.
func comparableKinds(column, ref value.Type) bool {
	number := func(k value.Kind) bool { return k == value.Int || k == value.Decimal }
	return column.Kind == ref.Kind || number(column.Kind) && number(ref.Kind)
}

// inParent checks a part of the scope against its parent table and adds it to the target.
func (b *binder) inParent(t *sqlgen.Target, p config.InParent) {
	column, ok := b.column(p.Column, p.Range, "scope")
	parent := b.describe(p.Table, p.Range)
	if !ok || parent == nil {
		return
	}
	if parent.RowSecurity {
		b.Errorf(p.Range, "Row-level security hides rows", "Row-level security is active on table %q for the connected role. Hidden rows would look absent: connect as a role that bypasses it.", p.Table)
	}
	ref, ok := b.columnOf(parent, p.Table, p.Ref, p.Range, "in_parent")
	if !ok {
		return
	}
	inner := binder{ctx: b.ctx, cfg: b.cfg, sync: b.sync, catalog: b.catalog, table: parent, loc: b.loc}
	where := inner.sets(p.Where, "in_parent")
	b.Diagnostics = append(b.Diagnostics, inner.Diagnostics...)
	t.Parents = append(t.Parents, sqlgen.InParent{Column: column, Parent: parent, Ref: ref, Where: where})
}

// columnOf returns a column of another table than the sync's own, or a diagnostic.
func (b *binder) columnOf(table *sqlgen.Table, shown, name string, at config.Range, where string) (sqlgen.Column, bool) {
	column, ok := table.Column(name)
	if !ok {
		b.unknownColumn(table, shown, name, at, where)
	}
	return column, ok
}

// compare checks how a column is to be compared.
func (b *binder) compare(t *sqlgen.Target, column sqlgen.Column, c config.Column) {
	if c.Compare.Mode == "" || c.Compare.Mode == config.CompareExact {
		return
	}
	var kinds []value.Kind
	switch c.Compare.Mode {
	case config.CompareRounded:
		kinds = []value.Kind{value.Int, value.Decimal, value.Float}
	case config.CompareDate:
		kinds = []value.Kind{value.Date, value.DateTime, value.Instant}
	default:
		kinds = []value.Kind{value.Text}
	}
	if !slices.Contains(kinds, column.Type.Kind) {
		b.Errorf(c.Range, "Comparison does not fit its column", "Column %q of table %q is of type %s, which cannot be compared as %q.", column.Name, b.sync.Destination.Table, column.Type, c.Compare.Mode)
		return
	}
	t.Compare[column.Name] = sqlgen.Compare{Mode: sqlgen.CompareMode(c.Compare.Mode), Digits: c.Compare.Digits, Zone: b.loc.String()}
}

// predicate checks a predicate against the sync's table.
func (b *binder) predicate(p *config.Predicate, where string) *sqlgen.Predicate {
	if p == nil {
		return nil
	}
	out, fits := b.condition(p, where)
	if !fits {
		return nil
	}
	return out
}

// condition is predicate, and whether all of it fits the table.
func (b *binder) condition(p *config.Predicate, where string) (out *sqlgen.Predicate, fits bool) {
	out, fits = &sqlgen.Predicate{Op: string(p.Op)}, true
	for _, operand := range p.Operands {
		one, ok := b.condition(operand, where)
		out.Operands, fits = append(out.Operands, one), fits && ok
	}
	if len(p.Operands) > 0 {
		return out, fits
	}
	if out.Column, fits = b.columnOf(b.table, b.sync.Destination.Table, p.Column, p.Range, where); !fits {
		return out, false
	}
	for _, one := range p.Values {
		v, err := out.Column.Type.Fit(one, b.loc)
		if err != nil {
			b.Errorf(p.Range, "Value does not fit its column", "The value that column %q is compared with in %s %s.", p.Column, where, err)
			fits = false
			continue
		}
		if v.IsNull() && !one.IsNull() {
			b.Errorf(p.Range, "Value does not fit its column", "The value that column %q is compared with in %s is empty, which the database takes for NULL: compare with null.", p.Column, where)
			fits = false
			continue
		}
		out.Texts = append(out.Texts, v.Text())
	}
	return out, fits
}

// relative is bind for a sync whose archived rows another sync must tell from the rest. Its own
// mistakes are reported with it, but for those that keep them from being told.
func (b *binder) relative(other *config.Sync) *sqlgen.Target {
	t, ob := bind(b.ctx, b.cfg, other, b.catalog)
	if other.Lifecycle.Archived != nil && t.ArchivedIf == nil {
		b.Diagnostics = append(b.Diagnostics, ob.Diagnostics...)
	}
	return t
}
