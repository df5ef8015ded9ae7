package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

// minVersion is the oldest server that can be a destination, as server_version_num.
const minVersion = 130000

// maxIdle connections are kept for the next Conn.
const maxIdle = 2

// destination is a PostgreSQL database to keep in step.
type destination struct {
	db       *sql.DB
	settings *settings
}

var (
	_ providers.Destination   = (*destination)(nil)
	_ providers.SharedStaging = (*destination)(nil)
	_ providers.Locker        = (*destination)(nil)
	_ providers.Granter       = (*destination)(nil)
)

func openDestination(ctx context.Context, s *settings, config *pgx.ConnConfig) (*destination, error) {
	d := &destination{db: sql.OpenDB(newConnector(config)), settings: s}
	d.db.SetMaxIdleConns(maxIdle)
	var version int64
	var name string
	err := d.db.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int8, current_setting('server_version')").Scan(&version, &name)
	switch {
	case err != nil:
		err = s.connectError(err)
	case version < minVersion:
		err = tooOld(s, name)
	default:
		return d, nil
	}
	return nil, errors.Join(err, d.db.Close())
}

func tooOld(s *settings, version string) error {
	return fmt.Errorf("the server of %s is PostgreSQL %s: a destination needs version 13 or newer", s.identity(), version)
}

func (*destination) Dialect() sqlgen.Dialect { return Dialect{} }

func (d *destination) Identity() string { return d.settings.identity() }

func (d *destination) Close() error { return d.db.Close() }

func (d *destination) Conn(ctx context.Context) (*sql.Conn, error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, d.settings.connectError(err)
	}
	return conn, nil
}

// Begin starts a REPEATABLE READ transaction, in which no statement waits longer than
// wait for a lock: the error then wraps providers.ErrLocked.
func (d *destination) Begin(ctx context.Context, conn *sql.Conn, wait time.Duration) (*sql.Tx, error) {
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", safeError(err))
	}
	// SET takes no snapshot yet, a SELECT would.
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d; SET LOCAL synchronous_commit TO DEFAULT", milliseconds(wait))); err != nil {
		return nil, errors.Join(fmt.Errorf("begin a transaction: %w", safeError(err)), tx.Rollback())
	}
	return tx, nil
}

// milliseconds is at least 1: to the server 0 means forever.
func milliseconds(wait time.Duration) int64 {
	return min(max(wait.Milliseconds(), 1), 1<<31-1)
}

func (d *destination) Table(ctx context.Context, q providers.Querier, name string) (*sqlgen.Table, error) {
	relation, err := d.table(ctx, q, name)
	if err != nil {
		return nil, err
	}
	table, err := describeTable(ctx, sqlCatalog(q), relation)
	if err != nil {
		return nil, fmt.Errorf("describe table %s: %w", name, safeError(err))
	}
	return table, nil
}

// table finds a table that rows can be written to.
func (d *destination) table(ctx context.Context, q providers.Querier, name string) (*relation, error) {
	found, err := findRelation(ctx, sqlCatalog(q), name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("look for table %s: %w", name, safeError(err))
	case found == nil:
		return nil, fmt.Errorf("%w %q", providers.ErrNoTable, name)
	case kindNames[found.kind] != "":
		return nil, fmt.Errorf("%s is %s: only tables can be kept in step", name, kindNames[found.kind])
	}
	return found, nil
}

func (*destination) TableNames(ctx context.Context, q providers.Querier) ([]string, error) {
	names, err := relationNames(ctx, sqlCatalog(q), "rp")
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", safeError(err))
	}
	return names, nil
}
