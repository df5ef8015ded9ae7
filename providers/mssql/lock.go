package mssql

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

// lockWait, in milliseconds, is long enough for a lock that is being given back.
const lockWait = 100

const lockText = `DECLARE @outcome int;
EXEC @outcome = sp_getapplock @Resource = @p1, @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = %d, @DbPrincipal = N'public';
SELECT @outcome`

const unlockText = `DECLARE @outcome int;
EXEC @outcome = sp_releaseapplock @Resource = @p1, @LockOwner = N'Session', @DbPrincipal = N'public';
SELECT @outcome`

// stageTablesText lists the staging tables that this user may drop. LIKE would take _ for any character.
const stageTablesText = `SELECT t.name FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id
WHERE s.name = N'` + stagingSchema + `' AND CONVERT(varbinary(256), LEFT(t.name, LEN(@p1))) = CONVERT(varbinary(256), @p1)
AND HAS_PERMS_BY_NAME(QUOTENAME(s.name), 'SCHEMA', 'ALTER') = 1 ORDER BY t.name`

// TryLock implements providers.Locker: the lock is the session's, and ends with it.
func (*destination) TryLock(ctx context.Context, conn *sql.Conn, name string) (bool, error) {
	// Not below 0 is had; -1 is a wait in vain, -3 a deadlock with somebody who has it.
	var outcome int
	err := conn.QueryRowContext(ctx, fmt.Sprintf(lockText, lockWait), lockName(name)).Scan(&outcome)
	switch {
	case err != nil:
		return false, fmt.Errorf("take the lock %s: %w", name, safeError(err))
	case outcome >= 0:
		return true, nil
	case outcome == -1 || outcome == -3:
		return false, nil
	}
	return false, fmt.Errorf("take the lock %s: sp_getapplock says %d", name, outcome)
}

// Unlock implements providers.Locker.
func (*destination) Unlock(ctx context.Context, conn *sql.Conn, name string) error {
	var outcome int
	err := conn.QueryRowContext(ctx, unlockText, lockName(name)).Scan(&outcome)
	if err == nil && outcome < 0 {
		err = fmt.Errorf("sp_releaseapplock says %d", outcome)
	}
	if err != nil {
		return fmt.Errorf("give back the lock %s: %w", name, safeError(err))
	}
	return nil
}

func lockName(name string) string { return "registrar:" + name }

// StageTables implements providers.SharedStaging.
func (*destination) StageTables(ctx context.Context, q providers.Querier, prefix string) ([]string, error) {
	var names []string
	err := each(ctx, q, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, stageTablesText, prefix)
	if err != nil {
		return nil, fmt.Errorf("list staging tables: %w", safeError(err))
	}
	return names, nil
}
