package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/register"
)

// Make computes a plan and leaves it in the registers of its destinations. In each it
// is there whole or not at all; after an error no file names it, so that it can never be
// applied. Mistakes in the configuration that only a database can tell are a
// *config.DiagnosticsError, all of them at once.
//
// The plan may be held by a guard: see Plan.Held.
func Make(ctx context.Context, cfg *config.Config, opts Options) (*Plan, error) {
	syncs, err := Select(cfg, opts.Targets)
	if err != nil {
		return nil, err
	}
	now := opts.Now().UTC().Truncate(time.Microsecond)
	m := &maker{
		cfg: cfg, opts: &opts, id: opts.NewID(), now: now, created: now, pseudonyms: opts.newPseudonymKey(),
		databases: &databases{opts: &opts, limits: cfg.Settings.Limits.Tighter(opts.Limits)},
	}
	ctx, end := planTimeout(ctx, m.databases.limits)
	defer end()
	defer m.databases.close(ctx)
	plan, err := m.make(ctx, syncs)
	return plan, m.explain(ctx, err)
}

func (m *maker) make(ctx context.Context, syncs []*config.Sync) (*Plan, error) {
	if err := m.prepare(ctx, syncs); err != nil {
		return nil, err
	}
	b := newBaseline(m)
	b.prepare(ctx)
	if err := m.stage(ctx, b); err != nil {
		return nil, err
	}
	if err := m.begin(ctx); err != nil {
		return nil, err
	}
	plan, err := m.compare(ctx)
	if err != nil {
		return nil, err
	}
	// Behind it, so that whatever goes wrong there can be undone alone.
	if plan.Comparison, err = b.compare(ctx, plan); err != nil {
		return nil, err
	}
	if err := m.commit(); err != nil {
		return nil, err
	}
	plan.hideWatermarks()
	if m.opts.Warn != nil && len(m.diags) > 0 {
		m.opts.Warn(m.diags)
	}
	return plan, nil
}

// Select returns the instances that targets name, by instance, sync or module, and
// all of them where there are no targets.
func Select(cfg *config.Config, targets []string) ([]*config.Sync, error) {
	if len(targets) == 0 {
		return cfg.Syncs, nil
	}
	chosen := map[*config.Sync]bool{}
	var diags config.Diagnostics
	for _, target := range targets {
		found := false
		var known []string
		for _, s := range cfg.Syncs {
			known = append(known, s.Address)
			if s.Targeted(target) {
				chosen[s], found = true, true
			}
		}
		if !found {
			diags.Errorf(config.Range{}, "Unknown target", "There is no sync %s.%s Use sync.NAME for all its instances, sync.NAME[\"KEY\"] for one, or module.NAME for all of a module.", target, suggest.Question(target, known))
		}
	}
	if err := diags.Err(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(cfg.Syncs), func(s *config.Sync) bool { return !chosen[s] }), nil
}

// maker is one configuration's plan being made.
type maker struct {
	databases *databases
	cfg       *config.Config
	opts      *Options
	id        string
	// now is by this machine's clock. created is not before what was applied already.
	now, created time.Time
	pseudonyms   []byte // the key
	works        []*work
	destinations []*destination
	watch        *watch // nil but for Watch

	mu      sync.Mutex
	diags   config.Diagnostics
	checked []checkResult
}

func (m *maker) report(diags config.Diagnostics) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.diags = append(m.diags, diags...)
}

func (m *maker) broken() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.diags.HasErrors()
}

// prepare connects to the destinations, and settles what is written to them and what is read for it. A
// plan with mistakes goes on, to look for others, where it can.
func (m *maker) prepare(ctx context.Context, syncs []*config.Sync) error {
	if err := m.connectAll(ctx, syncs); err != nil {
		return err
	}
	if err := m.notBehind(ctx); err != nil {
		return err
	}
	if err := m.describe(ctx); err != nil {
		return err
	}
	return m.openWindows(ctx)
}

