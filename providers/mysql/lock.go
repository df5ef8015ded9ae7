package mysql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

const (
	codeLockWaitTimeout = 1205
	codeDeadlock        = 1213
	codeNoWait          = 3572
)

// lockName is a name's place among the server's locks, which all its databases and other programs share: of 64
// characters at most.
func (d *destination) lockName(name string) string {
	sum := sha256.Sum256([]byte(d.settings.database + "\x00" + name))
	return "registrar " + hex.EncodeToString(sum[:20])
}

// TryLock takes the named lock until Unlock, or until conn is closed or dies.
func (d *destination) TryLock(ctx context.Context, conn *sql.Conn, name string) (taken bool, err error) {
	var got sql.NullInt64
	if err = conn.QueryRowContext(ctx, "SELECT get_lock(?, 0)", d.lockName(name)).Scan(&got); err == nil && got.Int64 == 1 {
		taken = true
		err = onSession(conn, func(s *writerSession) error {
			s.locks++
			return nil
		})
	}
	if err != nil {
		return false, fmt.Errorf("try the lock %q: %w", name, d.SafeError(err))
	}
	return taken, nil
}

// Unlock gives a lock taken by TryLock back; one that conn does not hold is an error.
func (d *destination) Unlock(ctx context.Context, conn *sql.Conn, name string) error {
	var released sql.NullInt64
	err := conn.QueryRowContext(ctx, "SELECT release_lock(?)", d.lockName(name)).Scan(&released)
	if err == nil && released.Int64 != 1 {
		err = errors.New("this connection does not hold it")
	}
	if err == nil {
		err = onSession(conn, func(s *writerSession) error {
			s.locks--
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("give back the lock %q: %w", name, d.SafeError(err))
	}
	return nil
}

// StageTables lists the staging tables of the database; others' are in another one.
func (d *destination) StageTables(ctx context.Context, q providers.Querier, prefix string) ([]string, error) {
	names, err := tableNames(ctx, q, stageDatabase(d.settings.database))
	if err != nil {
		return nil, fmt.Errorf("list staging tables: %w", d.SafeError(err))
	}
	var staged []string
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			staged = append(staged, name)
		}
	}
	return staged, nil
}
