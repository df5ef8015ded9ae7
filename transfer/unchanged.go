package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/register"
)

// ChangedError: rows differ from those that were exported.
type ChangedError struct {
	Syncs []string
	// Before is the plan that retired the same bundle already, and At the destination where it did; "" for none.
	Before, At string
	// Done are those of Retirement.Done.
	Done []string
}

func (e *ChangedError) Error() string {
	changed := strings.Join(slices.Concat(e.Done, e.Syncs), "\n")
	if e.Before != "" {
		return fmt.Sprintf("The faculty was retired already, by plan %s in %s\nThe rows are not those that were exported any more:\n%s", e.Before, e.At, changed)
	}
	nothing := "nothing was removed"
	if len(e.Done) > 0 {
		nothing = "nothing else was removed"
	}
	return "The rows are not those that were exported: " + nothing + "\n" + changed +
		"\nWhat changed since would be lost: remove at the target what was imported, export again, import that, and present its confirmation. Pause the syncs meanwhile (registrar pause)."
}

// unchanged compares the rows with those that were exported: of each destination one snapshot is read. The error is a *ChangedError
// where they differ. wait is for a database that another process holds.
func (r *Retirement) unchanged(ctx context.Context, wait time.Duration) (err error) {
	at, err := openPlaces(ctx, r.options.Providers, r.own, r.syncs())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	changed := ChangedError{Done: r.Done}
	for _, p := range at.sorted() {
		some, err := r.changedIn(ctx, p, wait)
		if err != nil {
			return err
		}
		changed.Syncs = append(changed.Syncs, some...)
		if len(some) == 0 || changed.Before != "" {
			continue
		}
		if changed.Before, err = p.register().LastOfPurpose(ctx, p.conn, register.Retire, r.Bundle.Digest); err != nil {
			return fmt.Errorf("%s: %w", p.of.Address, p.safe(err))
		}
		changed.At = p.of.Address
	}
	if len(changed.Syncs) > 0 {
		return &changed
	}
	return nil
}

// changedIn says of which syncs a destination has other rows.
func (r *Retirement) changedIn(ctx context.Context, p *place, wait time.Duration) (changed []string, err error) {
	err = p.look(ctx, r.own, wait, func(tx *sql.Tx) error {
		for i := range r.pairs {
			for _, s := range r.pairs[i].syncs {
				if s.to.Destination.Into != p.of {
					continue
				}
				digest, rows, err := RowsDigest(ctx, r.own, s.to, s.from, p.Destination, tx)
				switch {
				case err != nil:
					return p.safe(err)
				case rows != s.from.Rows:
					changed = append(changed, fmt.Sprintf("  %s: table %q has %d rows of it now, %d were exported", s.to.Address, s.to.Destination.Table, rows, s.from.Rows))
				case digest != s.from.Digest:
					changed = append(changed, fmt.Sprintf("  %s: of its %d rows in table %q some were changed", s.to.Address, rows, s.to.Destination.Table))
				}
			}
		}
		return nil
	})
	return changed, err
}
