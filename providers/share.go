package providers

import "context"

// SnapshotSharer is a Snapshot beside which others can read the same state at the same time.
type SnapshotSharer interface {
	// Share makes the state of the snapshot available and returns what opens another view of it:
	// a Snapshot that sees exactly the same, as far as the engine can, and is closed before this one.
	// view may be called while this one and other views are read, by several goroutines at once; its
	// error means that there is no further view, and no more than that.
	//
	// Share must be called before the first Read. After an error the snapshot serves alone; its
	// state may then be that of the moment of the call.
	Share(ctx context.Context) (view func(ctx context.Context) (Snapshot, error), err error)
}
