package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/register"
)

// leaveDone leaves out of several destinations those that an earlier plan of the same bundle has emptied, as where it was applied to one and
// expired before it was to the other.
func (r *Retirement) leaveDone(ctx context.Context, at places) error {
	if len(at) < 2 {
		return nil
	}
	done := map[*place]string{} // by which plan
	for _, p := range at.sorted() {
		id, err := p.register().LastOfPurpose(ctx, p.conn, register.Retire, r.Bundle.Digest)
		if err != nil {
			return fmt.Errorf("%s: %w", p.of.Address, p.safe(err))
		}
		if id == "" {
			continue
		}
		empty, err := r.emptied(ctx, p)
		if err != nil {
			return err
		}
		if empty {
			done[p] = id
		}
	}
	if saved := r.options.Plan; saved != nil {
		// A plan of theirs, too, is gone on with, or was applied.
		for _, s := range saved.Syncs() {
			for p := range done {
				if s.Destination == p.of.Address {
					delete(done, p)
				}
			}
		}
	} else if len(done) == len(at) {
		return nil // which is an error of its own
	}
	for _, p := range at.sorted() {
		if done[p] == "" {
			continue
		}
		r.Done = append(r.Done, fmt.Sprintf("  %s: its rows were removed already, by plan %s", p.of.Address, done[p]))
		for i := range r.pairs {
			r.pairs[i].syncs = slices.DeleteFunc(r.pairs[i].syncs, func(s syncPair) bool { return s.to.Destination.Into == p.of })
		}
	}
	return nil
}

// emptied reports whether the bundle has rows of a destination of which none is left there.
func (r *Retirement) emptied(ctx context.Context, p *place) (empty bool, err error) {
	var exported, left int64
	err = p.look(ctx, r.own, r.options.LockTimeout, func(tx *sql.Tx) error {
		for i := range r.pairs {
			for _, s := range r.pairs[i].syncs {
				if s.to.Destination.Into != p.of {
					continue
				}
				n, diags, err := p.scoped(ctx, tx, r.own, s.to)
				if err := errors.Join(err, diags.Err()); err != nil {
					return err
				}
				exported, left = exported+s.from.Rows, left+n
			}
		}
		return nil
	})
	return exported > 0 && left == 0, err
}
