package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/register"
)

// RevertOptions say what of an applied plan is undone.
type RevertOptions struct {
	PlanID string
	// Syncs are addresses as in Options.Targets: what the plan did for others is left; none: all of it is undone.
	Syncs []string
	// Keys are those of the only rows that are undone, as parseUndoKey reads them; none: all. They are of one sync.
	Keys []string
	// SkipChanged leaves out rows that have changed since, and records them; else they are a *ChangedError.
	SkipChanged bool
}

// Revert computes a plan that undoes an applied one, or a part of it, and leaves it in the registers as Make does. No
// source is read: rows get back what the register remembers of them. What cannot be undone at all is an *UndoError.
func Revert(ctx context.Context, cfg *config.Config, opts Options, o RevertOptions) (*Plan, error) {
	undone, err := Recall(ctx, cfg, opts.Providers, o.PlanID)
	if err != nil {
		return nil, err
	}
	syncs, err := o.choose(cfg, undone)
	if err != nil {
		return nil, err
	}
	opts.Purpose = &register.Purpose{Kind: register.Revert, Of: undone.ID}
	now := opts.Now().UTC().Truncate(time.Microsecond)
	m := &maker{
		cfg: cfg, opts: &opts, id: opts.NewID(), now: now, created: now, pseudonyms: opts.newPseudonymKey(),
		databases: &databases{opts: &opts, limits: cfg.Settings.Limits.Tighter(opts.Limits)},
	}
	ctx, end := planTimeout(ctx, m.databases.limits)
	defer end()
	defer m.databases.close(ctx)
	plan, err := m.revert(ctx, syncs, undone, o)
	return plan, m.explain(ctx, err)
}

// choose lists the syncs of which something is undone.
func (o *RevertOptions) choose(cfg *config.Config, undone *Plan) ([]*config.Sync, error) {
	var wanted map[string]bool
	if len(o.Syncs) > 0 {
		wanted = map[string]bool{}
		chosen, err := Select(cfg, o.Syncs)
		if err != nil {
			return nil, err
		}
		for _, s := range chosen {
			wanted[s.Address] = true
		}
	}
	var did, asked, gone []string
	found := map[string]bool{}
	for _, s := range undone.Syncs() {
		if s.Total() == 0 {
			continue
		}
		did = append(did, s.Sync)
		known := slices.ContainsFunc(cfg.Syncs, func(other *config.Sync) bool { return other.Address == s.Sync })
		switch {
		case wanted != nil && !wanted[s.Sync]:
		case known:
			found[s.Sync] = true
			asked = append(asked, s.Sync)
		default:
			gone = append(gone, s.Sync)
		}
	}
	switch {
	case len(did) == 0:
		return nil, &UndoError{PlanID: undone.ID, Reason: "it has no operations, so that there is nothing to undo"}
	case len(gone) > 0:
		return nil, &UndoError{PlanID: undone.ID, Reason: fmt.Sprintf("the configuration has no %s any more, of which it has operations: undo the rest with --sync", listedSyncs(gone))}
	case len(found) == 0:
		return nil, &UndoError{PlanID: undone.ID, Reason: fmt.Sprintf("it has no operations of these syncs, but of %s", listedSyncs(did))}
	case len(o.Keys) > 0 && len(found) > 1:
		return nil, fmt.Errorf("a key is of one sync, and plan %s has operations of %s: name one of them with --sync", undone.ID, listedSyncs(asked))
	case len(o.Keys) > sqlgen.MaxUndoKeys:
		return nil, fmt.Errorf("%d keys are given, %d at most can be: undo the others by another plan", len(o.Keys), sqlgen.MaxUndoKeys)
	}
	return slices.DeleteFunc(slices.Clone(cfg.Syncs), func(s *config.Sync) bool { return !found[s.Address] }), nil
}

// listedSyncs lists some.
func listedSyncs(list []string) string {
	const most = 10
	if len(list) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return strings.Join(list, ", ")
}

