package mssql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"
)

// sessionText sets what the server, the database or the login may have set otherwise. With XACT_ABORT on,
// rows that are not read to the end would end the transaction, and the snapshot with it. TEXTSIZE is in
// octets, ROWCOUNT 0 is all rows, LOCK_TIMEOUT is in milliseconds.
const sessionText = `SET LANGUAGE us_english; SET DATEFORMAT ymd; SET QUOTED_IDENTIFIER ON; SET ANSI_NULLS ON; SET ANSI_PADDING ON;
SET ANSI_WARNINGS ON; SET ARITHABORT ON; SET CONCAT_NULL_YIELDS_NULL ON; SET NUMERIC_ROUNDABORT OFF; SET IMPLICIT_TRANSACTIONS OFF;
SET XACT_ABORT OFF; SET NOCOUNT OFF; SET ROWCOUNT 0; SET TEXTSIZE 2147483647; SET LOCK_TIMEOUT %d`

// stateText asks whether the database keeps old versions of its rows, and for a table that this login
// reads: one with pages of its own, which external and memory-optimized ones have not.
const stateText = `SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)), d.snapshot_isolation_state, d.is_read_only,
(SELECT TOP 1 QUOTENAME(s.name) + N'.' + QUOTENAME(t.name) FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
 WHERE t.is_ms_shipped = 0
 AND EXISTS (SELECT 1 FROM sys.partitions AS p JOIN sys.allocation_units AS a ON a.container_id = p.hobt_id AND a.type = 1 WHERE p.object_id = t.object_id AND p.index_id IN (0, 1))
 AND HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), 'OBJECT', 'SELECT') = 1 ORDER BY t.object_id)
FROM sys.databases AS d WHERE d.name = DB_NAME()`

// Begin implements sqlsource.Engine: the transaction ends with the connection, and is never
// committed.
func (e engine) Begin(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, fmt.Sprintf(sessionText, e.lockTimeout/time.Millisecond)); err != nil {
		return err
	}
	var version string
	var keeps int
	var readOnly bool
	var table sql.NullString
	if err := conn.QueryRowContext(ctx, stateText).Scan(&version, &keeps, &readOnly, &table); err != nil {
		return err
	}
	if err := checkVersion(version); err != nil {
		return err
	}
	snapshot := keeps == 1 && !readOnly // nothing changes where nobody writes
	level := sql.LevelReadCommitted
	if snapshot {
		level = sql.LevelSnapshot
	}
	// Through the driver: it then notices, before each statement, a transaction that the server ended, and
	// runs nothing outside of it.
	err := conn.Raw(func(raw any) error {
		beginner, ok := raw.(driver.ConnBeginTx)
		if !ok {
			return fmt.Errorf("unexpected driver connection %T", raw)
		}
		_, err := beginner.BeginTx(ctx, driver.TxOptions{Isolation: driver.IsolationLevel(level)})
		return err
	})
	if err != nil || !snapshot || !table.Valid {
		return err
	}
	// The first access to data takes the snapshot, not the beginning.
	var one sql.NullInt64
	return conn.QueryRowContext(ctx, "SELECT MAX(one) FROM (SELECT TOP 1 1 AS one FROM "+table.String+") AS t").Scan(&one)
}
