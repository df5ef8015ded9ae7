package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.SnapshotSharer = (*snapshot)(nil)

// Share returns views as long as nobody writes to the file: what is read now is then what the
// snapshot sees.
func (s *snapshot) Share(context.Context) (func(context.Context) (providers.Snapshot, error), error) {
	if s.file == nil {
		return nil, errors.New("share a snapshot: the file was replaced while it was opened")
	}
	return s.view, nil
}

func (s *snapshot) view(ctx context.Context) (providers.Snapshot, error) {
	conn, err := beginReading(ctx, s.db)
	if err != nil {
		return nil, err
	}
	// Once the view is taken: what is written from here on is not in it.
	var version int64
	err = s.probe.QueryRowContext(ctx, dataVersion).Scan(&version)
	switch {
	case err != nil:
	case version != s.version:
		err = errors.New("the file has been written to since the snapshot")
	case !isFile(s.file, s.path):
		err = errors.New("the file has been replaced since the snapshot")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open another view of a snapshot: %w", busyAsLocked(err)), conn.Close())
	}
	return &snapshot{db: s.db, conn: conn, path: s.path, file: s.file, isView: true, probe: s.probe, version: s.version}, nil
}
