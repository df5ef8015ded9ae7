package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

// TakenError: the scopes of a faculty hold rows, with which those of a bundle would mix.
type TakenError struct {
	// Scopes say which tables hold how many.
	Scopes []string
	// Before is the plan that imported the same bundle already; "" for none.
	Before string
}

func (e *TakenError) Error() string {
	text := "The faculty has rows here already, archived ones included: nothing was written\n" + strings.Join(e.Scopes, "\n")
	if e.Before != "" {
		return text + fmt.Sprintf("\nThis very bundle was imported by plan %s. To have its confirmation written again: registrar transfer import MANIFEST --apply %s", e.Before, e.Before)
	}
	return text + "\nA bundle is imported into empty scopes only. Give the faculty another Id_Import, whose faculty has no rows; or remove these rows first."
}

// vacant refuses faculties that have rows here, archived ones too; in any of their syncs, also where the bundle has nothing for it.
func (m *Import) vacant(ctx context.Context) (err error) {
	var all []*config.Sync
	for _, s := range m.own.Syncs {
		if slices.ContainsFunc(m.pairs, func(p pair) bool { return p.to.Label == s.Faculty }) {
			all = append(all, s)
		}
	}
	at, err := openPlaces(ctx, m.options.Providers, m.own, all)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	var taken TakenError
	var diags config.Diagnostics
	for _, p := range at.sorted() {
		err := p.look(ctx, m.own, m.options.LockTimeout, func(tx *sql.Tx) error {
			for _, s := range all {
				if s.Destination.Into != p.of {
					continue
				}
				n, found, err := p.scoped(ctx, tx, m.own, s)
				if err != nil {
					return err
				}
				if diags = append(diags, found...); n > 0 {
					taken.Scopes = append(taken.Scopes, fmt.Sprintf("  %s: %d rows of table %q", s.Address, n, s.Destination.Table))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := diags.Err(); err != nil || len(taken.Scopes) == 0 {
		return err
	}
	for _, p := range at.sorted() {
		if taken.Before, err = p.register().LastOfPurpose(ctx, p.conn, register.Import, m.Bundle.Digest); err != nil {
			return fmt.Errorf("%s: %w", p.of.Address, p.safe(err))
		}
		if taken.Before != "" {
			break
		}
	}
	return &taken
}
