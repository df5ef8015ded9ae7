package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// database is an open database in which plans are computed: one, or, where configurations are compared,
// one of each, all on the same snapshot of it.
type database struct {
	providers.Destination
	block    *config.Connection // by which it was opened
	dir      string             // where relative paths of the block start
	identity string
	// conn computes the plans. Where staging tables belong to one connection,
	// loads share it, one at a time.
	conn   *sql.Conn
	aside  *sql.Conn               // makes tables where conn's transaction must not; nil until it has to
	tx     *transaction            // in which they are computed, once everything is staged
	now    time.Time               // the plans' instant here: what is archived by then is archived
	shared providers.SharedStaging // nil where staging tables belong to conn
	locker providers.Locker        // nil where shared is
	load   chan struct{}           // holds a token while conn loads
	plans  []*destination
	// longest is how long a statement may take; 0: any time.
	longest time.Duration
	// planTimeout is how long a plan may take; 0: any time.
	planTimeout time.Duration
}

// safe strips what the driver's error may say of rows.
func (b *database) safe(err error) error { return providers.SafeError(b.Destination, err) }

// databases are those that plans are made in, each of them open once.
type databases struct {
	opts   *Options
	limits config.Limits
	open   []*database
}

// sameBlock reports whether two blocks open the same thing.
func sameBlock(a *config.Connection, dir string, b *config.Connection, otherDir string) bool {
	return a.Provider == b.Provider && dir == otherDir && reflect.DeepEqual(a.Attributes, b.Attributes)
}

// connect returns the database of a block, open.
func (o *databases) connect(ctx context.Context, c *config.Connection, dir string) (*database, error) {
	for _, known := range o.open {
		if sameBlock(known.block, known.dir, c, dir) {
			return known, nil
		}
	}
	opened, err := OpenDestination(ctx, o.opts.Providers, c, dir)
	if err != nil {
		return nil, err
	}
	b := &database{Destination: opened, block: c, dir: dir, load: make(chan struct{}, 1), longest: o.limits.StatementTimeout, planTimeout: o.limits.PlanTimeout}
	b.shared, _ = opened.(providers.SharedStaging)
	b.locker, _ = opened.(providers.Locker)
	same, err := o.identify(ctx, b)
	if err != nil || same != nil {
		b.close(ctx)
		return same, err
	}
	o.open = append(o.open, b)
	if err := b.sweep(ctx); err != nil {
		return nil, b.safe(err)
	}
	return b, nil
}

// identify returns the open database that b is, by another block; nil where there is none.
func (o *databases) identify(ctx context.Context, b *database) (same *database, err error) {
	if b.conn, err = b.Conn(ctx); err != nil {
		return nil, fmt.Errorf("connect to %s: %w", b.block.Address, b.safe(err))
	}
	meta, err := register.New(b.Dialect()).Meta(ctx, b.conn)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.block.Address, b.safe(err))
	}
	b.identity = meta.Identity
	for _, known := range o.open {
		if known.identity == b.identity {
			return known, nil
		}
	}
	return nil, nil //nolint:nilnil // none is an answer
}

// loader returns a connection for one load, and what gives it back.
func (b *database) loader(ctx context.Context) (*sql.Conn, func(), error) {
	if b.shared == nil {
		select {
		case b.load <- struct{}{}:
			return b.conn, func() { <-b.load }, nil
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
	conn, err := b.Conn(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to %s: %w", b.block.Address, err)
	}
	return conn, func() { conn.Close() }, nil
}

// sweep drops the staging tables of plans that no longer are being made: their
// lock can be taken.
func (b *database) sweep(ctx context.Context) error {
	if b.shared == nil {
		return nil
	}
	names, err := b.shared.StageTables(ctx, b.conn, stagePrefix)
	if err != nil {
		return fmt.Errorf("list staging tables of %s: %w", b.block.Address, err)
	}
	for _, name := range names {
		free, err := b.locker.TryLock(ctx, b.conn, lockName(name))
		if err != nil {
			return fmt.Errorf("look for leftovers in %s: %w", b.block.Address, err)
		}
		if !free {
			continue
		}
		_, dropErr := b.conn.ExecContext(ctx, b.Dialect().DropStage(b.Dialect().StageTable(name)))
		if err := errors.Join(dropErr, b.locker.Unlock(ctx, b.conn, lockName(name))); err != nil {
			return fmt.Errorf("drop the leftover staging table %s: %w", name, err)
		}
	}
	return nil
}

// lock takes the lock that says that a plan is still being made.
func (d *destination) lock(ctx context.Context, planID string) error {
	if d.shared == nil {
		return nil
	}
	name := lockName(stageName(planID, 0))
	free, err := d.locker.TryLock(ctx, d.conn, name)
	if err != nil {
		return fmt.Errorf("%s: take the lock of plan %s: %w", d.connection.Address, planID, d.safe(err))
	}
	if !free {
		return fmt.Errorf("%s: another process makes a plan of id %s", d.connection.Address, planID)
	}
	d.locked = name
	return nil
}

// begin starts the transaction that sees one snapshot of the database.
func (b *database) begin(ctx context.Context, opts *Options, created time.Time) (err error) {
	if b.tx, err = b.transaction(ctx, opts.LockTimeout); err != nil {
		return fmt.Errorf("%s: begin: %w", b.block.Address, b.safe(err))
	}
	if err := b.takeLoans(ctx); err != nil {
		return fmt.Errorf("%s: %w", b.block.Address, b.safe(err))
	}
	last, err := register.New(b.Dialect()).LastExecution(ctx, b.tx)
	if err != nil {
		return fmt.Errorf("%s: %w", b.block.Address, b.safe(err))
	}
	// Another machine's clock may be ahead: what it archived is archived.
	b.now = created
	if last.After(b.now) {
		b.now = last
	}
	return nil
}

// commit makes what plans left in the register last.
func (d *destination) commit() error {
	if err := d.tx.Commit(); err != nil {
		return fmt.Errorf("%s: commit the plan: %w", d.connection.Address, d.safe(err))
	}
	d.tx = nil
	return nil
}

// close gives back everything that plans hold, whatever happened. What fails here
// is not worth an error beside a plan's own: a staging table that stays behind is
// swept by the next plan, and the rest ends with the connection.
func (o *databases) close(ctx context.Context) {
	// What must be undone is undone even if the caller has given up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	for _, b := range o.open {
		b.close(ctx)
	}
}

func (b *database) close(ctx context.Context) {
	if b.tx != nil {
		_ = b.tx.Rollback()
	}
	if b.conn != nil {
		for _, d := range b.plans {
			d.dropStages(ctx)
			if d.locked != "" {
				_ = b.locker.Unlock(ctx, b.conn, d.locked)
			}
		}
		_ = b.conn.Close()
	}
	if b.aside != nil {
		_ = b.aside.Close()
	}
	_ = b.Close()
}
