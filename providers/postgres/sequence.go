package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Sequencer = (*destination)(nil)

// NextValue finds a sequence by the name that a query would give it.
func (*destination) NextValue(ctx context.Context, q providers.Querier, sequence string) (string, error) {
	found, err := findSequence(ctx, q, sequence)
	if err != nil {
		return "", err
	}
	return "nextval('" + strings.ReplaceAll(found.sql(), "'", "''") + "'::regclass)", nil
}

func findSequence(ctx context.Context, q providers.Querier, sequence string) (relation, error) {
	var found relation
	err := sqlCatalog(q)(ctx, func(scan func(...any) error) error { return scan(&found.schema, &found.name) },
		`SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass($1::text) AND c.relkind = 'S'`, sequence)
	switch {
	case err != nil:
		return found, fmt.Errorf("look for the sequence: %w", safeError(err))
	case found.name == "":
		return found, fmt.Errorf("%w %q", providers.ErrNoSequence, sequence)
	}
	return found, nil
}
