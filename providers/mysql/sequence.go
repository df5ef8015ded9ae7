package mysql

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Sequencer = (*destination)(nil)

// NextValue finds a sequence of MariaDB's; MySQL has none.
func (d *destination) NextValue(ctx context.Context, q providers.Querier, sequence string) (string, error) {
	found, err := d.sequence(ctx, q, sequence)
	if err != nil {
		return "", err
	}
	return "NEXT VALUE FOR " + found.sql(), nil
}

func (d *destination) sequence(ctx context.Context, q providers.Querier, sequence string) (relation, error) {
	if d.dialect.mysql {
		return relation{}, fmt.Errorf("%w %q: MySQL has none", providers.ErrNoSequence, sequence)
	}
	for _, candidate := range candidates(d.settings.database, sequence) {
		var sequences int64
		err := q.QueryRowContext(ctx, "SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ? AND table_type = 'SEQUENCE'",
			candidate.database, candidate.name).Scan(&sequences)
		if err != nil {
			return relation{}, fmt.Errorf("look for the sequence: %w", d.SafeError(err))
		}
		if sequences > 0 {
			return candidate, nil
		}
	}
	return relation{}, fmt.Errorf("%w %q", providers.ErrNoSequence, sequence)
}
