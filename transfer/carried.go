package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/plan"
)

// LostError: with the rows values would be removed that the bundle does not have, since their columns were left out of it.
type LostError struct {
	// Columns say of which columns, and how many.
	Columns []string
}

func (e *LostError) Error() string {
	return "The bundle lacks values that would be removed with the rows: nothing was removed\n" + strings.Join(e.Columns, "\n") +
		"\nThey were left out by export --without, and are nowhere else. Copy them apart if they matter; then name the columns again: --without COLUMN."
}

// carried refuses to remove values that the bundle lacks, unless their columns are named. wait is for a database that another process
// holds.
func (r *Retirement) carried(ctx context.Context, wait time.Duration) (err error) {
	at, err := openPlaces(ctx, r.options.Providers, r.own, r.syncs())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	lost, known := &LostError{}, map[string]bool{}
	for _, p := range at.sorted() {
		err := p.look(ctx, r.own, wait, func(tx *sql.Tx) error {
			for i := range r.pairs {
				for _, s := range r.pairs[i].syncs {
					if s.to.Destination.Into != p.of {
						continue
					}
					some, err := r.lostOf(ctx, p, tx, s, known)
					if err != nil {
						return err
					}
					lost.Columns = append(lost.Columns, some...)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, name := range r.options.Without {
		if !known[name] {
			return fmt.Errorf("--without %s: no such column was left out of the bundle: registrar transfer verify lists those that were", name)
		}
	}
	if len(lost.Columns) > 0 {
		return lost
	}
	return nil
}

// lostOf says which columns that a sync's rows lack in the bundle hold values and are not named, and adds all of them to known.
func (r *Retirement) lostOf(ctx context.Context, p *place, tx *sql.Tx, s syncPair, known map[string]bool) (lost []string, err error) {
	if len(s.from.Without) == 0 {
		return nil, nil
	}
	target, diags := plan.Target(ctx, r.own, s.to, plan.NewCatalog(p.Destination, tx))
	if diags.HasErrors() {
		return nil, diags.Err()
	}
	for _, name := range s.from.Without {
		names := []string{name, s.to.Destination.Table + "." + name}
		for _, one := range names {
			known[one] = true
		}
		column, there := target.Table.Column(name)
		if !there || slices.ContainsFunc(names, func(one string) bool { return slices.Contains(r.options.Without, one) }) {
			continue
		}
		var n int64
		count := sqlgen.CountGiven(p.Dialect(), target, column)
		if err := tx.QueryRowContext(ctx, count.SQL, count.Args...).Scan(&n); err != nil {
			return nil, fmt.Errorf("%s: count the values of column %s: %w", s.to.Address, name, p.safe(err))
		}
		if n > 0 {
			lost = append(lost, fmt.Sprintf("  %s: column %q of table %q holds a value in %d rows", s.to.Address, name, s.to.Destination.Table, n))
		}
	}
	return lost, nil
}
