package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
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
	stages  []string // the staging tables, as statements name them
	// resolved: the stage's lookups have been resolved once.
	resolved bool
	computed bool // and recorded what is not done
	verdict  verdict
	// aside are the counts with the removals, while these are left out of them.
	aside    map[config.Operation]int64
	findings int64 // the last one's number
	moves    []sqlgen.Move
	window   *window        // nil but for a sync with a watermark
	prints   *prints        // nil but for a sync that compares fingerprints
	loan     providers.Loan // what is read in place; nil where it is staged
	watch    *watch         // nil but for the sync of Watch, whose records are decoded
	unit     string         // that a run has it in; "" but for Watch
}

// stage names a staging table of the sync; what tells it from its others, "" for the one
// that is loaded.
func (w *work) stage(d sqlgen.Dialect, what string) string {
	name := stageName(w.planID, w.ordinal)
	if what != "" {
		name += "_" + what
	}
	name = d.StageTable(name)
	w.stages = append(w.stages, name)
	return name
}

// column returns a mapped column's configuration.
func (w *work) column(name string) *config.Column {
	for i := range w.sync.Columns {
		if w.sync.Columns[i].Name == name {
			return &w.sync.Columns[i]
		}
	}
	return nil
}

// destination is a database's part in one plan.
type destination struct {
	*database
	connection *config.Connection
	locked     string  // the plan's lock that conn holds; "" for none
	works      []*work // once ordered, behind those that they need
	units      []unit
	catalog    *Catalog
	checks     []CheckSummary
	files      []string         // what its publication changes besides rows
	before     map[string]int64 // the source rows of the last applied plan, by sync
}

