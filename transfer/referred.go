package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
)

// ReferredError: rows that stay refer to some that would be removed, where the database has no foreign key that would refuse it.
type ReferredError struct {
	// Reasons say which tables hold how many.
	Reasons []string
}

func (e *ReferredError) Error() string {
	return "Rows that stay refer to rows that would be removed: nothing was removed\n" + strings.Join(e.Reasons, "\n") +
		"\nThey would refer to nothing. Let them refer to other rows, or remove them first."
}

// unreferred looks by the lookups of all of the configuration's syncs whether rows that stay refer to some that are removed. The plan
// itself is held where there is a foreign key. wait is for a database that another process holds.
func (r *Retirement) unreferred(ctx context.Context, wait time.Duration) (err error) {
	at, err := openPlaces(ctx, r.options.Providers, r.own, r.syncs())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	referred := &ReferredError{}
	for _, p := range at.sorted() {
		err := p.look(ctx, r.own, wait, func(tx *sql.Tx) error {
			reasons, err := r.referredIn(ctx, p, tx)
			referred.Reasons = append(referred.Reasons, reasons...)
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(referred.Reasons) > 0 {
		return referred
	}
	return nil
}

// referredIn says which tables of a destination hold such rows.
func (r *Retirement) referredIn(ctx context.Context, p *place, tx *sql.Tx) (reasons []string, err error) {
	catalog := plan.NewCatalog(p.Destination, tx)
	var leaving []*sqlgen.Target
	for _, s := range r.syncs() {
		if s.Destination.Into != p.of {
			continue
		}
		target, diags := plan.Target(ctx, r.own, s, catalog)
		if diags.HasErrors() {
			return nil, diags.Err()
		}
		leaving = append(leaving, target)
	}
	var seen []string
	for _, s := range r.own.Syncs {
		if s.Destination.Into != p.of || !slices.ContainsFunc(s.Columns, func(c config.Column) bool { return c.Lookup != nil }) {
			continue
		}
		if _, err := catalog.Table(ctx, s.Destination.Table); errors.Is(err, providers.ErrNoTable) {
			continue // it has no rows
		}
		child, diags := plan.Target(ctx, r.own, s, catalog)
		if diags.HasErrors() {
			return nil, diags.Err()
		}
		for _, l := range child.Lookups {
			for _, parent := range leaving {
				// Several syncs write one table.
				count := fmt.Sprintf("%s %s %s %s", child.Table.Name, l.Column.Name, l.Ref.Name, parent.Sync)
				if l.Parent.Name != parent.Table.Name || guarded(child.Table, l) || slices.Contains(seen, count) {
					continue
				}
				seen = append(seen, count)
				n, err := p.referring(ctx, tx, child, l, parent, leaving)
				if err != nil {
					return nil, fmt.Errorf("%s: count the rows that refer to %s: %w", s.Address, parent.Sync, p.safe(err))
				}
				if n > 0 {
					reasons = append(reasons, fmt.Sprintf("  %d rows of table %q, by column %q, to rows of %s", n, s.Destination.Table, l.Column.Name, parent.Sync))
				}
			}
		}
	}
	return reasons, nil
}

// guarded reports whether a foreign key says what a lookup does: then the plan is held.
func guarded(table *sqlgen.Table, l *sqlgen.Lookup) bool {
	return slices.ContainsFunc(table.ForeignKeys, func(key sqlgen.ForeignKey) bool {
		return key.Parent == l.Parent.Name && slices.Equal(key.Columns, []string{l.Column.Name})
	})
}

func (p *place) referring(ctx context.Context, tx *sql.Tx, child *sqlgen.Target, l *sqlgen.Lookup, parent *sqlgen.Target, leaving []*sqlgen.Target) (n int64, err error) {
	leaving = slices.DeleteFunc(slices.Clone(leaving), func(t *sqlgen.Target) bool { return t.Table.Name != child.Table.Name })
	s := sqlgen.CountReferring(p.Dialect(), child, l, parent, leaving)
	err = tx.QueryRowContext(ctx, s.SQL, s.Args...).Scan(&n)
	return n, err
}
