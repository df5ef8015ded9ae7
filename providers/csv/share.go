package csv

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
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
			return nil, fmt.Errorf("open directory %q again: %w", s.options.directory, filetable.Bare(err))
		}
		return &snapshot{options: s.options, directory: s.directory, root: root}, nil
	}, nil
}
