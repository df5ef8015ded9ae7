package mysql

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Sequencer = (*destination)(nil)

// NextValue finds a sequence of MariaDB's; MySQL has none.
func (d *destination) NextValue(ctx context.Context, q providers.Querier, sequence string) (string, error) {
	if d.dialect.mysql {
		return "", fmt.Errorf("%w %q: MySQL has none", providers.ErrNoSequence, sequence)
	}
	for _, candidate := range candidates(d.settings.database, sequence) {
		var sequences int64
		err := q.QueryRowContext(ctx, "SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ? AND table_type = 'SEQUENCE'",
			candidate.database, candidate.name).Scan(&sequences)
		if err != nil {
			return "", fmt.Errorf("look for the sequence: %w", d.SafeError(err))
		}
		if sequences > 0 {
			return "NEXT VALUE FOR " + candidate.sql(), nil
		}
	}
	return "", fmt.Errorf("%w %q", providers.ErrNoSequence, sequence)
}
