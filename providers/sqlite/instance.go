package sqlite

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.InstanceTeller = (*destination)(nil)

// Instance goes by where the file lies: its device and its number there, which a copy does not share. A file that
// is renamed keeps them.
func (*destination) Instance(ctx context.Context, q providers.Querier) (string, error) {
	var path string
	if err := q.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path); err != nil {
		return "", fmt.Errorf("ask which database this is: %w", safeError(err))
	}
	if path == "" {
		return "", nil // it is in memory
	}
	return providers.HashInstance(fileIdentity(path)...), nil
}