func (m *maker) revert(ctx context.Context, syncs []*config.Sync, undone *Plan, o RevertOptions) (*Plan, error) {
	if err := m.connectAll(ctx, syncs); err != nil {
		return nil, err
	}
	if err := m.notBehind(ctx); err != nil {
		return nil, err
	}
	if err := m.describe(ctx); err != nil {
		return nil, err
	}
	if err := m.diags.Err(); err != nil {
		return nil, err
	}
	if err := m.begin(ctx); err != nil {
		return nil, err
	}
	changed := &ChangedError{PlanID: o.PlanID}
	var parts []*reverting
	for _, d := range m.destinations {
		r := &reverting{destination: d, maker: m, undone: undone, options: o, changed: changed}
		if err := r.undo(ctx); err != nil {
			return nil, err
		}
		parts = append(parts, r)
	}
	if len(changed.Syncs) > 0 && !o.SkipChanged {
		return nil, changed
	}
	for _, r := range parts {
		if err := r.guard(ctx, nil); err != nil {
			return nil, err
		}
		for _, w := range r.works {
			r.blockCascades(w)
			r.warnUntyped(w)
			r.warnUnwatched(w)
		}
	}
	plan, err := m.conclude(ctx, nil)
	if err != nil {
		return nil, err
	}
	if err := m.commit(); err != nil {
		return nil, err
	}
	if m.opts.Warn != nil && len(m.diags) > 0 {
		m.opts.Warn(m.diags)
	}
	return plan, nil
}

// reverting is what is undone in one destination.
type reverting struct {
	*destination

	maker   *maker
	undone  *Plan
	options RevertOptions
	changed *ChangedError
	batches map[*work][]sqlgen.Undo
}

// undo writes the operations that undo those of the plan. Rows are deleted and renamed first, as an apply does: what
// their keys were is free for those that come back.
func (r *reverting) undo(ctx context.Context) error {
	stored, err := register.New(r.Dialect()).Plan(ctx, r.tx, r.options.PlanID)
	if err != nil {
		return fmt.Errorf("%s: %w", r.connection.Address, r.safe(err))
	}
	executed, err := Applied(ctx, register.New(r.Dialect()), r.tx, stored)
	if err != nil {
		if refused, ok := errors.AsType[*UndoError](err); ok {
			return fmt.Errorf("%s: %w", r.connection.Address, refused)
		}
		return fmt.Errorf("%s: %w", r.connection.Address, r.safe(err))
	}
	if purpose := r.maker.opts.Purpose; purpose.AppliedOn.IsZero() {
		purpose.AppliedOn = executed
	}
	r.batches = map[*work][]sqlgen.Undo{}
	for _, w := range r.works {
		if err := r.open(ctx, w, stored, executed); err != nil {
			return r.failed(w, err)
		}
	}
	for _, inserting := range []bool{false, true} {
		for _, w := range r.works {
			if err := r.write(ctx, w, inserting); err != nil {
				return r.failed(w, err)
			}
		}
	}
	for _, w := range r.works {
		if err := r.tell(ctx, w); err != nil {
			return r.failed(w, err)
		}
		w.judge(0, 0)
	}
	return nil
}

func (r *reverting) failed(w *work, err error) error {
	if refused, ok := errors.AsType[*UndoError](err); ok {
		return refused
	}
	return fmt.Errorf("%s: compare with table %s: %w", w.sync.Address, w.sync.Destination.Table, r.safe(err))
}

// open counts a sync's rows, looks what there is to undo, and lets the sync write whole rows from then on.
func (r *reverting) open(ctx context.Context, w *work, stored *register.Plan, executed time.Time) error {
	if progress := r.maker.opts.Progress; progress != nil {
		progress(Progress{Phase: Comparing, Sync: w.sync.Address})
	}
	own, zone := w.target, r.maker.cfg.Settings.Timezone
	SetClock(own, w.sync, r.now, zone)
	rows := sqlgen.CountRows(r.Dialect(), own)
	if err := r.tx.QueryRowContext(ctx, rows.SQL, rows.Args...).Scan(&w.summary.LiveRows, &w.summary.ArchivedRows); err != nil {
		return fmt.Errorf("count the rows: %w", err)
	}
	undone := &Undone{PlanID: stored.ID, ExecutedOn: executed, Own: own, Whole: own.Wholly(), Zone: zone}
	for _, s := range stored.Syncs {
		if s.Sync == w.sync.Address {
			undone.Summary = s
		}
	}
	for _, text := range r.options.Keys {
		key, err := parseUndoKey(w.sync, own, text, zone)
		if err != nil {
			return &UndoError{PlanID: stored.ID, Sync: w.sync.Address, Reason: err.Error()}
		}
		undone.Keys = append(undone.Keys, key)
	}
	w.sync, w.target = Undoing(w.sync), undone.Whole
	w.summary.LastSeq, w.findings = w.summary.AfterSeq, w.summary.AfterSeq
	var err error
	if r.batches[w], err = undone.Batches(ctx, r.tx, r.Dialect()); err != nil {
		return err
	}
	return r.checkAsked(ctx, w, undone)
}

