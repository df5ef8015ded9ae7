package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// stagePrefix begins the name of every staging table.
const stagePrefix = "stage_"

// stageName is unique to a plan and a sync, so that plans made at once never meet.
func stageName(planID string, ordinal int) string {
	return fmt.Sprintf("%s%s_%d", stagePrefix, strings.ReplaceAll(planID, "-", ""), ordinal)
}

// lockName is the name of the lock that says that a plan is still being made.
// It can be told from the names of the plan's staging tables.
func lockName(stage string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(stage, stagePrefix), "_")
	return "plan:" + id
}

// work is a sync on its way through a plan.
type work struct {
	sync    *config.Sync
	ordinal int
	into    *destination
	target  *sqlgen.Target
	planID  string
	summary register.SyncSummary
}

// destination is an open destination of the plan.
type destination struct {
	providers.Destination
	connection *config.Connection
	identity   string
	// conn computes the plan. Where staging tables belong to one connection,
	// loads share it, one at a time.
	conn   *sql.Conn
	tx     *sql.Tx                 // in which it is computed, once everything is staged
	now    time.Time               // the plan's instant here: what is archived by then is archived
	shared providers.SharedStaging // nil where staging tables belong to conn
	locker providers.Locker        // nil where shared is
	load   chan struct{}           // holds a token while conn loads
	works  []*work
}

// safe strips what the driver's error may say of rows.
func (d *destination) safe(err error) error { return providers.SafeError(d.Destination, err) }

// loader returns a connection for one load, and what gives it back.
func (d *destination) loader(ctx context.Context) (*sql.Conn, func(), error) {
	if d.shared == nil {
		select {
		case d.load <- struct{}{}:
			return d.conn, func() { <-d.load }, nil
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
	conn, err := d.Conn(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to %s: %w", d.connection.Address, err)
	}
	return conn, func() { conn.Close() }, nil
}

// sweep drops the staging tables of plans that no longer are being made: their
// lock can be taken.
func (d *destination) sweep(ctx context.Context) error {
	if d.shared == nil {
		return nil
	}
	names, err := d.shared.StageTables(ctx, d.conn, stagePrefix)
	if err != nil {
		return fmt.Errorf("list staging tables of %s: %w", d.connection.Address, err)
	}
	for _, name := range names {
		free, err := d.locker.TryLock(ctx, d.conn, lockName(name))
		if err != nil {
			return fmt.Errorf("look for leftovers in %s: %w", d.connection.Address, err)
		}
		if !free {
			continue
		}
		_, dropErr := d.conn.ExecContext(ctx, sqlgen.DropStage(d.Dialect().StageTable(name)).SQL)
		if err := errors.Join(dropErr, d.locker.Unlock(ctx, d.conn, lockName(name))); err != nil {
			return fmt.Errorf("drop the leftover staging table %s: %w", name, err)
		}
	}
	return nil
}

// dropStages drops what this plan staged. A cancelled statement may have cost the
// connection: then another one does it, where it can.
func (d *destination) dropStages(ctx context.Context) {
	for _, w := range d.works {
		if w.target == nil || w.target.Stage == "" {
			continue
		}
		drop := sqlgen.DropStage(w.target.Stage).SQL
		if _, err := d.conn.ExecContext(ctx, drop); err == nil || d.shared == nil {
			continue
		}
		another, err := d.Conn(ctx)
		if err != nil {
			return
		}
		_, _ = another.ExecContext(ctx, drop)
		_ = another.Close()
	}
}

// reader reads the syncs of one source, one after another, in one snapshot.
type reader struct {
	opts   *Options
	cfg    *config.Config
	from   *config.Connection
	source providers.Source
	works  []*work
	broken func() bool // some sync of the plan cannot be staged: only check the others
	report func(config.Diagnostics)
}

func (r *reader) run(ctx context.Context) (err error) {
	if r.source, err = openSource(ctx, r.opts.Providers, r.from, r.cfg.Dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.source.Close()) }()
	snapshot, err := r.source.Snapshot(ctx)
	if err != nil {
		return fmt.Errorf("%s: open a snapshot: %w", r.from.Address, providers.SafeError(r.source, err))
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	for _, w := range r.works {
		diags, err := r.stage(ctx, snapshot, w)
		r.report(diags)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) stage(ctx context.Context, snapshot providers.Snapshot, w *work) (diags config.Diagnostics, err error) {
	query := providers.Query{Table: w.sync.Source.Table, SQL: w.sync.Source.Query}
	for _, p := range w.sync.Source.Params {
		query.Params = append(query.Params, providers.Param{Name: p.Name, Value: p.Value})
	}
	rows, err := snapshot.Read(ctx, query)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		diags.Errorf(w.sync.Source.Range, "Source cannot be read", "%s, %s: %s", w.sync.Address, r.from.Address, providers.SafeError(r.source, err))
		return diags, nil
	}
	defer func() { err = errors.Join(err, rows.Close()) }()

	columns := rows.Columns()
	names, types := make([]string, len(columns)), make([]value.Type, len(columns))
	for i, c := range columns {
		names[i], types[i] = c.Name, c.Type
	}
	evals, diags := checkSource(w.sync, w.target, names, types)
	if diags.HasErrors() || r.broken() {
		return diags, nil
	}

	progress := func(phase Phase, n int64) {
		if r.opts.Progress != nil {
			r.opts.Progress(Progress{Phase: phase, Sync: w.sync.Address, Rows: n})
		}
	}
	conn, release, err := w.into.loader(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	d := w.into.Dialect()
	w.target.Stage = d.StageTable(stageName(w.planID, w.ordinal))
	if _, err := conn.ExecContext(ctx, sqlgen.CreateStage(d, w.target).SQL); err != nil {
		return nil, fmt.Errorf("%s: create a staging table in %s: %w", w.sync.Address, w.into.connection.Address, w.into.safe(err))
	}
	progress(Staging, 0)
	m := newMapper(ctx, w.sync, w.target, evals, rows, r.cfg.Settings.Timezone, func(n int64) { progress(Staging, n) })
	staged, err := w.into.Load(ctx, conn, w.target.Stage, w.target.Mapped, m.next)
	var reading *readError
	switch {
	case errors.As(err, &reading):
		return nil, fmt.Errorf("%s: reading %s broke off after %d records; nothing was planned: %w", w.sync.Address, r.from.Address, m.read, providers.SafeError(r.source, reading.err))
	case err != nil:
		return nil, fmt.Errorf("%s: load the staging table in %s: %w", w.sync.Address, w.into.connection.Address, w.into.safe(err))
	}
	if diags := m.err(); diags != nil {
		return diags, nil
	}
	if index := sqlgen.IndexStage(d, w.target); index.SQL != "" {
		if _, err := conn.ExecContext(ctx, index.SQL); err != nil {
			return nil, fmt.Errorf("%s: index the staging table in %s: %w", w.sync.Address, w.into.connection.Address, w.into.safe(err))
		}
	}
	if staged != m.read {
		return nil, fmt.Errorf("%s: %d records were read, but %d staged", w.sync.Address, m.read, staged)
	}
	w.summary.SourceRows = staged
	progress(Staged, staged)
	return nil, nil
}
