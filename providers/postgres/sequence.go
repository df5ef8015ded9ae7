package postgres

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Sequencer = (*destination)(nil)

// NextValue finds a sequence by the name that a query would give it.
func (*destination) NextValue(ctx context.Context, q providers.Querier, sequence string) (string, error) {
	var next string
	err := sqlCatalog(q)(ctx, func(scan func(...any) error) error { return scan(&next) },
		`SELECT format('nextval(%L::regclass)', format('%I.%I', n.nspname, c.relname)) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass($1::text) AND c.relkind = 'S'`, sequence)
	switch {
	case err != nil:
		return "", fmt.Errorf("look for the sequence: %w", safeError(err))
	case next == "":
		return "", fmt.Errorf("%w %q", providers.ErrNoSequence, sequence)
	}
	return next, nil
}
