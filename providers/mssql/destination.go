package mssql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

const (
	// oldestDestination is SQL Server 2016, the first that reads JSON.
	oldestDestination = 13
	// oldestLevel is the compatibility level with which it does.
	oldestLevel = 130
	// defaultLockTimeout is in seconds.
	defaultLockTimeout = 60
)

var _ providers.DestinationProvider = (*Provider)(nil)

// DestinationSpec declares the attributes of destination "mssql" blocks: those of sources, and
//
//	lock_timeout  seconds that a staging table, or a look into the catalogue, waits for a lock, 60
//	              unless set; applies wait as long as their --lock-timeout says
func (*Provider) DestinationSpec() hcldec.Spec {
	checked, ok := spec().(*hcldec.ValidateSpec)
	if !ok {
		return spec()
	}
	attributes, ok := checked.Wrapped.(hcldec.ObjectSpec)
	if !ok {
		return spec()
	}
	attributes["lock_timeout"] = providers.CheckedAttribute("lock_timeout", cty.Number, providers.WholeNumber("lock_timeout", 1, 86400))
	return &hcldec.ValidateSpec{Wrapped: attributes, Func: checked.Func}
}

// OpenDestination connects, and checks the server.
func (*Provider) OpenDestination(ctx context.Context, attributes providers.Attributes, dir string) (providers.Destination, error) {
	settings, err := parse(attributes, dir)
	if err != nil {
		return nil, err
	}
	wait := time.Duration(attributes.Int("lock_timeout", defaultLockTimeout)) * time.Second
	d := &destination{settings: settings, tls: &tlsState{}}
	d.db = sql.OpenDB(writer{settings: settings, tls: d.tls, lockTimeout: wait})
	d.db.SetMaxIdleConns(-1)
	if err := d.check(ctx); err != nil {
		return nil, errors.Join(err, d.db.Close())
	}
	return d, nil
}

// destination is a SQL Server database to keep in step.
type destination struct {
	db       *sql.DB
	settings *settings
	tls      *tlsState
}

var (
	_ providers.Destination   = (*destination)(nil)
	_ providers.SharedStaging = (*destination)(nil)
	_ providers.Locker        = (*destination)(nil)
	_ providers.ErrorScrubber = (*destination)(nil)
	_ providers.Granter       = (*destination)(nil)
	_ providers.Definer       = (*destination)(nil)
	_ providers.Sequencer     = (*destination)(nil)
)

// serverText asks what a destination's server must be like.
const serverText = `SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)), CAST(d.compatibility_level AS int), CAST(d.is_read_only AS int) FROM sys.databases d WHERE d.database_id = DB_ID()`

func (d *destination) check(ctx context.Context) error {
	conn, err := d.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	var version string
	var level int
	var readOnly bool
	if err := conn.QueryRowContext(ctx, serverText).Scan(&version, &level, &readOnly); err != nil {
		return d.settings.connectError(err)
	}
	switch at := d.settings.identity(); {
	case majorVersion(version) < oldestDestination:
		return fmt.Errorf("the server of %s is of version %s: a destination needs SQL Server 2016 (13.0) or newer", at, version)
	case level < oldestLevel:
		return fmt.Errorf("the database of %s is of compatibility level %d: a destination needs %d or higher (ALTER DATABASE … SET COMPATIBILITY_LEVEL = %d)", at, level, oldestLevel, oldestLevel)
	case readOnly:
		return fmt.Errorf("the database of %s is read-only", at)
	}
	return nil
}

func (*destination) Dialect() sqlgen.Dialect { return dialect{} }

func (d *destination) Identity() string { return d.settings.identity() }

func (d *destination) Close() error { return d.db.Close() }

// SafeError implements providers.ErrorScrubber.
func (*destination) SafeError(err error) error { return safeError(err) }

func (d *destination) Conn(ctx context.Context) (*sql.Conn, error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, d.settings.connectError(err)
	}
	return conn, nil
}

// snapshotText asks whether the database keeps old versions of its rows; and for the register, which is made
// otherwise.
const snapshotText = `SELECT CASE WHEN d.snapshot_isolation_state = 1 AND OBJECT_ID(N'[registrar].[meta]', 'U') IS NOT NULL THEN 1 ELSE 0 END FROM sys.databases d WHERE d.database_id = DB_ID()`

// Begin starts a transaction at the isolation level SNAPSHOT where the database allows it. Others then go on
// writing, and whoever writes what the transaction means to write as well makes it fail (error 3960).
// Elsewhere the level is SERIALIZABLE: what was read is locked until the end, so that others wait before
// they write to it. No statement waits longer than wait for a lock: the error then wraps
// providers.ErrLocked once it is made safe.
func (d *destination) Begin(ctx context.Context, conn *sql.Conn, wait time.Duration) (*sql.Tx, error) {
	var snapshot bool
	if err := conn.QueryRowContext(ctx, snapshotText).Scan(&snapshot); err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", safeError(err))
	}
	level := sql.LevelSerializable
	if snapshot {
		level = sql.LevelSnapshot
	}
	return begin(ctx, conn, wait, level)
}

// BeginDefining implements providers.Definer: an index cannot be made in a snapshot (error 3964).
func (*destination) BeginDefining(ctx context.Context, conn *sql.Conn, wait time.Duration) (*sql.Tx, error) {
	return begin(ctx, conn, wait, sql.LevelSerializable)
}

func begin(ctx context.Context, conn *sql.Conn, wait time.Duration, level sql.IsolationLevel) (*sql.Tx, error) {
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: level})
	if err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", safeError(err))
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("SET LOCK_TIMEOUT %d", milliseconds(wait))); err != nil {
		return nil, errors.Join(fmt.Errorf("begin a transaction: %w", safeError(err)), tx.Rollback())
	}
	return tx, nil
}

// milliseconds is no less than 0, which does not wait: less would wait for ever.
func milliseconds(wait time.Duration) int64 { return min(max(wait.Milliseconds(), 0), 1<<31-1) }

const sequencesText = "SELECT s.name, q.name FROM sys.sequences q JOIN sys.schemas s ON s.schema_id = q.schema_id ORDER BY s.name, q.name"

// NextValue implements providers.Sequencer.
func (*destination) NextValue(ctx context.Context, q providers.Querier, sequence string) (string, error) {
	found, err := findSequence(ctx, q, sequence)
	if err != nil {
		return "", err
	}
	return "NEXT VALUE FOR " + found.sql(), nil
}

func findSequence(ctx context.Context, q providers.Querier, sequence string) (*object, error) {
	var all []object
	err := each(ctx, q, func(scan func(...any) error) error {
		var o object
		err := scan(&o.schema, &o.name)
		all = append(all, o)
		return err
	}, sequencesText)
	if err != nil {
		return nil, fmt.Errorf("look for sequence %s: %w", sequence, safeError(err))
	}
	if o := among(all, sequence); o != nil {
		return o, nil
	}
	return nil, fmt.Errorf("%w %q", providers.ErrNoSequence, sequence)
}
