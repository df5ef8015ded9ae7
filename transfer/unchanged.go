package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/register"
)

// unchanged compares the rows with those that were exported: of each destination one snapshot is read. The error is a *ChangedError
// where they differ. wait is for a database that another process holds.
func (r *Retirement) unchanged(ctx context.Context, wait time.Duration) (err error) {
	at, err := openPlaces(ctx, r.options.Providers, r.own, r.syncs())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	var changed ChangedError
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
