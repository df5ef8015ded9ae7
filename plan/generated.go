package plan

import (
	"errors"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// generated finds the sequences that number new rows.
func (b *binder) generated(t *sqlgen.Target) {
	for _, g := range b.sync.Destination.Generated {
		column, ok := b.column(g.Column, g.Range, "generated")
		if !ok {
			continue
		}
		if kind := column.Type.Kind; kind != value.Int && kind != value.Decimal && kind != value.Text {
			b.Errorf(g.Range, "Column cannot hold a number", "Column %q of table %q is of type %s: a sequence yields whole numbers.", g.Column, b.sync.Destination.Table, column.Type.SQL)
			continue
		}
		if b.setsOnInsert(g.Column) {
			b.Errorf(g.Range, "Conflicting column", "Column %q is set by generated, and by restore or a stamp on insert as well; it must be one of them.", g.Column)
			continue
		}
		sequencer, ok := b.catalog.of.(providers.Sequencer)
		if !ok {
			b.Errorf(g.Range, "No sequences", "The engine of %s has no sequences: let the table number its rows (an identity or auto-increment column), and remove %q from generated.",
				b.sync.Destination.Into.Address, g.Column)
			continue
		}
		next, err := sequencer.NextValue(b.ctx, b.catalog.q, g.Sequence)
		switch {
		case errors.Is(err, providers.ErrNoSequence):
			b.Errorf(g.Range, "Unknown sequence", "%s has no sequence %q.", b.sync.Destination.Into.Address, g.Sequence)
		case err != nil:
			b.Errorf(g.Range, "Sequence cannot be used", "%s, sequence %q: %s.", b.sync.Destination.Into.Address, g.Sequence, providers.SafeError(b.catalog.of, err))
		default:
			t.Generated = append(t.Generated, sqlgen.Generated{Column: column, Next: next})
		}
	}
}

// setsOnInsert reports whether the lifecycle gives a new row's column a value.
func (b *binder) setsOnInsert(column string) bool {
	l := b.sync.Lifecycle
	return slices.ContainsFunc(l.Restore, func(a config.Assignment) bool { return a.Column == column }) ||
		slices.ContainsFunc(l.Stamps, func(s config.Stamp) bool { return s.Column == column && s.On == config.Insert })
}