// checkAsked refuses keys of rows to which the plan did nothing.
func (r *reverting) checkAsked(ctx context.Context, w *work, undone *Undone) error {
	for i, key := range undone.Keys {
		var asked int64
		for _, batch := range r.batches[w] {
			batch.Keys = []sqlgen.UndoKey{key}
			n, err := r.count(ctx, sqlgen.CountAsked(r.Dialect(), &batch))
			if err != nil {
				return err
			}
			asked += n
		}
		if asked == 0 {
			return &UndoError{PlanID: undone.PlanID, Sync: w.sync.Address, Reason: fmt.Sprintf("it did nothing to a row of the key %q, or what it did was redacted", r.options.Keys[i])}
		}
	}
	return nil
}

// write adds the operations of a sync: those that insert, or the others.
func (r *reverting) write(ctx context.Context, w *work, inserting bool) error {
	for i := range r.batches[w] {
		batch := &r.batches[w][i]
		undo := sqlgen.Undoes(batch.Batch.Operation)
		if len(batch.Key) == 0 || undo == "" || (undo == string(config.Insert)) != inserting {
			continue
		}
		n, err := r.exec(ctx, sqlgen.Revert(r.Dialect(), batch, w.planID, w.summary.LastSeq, r.leaving(w)))
		if err != nil {
			return err
		}
		w.summary.LastSeq += n
	}
	counts, err := r.countPlanned(ctx, w)
	w.summary.Counts = counts
	return err
}

// leaving lists the syncs whose rows leave the table of another before it inserts.
func (r *reverting) leaving(w *work) []sqlgen.Planned {
	var list []sqlgen.Planned
	for _, other := range r.works {
		if other.target.Table.Name == w.target.Table.Name && other.summary.Counts[config.Delete]+other.summary.Counts[config.Rename] > 0 {
			list = append(list, other.planned())
		}
	}
	return list
}

// warnUntyped tells of columns whose values come back as texts, whatever they were.
func (r *reverting) warnUntyped(w *work) {
	var untyped []string
	for i := range r.batches[w] {
		batch := &r.batches[w][i]
		if w.summary.Counts[config.Operation(sqlgen.Undoes(batch.Batch.Operation))] == 0 {
			continue
		}
		for _, name := range batch.Untyped(r.Dialect()) {
			if !slices.Contains(untyped, name) {
				untyped = append(untyped, name)
			}
		}
	}
	if len(untyped) > 0 {
		r.maker.diags.Warnf(w.sync.Range, "Values come back as texts", "%s: columns of table %q have no declared type: %s. The register holds the texts of their values, and not whether these were texts, numbers or octets; rows that get them back get texts.",
			w.sync.Address, w.sync.Destination.Table, suggest.List(untyped, 10))
	}
}

// warnUnwatched tells of columns whose values go with rows that are deleted, whoever wrote them.
func (r *reverting) warnUnwatched(w *work) {
	var unwatched []string
	for i := range r.batches[w] {
		if w.summary.Counts[config.Delete] > 0 {
			unwatched = append(unwatched, r.batches[w][i].Unwatched()...)
		}
	}
	if len(unwatched) > 0 {
		r.maker.diags.Warnf(w.sync.Range, "Rows are deleted with what others wrote", "%s: the plan did not write these columns of the rows that it inserted into table %q: %s. The register does not hold what they held then, so that a row in which somebody wrote one since is deleted like the others.",
			w.sync.Address, w.sync.Destination.Table, suggest.List(unwatched, 10))
	}
}

// blockCascades holds a sync of whose operations the database would change other rows, which no plan shows.
func (r *reverting) blockCascades(w *work) {
	block := func(reason string) {
		w.summary.Blocked = joinReasons(w.summary.Blocked, reason)
		w.summary.Held = joinReasons(w.summary.Held, reason)
	}
	if cascades := w.target.Table.Cascades; w.summary.Counts[config.Delete] > 0 && len(cascades) > 0 {
		block(fmt.Sprintf("deleting rows of table %s would change others that no plan shows: it is referenced by %s with ON DELETE CASCADE, SET NULL or SET DEFAULT", w.sync.Destination.Table, suggest.List(cascades, 10)))
	}
	for _, key := range w.target.Table.References {
		rewrites := func(batch sqlgen.Undo) bool {
			undo := config.Operation(sqlgen.Undoes(batch.Batch.Operation))
			return undo != config.Delete && undo != config.Insert && w.summary.Counts[undo] > 0 &&
				slices.ContainsFunc(batch.Written(), func(c sqlgen.Column) bool { return slices.Contains(key.ParentColumns, c.Name) })
		}
		if key.ActsOnUpdate && slices.ContainsFunc(r.batches[w], rewrites) {
			block(fmt.Sprintf("changing what rows of table %s refer to would change these, and no plan shows it: it references table %s with ON UPDATE CASCADE, SET NULL or SET DEFAULT", key.Shown, w.sync.Destination.Table))
		}
	}
}