// connectAll connects to the destinations and takes this plan's locks in them.
func (m *maker) connectAll(ctx context.Context, syncs []*config.Sync) error {
	byConnection := map[*config.Connection]*destination{}
	for i, s := range syncs {
		into := byConnection[s.Destination.Into]
		if into == nil {
			var err error
			if into, err = m.connect(ctx, s.Destination.Into); err != nil {
				return err
			}
			byConnection[s.Destination.Into] = into
		}
		w := &work{sync: s, ordinal: i, into: into, planID: m.id, watch: m.watch.of(s)}
		w.summary = register.SyncSummary{
			Sync: s.Address, Faculty: s.Faculty, Source: s.Source.From.Address, Destination: s.Destination.Into.Address, Table: s.Destination.Table,
			AfterSeq: int64(i) << seqBits, LastSeq: int64(i) << seqBits,
		}
		for _, c := range s.Columns {
			if c.Sensitive {
				w.summary.Sensitive = append(w.summary.Sensitive, c.Name)
			}
		}
		into.works = append(into.works, w)
		m.works = append(m.works, w)
	}
	return nil
}

// seqBits leaves each sync of a plan its own range of sequence numbers.
const seqBits = 36

func (m *maker) connect(ctx context.Context, c *config.Connection) (*destination, error) {
	at, err := m.databases.connect(ctx, c, m.cfg.Dir)
	if err != nil {
		return nil, err
	}
	for _, other := range m.destinations {
		if other.database == at {
			return nil, fmt.Errorf("%s and %s are the same database: use one destination block for it", other.connection.Address, c.Address)
		}
	}
	d := &destination{database: at, connection: c}
	m.destinations = append(m.destinations, d)
	if err := m.checkFiles(d); err != nil {
		return nil, err
	}
	// Its files are as the first plan's configuration wants them.
	if len(at.plans) == 0 {
		if err := d.refresh(ctx, m); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Address, d.safe(err))
		}
	}
	at.plans = append(at.plans, d)
	return d, d.lock(ctx, m.id)
}

// describe holds each sync against its table.
func (m *maker) describe(ctx context.Context) error {
	type place struct {
		into  *destination
		table string // as the catalogue names it
	}
	first := map[place]*work{}
	for _, w := range m.works {
		if w.into.catalog == nil {
			w.into.catalog = NewCatalog(w.into.Destination, w.into.conn)
		}
		target, diags := Target(ctx, m.cfg, w.sync, w.into.catalog)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.into.catalog.Broken(m.opts.Providers); err != nil {
			return fmt.Errorf("%s: %w", w.into.connection.Address, err)
		}
		if target.Table != nil {
			at := place{w.into, target.Table.Name}
			if first[at] == nil {
				first[at] = w
			} else if other := first[at].sync.Destination; other.Table != w.sync.Destination.Table {
				// What two syncs may both do to a table is checked by its name.
				m.diags.Errorf(w.sync.Destination.TableRange, "Two names for one table", "%q is the table that %s (%s) calls %q: write the same name in both.",
					w.sync.Destination.Table, first[at].sync.Address, other.TableRange, other.Table)
				continue
			}
		}
		// What is wrong with one sync may be told by several.
		m.report(slices.DeleteFunc(slices.Clone(diags), func(d config.Diagnostic) bool { return slices.Contains(m.diags, d) }))
		if !diags.HasErrors() {
			w.target = target
			w.mask(m.cfg)
		}
	}
	if m.diags.HasErrors() {
		return nil
	}
	for _, w := range m.works {
		for i, sibling := range w.target.Siblings {
			if other := m.planned(sibling.Sync); other != nil && other.into == w.into {
				w.target.Siblings[i] = other.target // what it has staged counts, too
			}
		}
	}
	for _, d := range m.destinations {
		d.order(m)
	}
	return nil
}