// dropStages drops what this plan staged. A cancelled statement may have cost the
// connection: then another one does it, where it can.
func (d *destination) dropStages(ctx context.Context) {
	for _, w := range d.works {
		for _, stage := range w.stages {
			drop := d.Dialect().DropStage(stage)
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
}

// reader reads the syncs of one source, then its checks, all in one state of it.
type reader struct {
	*reading
	opts   *Options
	cfg    *config.Config
	from   *config.Connection
	limits config.Limits
	source providers.Source
	works  []*work
	checks []*config.Check
	// next reads the same snapshot, once this one is done, for the baseline; nil: nobody does.
	next *reader
	// gaveUp is told why a reader of the baseline's did not come to its end; nil for the plan's own.
	gaveUp func(error)
	holds  bool        // a token
	broken func() bool // some sync of the plan cannot be staged: only check the others
	found  func(*checkResult)
	diags  []config.Diagnostics // of each sync, then of each check
}

// report keeps what there is to say of a sync or a check, by its place in diags.
func (r *reader) report(place int, diags config.Diagnostics) {
	r.diags[place] = diags
	if diags.HasErrors() {
		r.failed.Store(true)
	}
}

// run needs a token, and gives it back.
func (r *reader) run(ctx context.Context) (err error) {
	defer r.letGo()
	if r.source, err = openSource(ctx, r.opts.Providers, r.from, r.cfg.Dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.source.Close()) }()
	snapshot, err := r.source.Snapshot(ctx)
	if err != nil {
		return fmt.Errorf("%s: open a snapshot: %w", r.from.Address, providers.SafeError(r.source, err))
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	if borrowed, err := r.borrow(ctx, snapshot); borrowed || err != nil {
		return err
	}
	view := r.share(ctx, snapshot)
	if err := r.readAll(ctx, snapshot, view); err != nil || r.next == nil || r.broken() {
		return err
	}
	r.letGo()
	// Behind it: what fails there, even if it cost the snapshot, is no loss here.
	r.next.source = r.source
	r.next.gaveUp(r.next.readAll(ctx, snapshot, view))
	return ctx.Err()
}

// readAll stages the syncs and runs the checks.
func (r *reader) readAll(ctx context.Context, snapshot providers.Snapshot, view func(context.Context) (providers.Snapshot, error)) error {
	r.diags = make([]config.Diagnostics, len(r.works)+len(r.checks))
	if err := r.hold(ctx); err != nil {
		return err
	}
	if err := r.stageAll(ctx, snapshot, view); err != nil {
		return err
	}
	for i, check := range r.checks {
		if err := r.hold(ctx); err != nil {
			return err
		}
		diags, err := r.check(ctx, snapshot, check)
		r.report(len(r.works)+i, diags)
		if err != nil {
			return err
		}
	}
	return nil
}

// task is one of the queries of a sync; most have but one.
type task struct {
	what  string           // in messages, at the beginning of a sentence
	task  config.Operation // "" where it is the only query
	query providers.Query
	at    config.Range
}

func tasks(source *config.SyncSource) []task {
	var params []providers.Param
	for _, p := range source.Params {
		params = append(params, providers.Param{Name: p.Name, Value: p.Value})
	}
	if len(source.Queries) == 0 {
		return []task{{what: "The source", query: providers.Query{Table: source.Table, SQL: source.Query, Params: params}, at: source.Range}}
	}
	var list []task
	for _, q := range source.Queries {
		list = append(list, task{what: fmt.Sprintf("The query of rows to %s", q.Task), task: q.Task, query: providers.Query{Table: q.Table, SQL: q.SQL, Params: params}, at: q.Range})
	}
	return list
}

// unreadable is the summary where a query of a source yields nothing: the detail has no row's values.
const unreadable = "Source cannot be read"

// staging is a sync being staged.
type staging struct {
	*reader
	w       *work
	mapper  *mapper
	conn    *sql.Conn // nil as long as nothing was to be loaded
	release func()
	staged  int64
}

func (r *reader) stage(ctx context.Context, snapshot providers.Snapshot, w *work) (diags config.Diagnostics, err error) {
	s := &staging{reader: r, w: w, release: func() {}}
	defer func() { s.release() }()
	s.mapper = newMapper(ctx, w.sync, w.target, r.cfg.Settings.Timezone, func(n int64) { s.progress(Staging, n) })
	s.mapper.watch = w.watch
	for _, t := range tasks(&w.sync.Source) {
		found, err := s.read(ctx, snapshot, &t, !diags.HasErrors())
		diags = append(diags, found...)
		if err != nil {
			return diags, err
		}
	}
	if s.conn == nil || diags.HasErrors() {
		return diags, nil
	}
	return s.finishWithin(ctx)
}

// read runs a query and loads what it yields, unless there are mistakes.
func (s *staging) read(ctx context.Context, snapshot providers.Snapshot, t *task, load bool) (diags config.Diagnostics, err error) {
	within := s.bound(ctx, t)
	ctx = within
	defer func() { err = within.close(s.mapper.read, err) }()
	if s.w.watch == nil && s.w.window.known(ctx, snapshot, t.query) { // else watermarks are looked at where rows are decoded
		if done, diags, err := s.relay(ctx, snapshot, t, load); done || err != nil {
			return diags, err
		}
	}
	sync, target := s.w.sync, s.w.target
	rows, err := s.w.window.read(ctx, snapshot, t.query)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if providers.Transient(s.opts.Providers, err) { // no mistake of the configuration's
			return nil, fmt.Errorf("%s: %s cannot be read: %w", sync.Address, s.from.Address, providers.SafeError(s.source, err))
		}
		diags.Errorf(t.at, unreadable, "%s, %s: %s", sync.Address, s.from.Address, providers.SafeError(s.source, err))
		return diags, nil
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	from := resultOf(t.what, rows)
	b, diags := bindSource(sync, target, from, t.task == config.Delete)
	diags = append(diags, s.w.window.bind(from)...)
	if diags.HasErrors() || !load || s.broken() {
		return diags, nil
	}
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	s.mapper.from(t.task, rows, b)
	staged, err := s.w.into.Load(ctx, s.conn, target.Stage, target.Staged(s.w.into.Dialect()), s.mapper.next)
	s.staged += staged
	var reading *readError
	switch {
	case errors.As(err, &reading):
		return nil, fmt.Errorf("%s: reading %s broke off after %d records; nothing was planned: %w", sync.Address, s.from.Address, s.mapper.read, providers.SafeError(s.source, reading.err))
	case err != nil:
		return nil, fmt.Errorf("%s: load the staging table in %s: %w", sync.Address, s.w.into.connection.Address, s.w.into.safe(err))
	}
	return nil, nil
}

// begin makes the staging table, the first time.
func (s *staging) begin(ctx context.Context) (err error) {
	if s.conn != nil {
		return nil
	}
	if s.conn, s.release, err = s.w.into.loader(ctx); err != nil {
		s.release = func() {}
		return err
	}
	d := s.w.into.Dialect()
	s.w.target.Stage = s.w.stage(d, "")
	if _, err := s.conn.ExecContext(ctx, sqlgen.CreateStage(d, s.w.target).SQL); err != nil {
		return fmt.Errorf("%s: create a staging table in %s: %w", s.w.sync.Address, s.w.into.connection.Address, s.w.into.safe(err))
	}
	s.progress(Staging, 0)
	return nil
}

// manyRows is from when a planner that knows nothing of a table may choose badly. Below, to look at
// it takes longer than to load it.
const manyRows = 2_000

// finish looks at what was staged.
func (s *staging) finish(ctx context.Context) (config.Diagnostics, error) {
	w, m := s.w, s.mapper
	if diags := m.err(); diags != nil {
		return diags, nil
	}
	if index := sqlgen.IndexStage(w.into.Dialect(), w.target); index.SQL != "" {
		if _, err := s.conn.ExecContext(ctx, index.SQL); err != nil {
			return nil, fmt.Errorf("%s: index the staging table in %s: %w", w.sync.Address, w.into.connection.Address, w.into.safe(err))
		}
	}
	if s.staged >= manyRows {
		if analyze := sqlgen.AnalyzeStage(w.into.Dialect(), w.target); analyze.SQL != "" {
			if _, err := s.conn.ExecContext(ctx, analyze.SQL); err != nil {
				return nil, fmt.Errorf("%s: analyze the staging table in %s: %w", w.sync.Address, w.into.connection.Address, w.into.safe(err))
			}
		}
	}
	if s.staged != m.read {
		return nil, fmt.Errorf("%s: %d records were read, but %d staged", w.sync.Address, m.read, s.staged)
	}
	w.summary.SourceRows, w.summary.Rejected, w.summary.Warned = m.read, m.rejected, m.warned
	if err := w.prints.close(m.read); err != nil {
		return nil, err
	}
	s.progress(Staged, s.staged)
	return nil, nil
}

func (s *staging) progress(phase Phase, n int64) {
	if s.opts.Progress != nil {
		s.opts.Progress(Progress{Phase: phase, Sync: s.w.sync.Address, Rows: n})
	}
}
