package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/plan"
)

// VoidError: an import that was applied is not to be confirmed, since its rows are no longer here.
type VoidError struct {
	PlanID string
	// Reasons say what is missing, or which plan undid the import.
	Reasons []string
}

func (e *VoidError) Error() string {
	return "The import by plan " + e.PlanID + " cannot be confirmed: what it brought is no longer here, or not all of it\n" + strings.Join(e.Reasons, "\n") +
		"\nWith a confirmation the rows would be removed at the origin, and be nowhere. Destroy the one that was given out, if there is one; remove here what is left of the rows, and import the bundle again."
}

// confirmable refuses to confirm rows that are no longer here. The error is a *VoidError.
func (m *Import) confirmable(ctx context.Context, at places, p *plan.Plan) error {
	void := &VoidError{PlanID: p.ID}
	for _, place := range at.sorted() {
		by, err := place.register().RevertedBy(ctx, place.conn, p.ID)
		if err != nil {
			return fmt.Errorf("%s: %w", place.of.Address, place.safe(err))
		}
		for _, id := range by {
			void.Reasons = append(void.Reasons, fmt.Sprintf("  %s: plan %s undid it, or a part of it", place.of.Address, id))
		}
		err = place.look(ctx, m.own, m.options.LockTimeout, func(tx *sql.Tx) error {
			fewer, err := m.fewer(ctx, place, tx)
			void.Reasons = append(void.Reasons, fewer...)
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(void.Reasons) > 0 {
		return void
	}
	return nil
}

// fewer says of which syncs a destination has fewer rows than the bundle. It may have more: since the import, plans go on.
func (m *Import) fewer(ctx context.Context, at *place, tx *sql.Tx) (reasons []string, err error) {
	for i := range m.pairs {
		for _, s := range m.pairs[i].syncs {
			if s.to.Destination.Into != at.of {
				continue
			}
			n, diags, err := at.scoped(ctx, tx, m.own, s.to)
			if err := errors.Join(err, diags.Err()); err != nil {
				return nil, err
			}
			if n < s.from.Rows {
				reasons = append(reasons, fmt.Sprintf("  %s: table %q has %d rows of it, archived ones included, the bundle has %d", s.to.Address, s.to.Destination.Table, n, s.from.Rows))
			}
		}
	}
	return reasons, nil
}
