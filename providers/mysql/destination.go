package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

var _ providers.DestinationProvider = (*Provider)(nil)

// DestinationSpec declares the attributes of destination "mysql" blocks: those of a source, but for read_timeout. To
// compare and to apply may take as long as it does.
func (*Provider) DestinationSpec() hcldec.Spec { return destinationSpec() }

// OpenDestination connects, and refuses a server that is too old.
func (*Provider) OpenDestination(ctx context.Context, attributes providers.Attributes, dir string) (providers.Destination, error) {
	s, err := parse(attributes, dir)
	if err != nil {
		return nil, err
	}
	return openDestination(ctx, s)
}

// destination is a database of MariaDB or MySQL to keep in step.
type destination struct {
	db       *sql.DB
	settings *settings
	dialect  dialect
	maxBatch int // octets of one INSERT
}

var (
	_ providers.Destination   = (*destination)(nil)
	_ providers.SharedStaging = (*destination)(nil)
	_ providers.Locker        = (*destination)(nil)
	_ providers.Granter       = (*destination)(nil)
	_ providers.ErrorScrubber = (*destination)(nil)
)

// maxIdle connections are kept for the next Conn.
const maxIdle = 2

func openDestination(ctx context.Context, s *settings) (*destination, error) {
	connector, err := newWriter(s)
	if err != nil {
		return nil, err
	}
	d := &destination{db: sql.OpenDB(connector), settings: s}
	d.db.SetMaxIdleConns(maxIdle)
	if err := d.examineServer(ctx); err != nil {
		return nil, errors.Join(err, d.db.Close())
	}
	return d, nil
}

// examineServer learns what the dialect depends on.
func (d *destination) examineServer(ctx context.Context) error {
	var text, format string
	var packet int64
	var zone sql.NullString
	conn, err := d.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	err = conn.QueryRowContext(ctx, `SELECT version(), @@max_allowed_packet, CASE @@log_bin WHEN 1 THEN @@binlog_format ELSE '' END,
convert_tz('2026-07-01 12:00:00', '+00:00', 'Europe/Paris')`).Scan(&text, &packet, &format, &zone)
	if err != nil {
		return d.connectError(err)
	}
	v := parseVersion(text)
	if !v.canWrite() {
		return fmt.Errorf("the server of %s is %s: a destination needs MariaDB 10.6, MySQL 8.0.19, or newer", d.Identity(), v)
	}
	if format == "STATEMENT" {
		return fmt.Errorf("the server of %s writes its binary log by statements (binlog_format), which then says nothing that another server could repeat: let it be MIXED or ROW", d.Identity())
	}
	d.dialect = dialect{mysql: !v.mariaDB, database: d.settings.database, timeless: !zone.Valid}
	d.maxBatch = int(min(packet/2, maxBatchOctets))
	return nil
}

// canWrite reports whether a server has JSON_TABLE, hash joins and what else the dialect says.
func (v version) canWrite() bool {
	if v.mariaDB {
		return v.atLeast(10, 6, 0)
	}
	return v.atLeast(8, 0, 19)
}

func (d *destination) connectError(err error) error {
	return fmt.Errorf("connect to %s: %w", d.Identity(), d.SafeError(err))
}

// Dialect is the server's: MariaDB's and MySQL's differ in a few words.
func (d *destination) Dialect() sqlgen.Dialect { return d.dialect }

func (d *destination) Identity() string { return d.settings.identity() }

func (d *destination) Close() error { return d.db.Close() }

// SafeError implements providers.ErrorScrubber.
func (d *destination) SafeError(err error) error { return d.settings.safeError(err) }

func (d *destination) Conn(ctx context.Context) (*sql.Conn, error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, d.connectError(err)
	}
	return conn, nil
}

// Begin starts a READ COMMITTED transaction, in which no statement waits longer than wait for a lock, in whole seconds
// and at least one: the error then wraps providers.ErrLocked.
//
// Each statement sees what was committed when it began. InnoDB's snapshots are no help: what writes, as INSERT … SELECT
// does, does not read them but the latest rows, and locks all that it reads against everybody else. What others change
// between two statements, an apply finds by its own checks, as it does what they changed since the plan.
func (d *destination) Begin(ctx context.Context, conn *sql.Conn, wait time.Duration) (*sql.Tx, error) {
	seconds := int64(math.Ceil(min(max(wait, time.Second), 24*time.Hour).Seconds()))
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("SET SESSION innodb_lock_wait_timeout = %[1]d, lock_wait_timeout = %[1]d", seconds)); err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", d.SafeError(err))
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", d.SafeError(err))
	}
	return tx, nil
}
