package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

// destination is not providers.SharedStaging: its staging tables are temporary
// ones, which belong to their connection and lie outside the file.
type destination struct {
	db       *sql.DB
	identity string
	busy     time.Duration
}

var (
	_ providers.Destination   = (*destination)(nil)
	_ providers.ErrorScrubber = (*destination)(nil)
	_ providers.Compacter     = (*destination)(nil)
)

// SafeError implements providers.ErrorScrubber.
func (*destination) SafeError(err error) error { return safeError(err) }

func (*destination) Dialect() sqlgen.Dialect { return dialect{} }

func (d *destination) Identity() string { return d.identity }

func (d *destination) Close() error { return d.db.Close() }

func (d *destination) Conn(ctx context.Context) (*sql.Conn, error) { return d.db.Conn(ctx) }

// retryAfter is how long Begin sleeps between two attempts.
const retryAfter = 20 * time.Millisecond

// Begin takes the file's write lock, so that two applies exclude each other. It
// does the waiting itself: SQLite's own would not end with the context.
func (d *destination) Begin(ctx context.Context, conn *sql.Conn, wait time.Duration) (_ *sql.Tx, err error) {
	if err := setBusyTimeout(ctx, conn, 0); err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, setBusyTimeout(context.WithoutCancel(ctx), conn, d.busy))
	}()
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	for {
		tx, err := conn.BeginTx(ctx, nil)
		if err == nil {
			return tx, nil
		}
		if !isBusy(err) {
			return nil, fmt.Errorf("begin: %w", err)
		}
		if wait <= 0 {
			return nil, busyAsLocked(err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the database's lock: %w", context.Cause(ctx))
		case <-deadline.C:
			return nil, busyAsLocked(err)
		case <-time.After(retryAfter):
		}
	}
}

func setBusyTimeout(ctx context.Context, conn *sql.Conn, d time.Duration) error {
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", d.Milliseconds())); err != nil {
		return fmt.Errorf("set the busy timeout: %w", err)
	}
	return nil
}

// Compact implements providers.Compacter. When SQLite moves rows to another page, copies stay behind, also while it overwrites what is
// deleted (secure_delete).
func (*destination) Compact(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "VACUUM"); err != nil {
		return fmt.Errorf("VACUUM: %w", busyAsLocked(err))
	}
	// The log holds the old pages, too, until it is cut.
	var busy, pages, moved int
	if err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("empty the write-ahead log: %w", busyAsLocked(err))
	}
	if busy != 0 {
		return fmt.Errorf("empty the write-ahead log: %w: others read the file", providers.ErrLocked)
	}
	return nil
}