// stage reads every source, and stages at most Options.Parallelism syncs at a time, over all of
// them. A plan with mistakes stages nothing more, but goes on looking for others. What the baseline
// reads of a source, it reads in the same snapshot.
func (m *maker) stage(ctx context.Context, b *baseline) error {
	with := newReading(m.opts.Parallelism)
	readers := m.readers(with)
	alone := b.join(readers, with)
	group, groupCtx := errgroup.WithContext(ctx)
	for _, r := range readers {
		if r.hold(groupCtx) != nil {
			break
		}
		group.Go(func() error { return r.run(groupCtx) })
	}
	for _, r := range alone {
		if r.hold(groupCtx) != nil {
			break
		}
		group.Go(func() error {
			r.gaveUp(r.run(groupCtx))
			return nil
		})
	}
	err := group.Wait()
	if err == nil {
		err = ctx.Err() // some may not have been read
	}
	for _, r := range readers {
		m.report(slices.Concat(r.diags...))
	}
	if diags := m.diags.Err(); diags != nil && ctx.Err() == nil {
		return errors.Join(diags, err)
	}
	b.staged()
	return err
}

// readers lists what is to be read of each source.
func (m *maker) readers(with *reading) []*reader {
	bySource := map[*config.Connection]*reader{}
	var readers []*reader
	of := func(from *config.Connection) *reader {
		if bySource[from] == nil {
			bySource[from] = m.reader(from, with)
			readers = append(readers, bySource[from])
		}
		return bySource[from]
	}
	for _, w := range m.works {
		if w.target == nil {
			continue
		}
		r := of(w.sync.Source.From)
		r.works = append(r.works, w)
	}
	// In the snapshot that the syncs are read from.
	for _, check := range m.sourceChecks() {
		r := of(check.From)
		r.checks = append(r.checks, check)
	}
	return readers
}

// begin starts the transactions in which the plan is computed, each on one snapshot of its database.
func (m *maker) begin(ctx context.Context) error {
	for _, d := range m.destinations {
		if d.tx == nil {
			if err := d.begin(ctx, m.opts, m.created); err != nil {
				return err
			}
		}
		if err := d.countLoans(ctx, m); err != nil {
			return fmt.Errorf("%s: %w", d.connection.Address, d.safe(err))
		}
	}
	return nil
}

// compare computes the operations, and records the plan, in the transactions of its destinations.
func (m *maker) compare(ctx context.Context) (*Plan, error) {
	checks, err := m.runChecks(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range m.destinations {
		if err := d.diff(ctx, m); err != nil {
			return nil, err
		}
		if err := d.checkSharedInserts(ctx, m); err != nil {
			return nil, err
		}
	}
	if err := m.diags.Err(); err != nil {
		return nil, err
	}
	for _, d := range m.destinations {
		if err := d.guard(ctx, checks); err != nil {
			return nil, err
		}
	}
	return m.conclude(ctx, checks)
}

// conclude asks the policies, and records the plan.
func (m *maker) conclude(ctx context.Context, checks []checkResult) (*Plan, error) {
	policies, err := m.judgePolicies()
	if err != nil {
		return nil, err
	}
	m.closeWindows(checks)
	plan := &Plan{
		ID: m.id, CreatedOn: m.created, CreatedBy: m.opts.CreatedBy, ExpiresOn: m.now.Add(m.cfg.Settings.PlanTTL),
		ConfigDigest: m.cfg.Digest, GitCommit: m.opts.GitCommit, Speculative: m.opts.Speculative,
		Policies: policies, PseudonymKey: m.pseudonyms, Purpose: m.opts.Purpose,
	}
	for _, d := range m.destinations {
		part := Destination{Address: d.connection.Address, Identity: d.identity, Provider: d.connection.Provider, Database: d.Identity()}
		for _, w := range d.works {
			part.Syncs = append(part.Syncs, w.summary)
		}
		part.Checks, part.Files = d.checks, d.files
		if part.Instance, err = d.instance(ctx); err != nil {
			return nil, err
		}
		plan.Destinations = append(plan.Destinations, part)
	}
	plan.Places = plan.places(m.cfg)
	status := register.Ready
	if plan.Held() {
		status = register.Held
	}
	for i, d := range m.destinations {
		if err := d.record(ctx, plan, &plan.Destinations[i], status); err != nil {
			return nil, fmt.Errorf("%s: %w", d.connection.Address, d.safe(err))
		}
	}
	return plan, nil
}

// commit makes the plan, and whatever else is in its transactions, last.
func (m *maker) commit() error {
	for _, d := range m.destinations {
		if err := d.commit(); err != nil {
			return err
		}
	}
	return nil
}
