package csv

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.SnapshotSharer = (*snapshot)(nil)

// Share returns views that hold the same directory open: all that a snapshot fixes. Each read
// opens its own file.
func (s *snapshot) Share(context.Context) (func(context.Context) (providers.Snapshot, error), error) {
	return func(ctx context.Context) (providers.Snapshot, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		root, err := s.root.OpenRoot(".")
		if err != nil {
			return nil, fmt.Errorf("open directory %q again: %w", s.options.directory, bare(err))
		}
		return &snapshot{options: s.options, root: root}, nil
	}, nil
}
