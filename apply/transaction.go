package apply

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// transaction is one destination's part of an apply.
type transaction struct {
	*destination
	tx       *sql.Tx
	cfg      *config.Config
	opts     Options
	register register.Register
	// unenforced are the names, as statements spell them, of tables to lock.
	unenforced []string
	now        time.Time
	steps      []*step
	paused     []string // syncs that a revert paused
	// pausedBefore are those of paused that were paused already.
	pausedBefore []string
}

// run verifies the plan against the register and executes it, all in one snapshot.
func (t *transaction) run(ctx context.Context, p *plan.Plan) (map[config.Operation]int64, error) {
	if err := t.lockTables(ctx); err != nil {
		return nil, err
	}
	stored, err := t.verify(ctx, t.tx, p)
	if err != nil {
		return nil, err
	}
	unknown, err := t.refresh(ctx, t.cfg, t.tx)
	if err != nil {
		return nil, err
	}
	if len(unknown) > 0 {
		return nil, &StaleError{Files: unknown}
	}
	if t.now, err = t.clock(ctx, t.tx, t.opts.Now); err != nil {
		return nil, err
	}
	if t.now.Before(stored.CreatedOn) {
		t.now = stored.CreatedOn // by the clock of the machine that made it: the next plan is made after that
	}
	counts, err := t.register.Counts(ctx, t.tx, p.ID)
	switch {
	case errors.Is(err, register.ErrResults):
		// No part of the digest, as they are written later.
		return nil, &RefusedError{p.ID, "its operations in the register have results, which only an apply writes: the register was changed; plan again"}
	case err != nil:
		return nil, t.safe(err)
	}
	targets, err := t.targets(ctx, stored, counts)
	if err != nil {
		return nil, err
	}
	t.steps = targets
	if err := t.verifySteps(ctx, targets); err != nil {
		return nil, err
	}
	if err := t.verifyRevert(ctx, stored, targets); err != nil {
		return nil, err
	}
	total, err := t.execute(ctx, stored, targets)
	if err != nil {
		return nil, err
	}
	for _, operation := range config.Operations {
		var planned int64
		for _, sync := range counts {
			planned += sync[operation]
		}
		if planned != total[operation] {
			return nil, fmt.Errorf("the register holds %d operations of kind %s for this plan, %d were done; nothing was kept", planned, operation, total[operation])
		}
	}
	if err := t.redactPurged(ctx, p.ID, targets); err != nil {
		return nil, err
	}
	if stored.Status == register.Held {
		override := register.Override{PlanID: p.ID, OverriddenOn: t.now, OverriddenBy: t.opts.AppliedBy, Reason: t.opts.Override}
		if err := t.register.InsertOverride(ctx, t.tx, override); err != nil {
			return nil, t.safe(err)
		}
	}
	if err := t.prepare(ctx, stored); err != nil {
		return nil, err
	}
	if err := t.register.InsertExecution(ctx, t.tx, register.Execution{PlanID: p.ID, ExecutedOn: t.now, ExecutedBy: t.opts.AppliedBy}); err != nil {
		return nil, t.safe(err)
	}
	if err := t.pause(ctx, stored); err != nil {
		return nil, err
	}
	if t.opts.BeforeCommit != nil {
		if err := t.opts.BeforeCommit(ctx, t.part.Address, t.tx); err != nil {
			return nil, t.safe(err)
		}
	}
	return total, nil
}

// lockTables keeps other writers from the tables whose keys no index enforces. It must
// come first: the transaction's snapshot is taken by the first statement after it, and
// then holds whatever others wrote before the lock.
func (t *transaction) lockTables(ctx context.Context) error {
	locker, ok := t.Dialect().(sqlgen.TableLocker)
	if !ok {
		return nil
	}
	for _, table := range t.unenforced {
		if err := t.exec(ctx, locker.LockTable(table)); err != nil {
			return fmt.Errorf("lock table %s: %w", table, err)
		}
	}
	return nil
}

// clock returns now as the register has it: its times tell what came first, whichever machine's clock they are of.
func (d *destination) clock(ctx context.Context, q providers.Querier, clock func() time.Time) (time.Time, error) {
	last, err := register.New(d.Dialect()).LastExecution(ctx, q)
	if err != nil {
		return time.Time{}, d.safe(err)
	}
	now := clock().UTC().Truncate(time.Microsecond)
	if !now.After(last) {
		now = last.Add(time.Microsecond)
	}
	return now, nil
}

// verify checks that the register holds the plan that the file names, unapplied, not overtaken by another
// one, with the very operations that were reviewed, and approved of as far as it must be.
func (t *transaction) verify(ctx context.Context, q providers.Querier, p *plan.Plan) (*register.Plan, error) {
	stored, err := t.register.Plan(ctx, q, p.ID)
	if errors.Is(err, register.ErrNoPlan) {
		return nil, &RefusedError{p.ID, "the register does not hold it: it was pruned, or the database restored; plan again"}
	}
	if err != nil {
		return nil, t.safe(err)
	}
	execution, err := t.register.Execution(ctx, q, p.ID)
	if err != nil {
		return nil, t.safe(err)
	}
	if execution != nil {
		return nil, &AppliedError{PlanID: p.ID}
	}
	switch {
	case stored.Speculative:
		return nil, &RefusedError{p.ID, "the register has it as speculative, which the file does not: the register or the file was changed; plan again"}
	case t.opts.Now().After(stored.ExpiresOn):
		return nil, &RefusedError{p.ID, fmt.Sprintf("it expired on %s: plan again", stored.ExpiresOn.Format(time.RFC3339))}
	case stored.ConfigDigest != p.ConfigDigest:
		return nil, &RefusedError{p.ID, "the register has it with another configuration than the file; plan again"}
	}
	if err := t.verifyTimes(ctx, q, p, stored); err != nil {
		return nil, err
	}
	if err := checkHeld(p, stored.Status == register.Held, stored.Syncs, t.opts); err != nil {
		return nil, err
	}
	if err := t.verifyParts(p, stored); err != nil {
		return nil, err
	}
	if err := t.verifyEffects(ctx, q, p, stored); err != nil {
		return nil, err
	}
	syncs := make([]string, len(stored.Syncs))
	for i, s := range stored.Syncs {
		syncs[i] = s.Sync
	}
	newer, err := t.register.NewerExecuted(ctx, q, stored.CreatedOn, syncs)
	if err != nil {
		return nil, t.safe(err)
	}
	if newer != nil {
		return nil, &OlderError{PlanID: p.ID, Newer: *newer}
	}
	return stored, t.verifyApproval(ctx, q, p, stored)
}

// verifyParts checks that the file and the register have the same syncs and destinations, and what the plan is for.
func (t *transaction) verifyParts(p *plan.Plan, stored *register.Plan) error {
	if !slices.EqualFunc(stored.Syncs, t.part.Syncs, func(a, b register.SyncSummary) bool { return a.Sync == b.Sync }) {
		return &RefusedError{p.ID, "the register has it with other syncs than the file; plan again"}
	}
	if !slices.EqualFunc(stored.Destinations, p.Destinations, func(a string, b plan.Destination) bool { return a == b.Address }) && len(stored.Destinations) > 0 {
		return &RefusedError{p.ID, "the register has it with other destinations than the file; plan again"}
	}
	if !stored.Purpose.Equal(p.Purpose) {
		return &RefusedError{p.ID, "the register has it for another purpose than the file: one of them was changed; plan again"}
	}
	return nil
}

// step is one sync of the plan with its table as it is now.
type step struct {
	planID  string
	summary register.SyncSummary
	sync    *config.Sync
	target  *sqlgen.Target
	own     *sqlgen.Target // of a revert: the sync's, while target writes whole rows; else nil
	counts  map[config.Operation]int64
	left    map[config.Operation]int64 // rows that are still to be written
}

func (s *step) batch(operation config.Operation) sqlgen.Batch {
	return sqlgen.Batch{PlanID: s.planID, Operation: string(operation), After: s.summary.AfterSeq, Last: s.summary.LastSeq}
}

func (s *step) total() int64 {
	var n int64
	for _, count := range s.counts {
		n += count
	}
	return n
}

func (t *transaction) targets(ctx context.Context, stored *register.Plan, counts map[string]map[config.Operation]int64) ([]*step, error) {
	var steps []*step
	catalog := plan.NewCatalog(t.Destination, t.tx)
	for _, summary := range stored.Syncs {
		i := slices.IndexFunc(t.cfg.Syncs, func(s *config.Sync) bool { return s.Address == summary.Sync })
		if i < 0 {
			return nil, fmt.Errorf("the configuration has no %s, which the plan was made for", summary.Sync)
		}
		s := &step{planID: stored.ID, summary: summary, sync: t.cfg.Syncs[i]}
		// The register's word alone is not enough to show what the configuration masks.
		for _, column := range s.sync.Columns {
			if column.Sensitive && !slices.Contains(s.summary.Sensitive, column.Name) {
				s.summary.Sensitive = append(slices.Clone(s.summary.Sensitive), column.Name)
			}
		}
		target, diags := plan.Target(ctx, t.cfg, s.sync, catalog)
		if err := catalog.Broken(t.opts.Providers); err != nil {
			return nil, err
		}
		if err := diags.Err(); err != nil {
			return nil, err
		}
		plan.SetClock(target, s.sync, t.now, t.cfg.Settings.Timezone)
		s.target, s.counts = target, counts[summary.Sync]
		if reverts(stored) {
			s.own, s.target, s.sync = target, target.Wholly(), plan.Undoing(s.sync)
		}
		if s.left = maps.Clone(s.counts); s.left == nil {
			s.left = map[config.Operation]int64{}
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// execute carries out the batches, parents' inserts before their children's and children's
// removals before their parents'. Rows are archived and deleted first, so that others
// can take their unique values; only parents' rows are deleted last, when their children
// have been moved elsewhere.
func (t *transaction) execute(ctx context.Context, stored *register.Plan, steps []*step) (map[config.Operation]int64, error) {
	isParent := func(u unit) bool {
		return slices.ContainsFunc(u, func(s *step) bool {
			return slices.ContainsFunc(steps, func(other *step) bool {
				return !slices.Contains(u, other) && slices.Contains(other.summary.Needs, s.summary.Sync)
			})
		})
	}
	units := group(steps)
	for _, s := range steps {
		if err := t.hooks(ctx, s, stored.ID, config.BeforeApply, s.sync.Hooks.Before); err != nil {
			return nil, err
		}
	}
	for _, u := range slices.Backward(units) {
		if err := t.archive(ctx, u); err != nil {
			return nil, err
		}
		if isParent(u) {
			continue
		}
		if err := t.remove(ctx, u, !u.refersToItself()); err != nil {
			return nil, err
		}
	}
	for _, u := range units {
		if err := t.change(ctx, u); err != nil {
			return nil, err
		}
	}
	for _, u := range slices.Backward(units) {
		if !isParent(u) && !u.refersToItself() {
			continue // done
		}
		if err := t.remove(ctx, u, true); err != nil {
			return nil, err
		}
	}
	for _, s := range steps {
		if err := t.hooks(ctx, s, stored.ID, config.AfterApply, s.sync.Hooks.After); err != nil {
			return nil, err
		}
	}
	total := map[config.Operation]int64{}
	for _, s := range steps {
		for operation, n := range s.counts {
			total[operation] += n - s.left[operation]
		}
	}
	return total, nil
}

func (t *transaction) report(p Progress) {
	if t.opts.Progress != nil {
		t.opts.Progress(p)
	}
}

// maxStaleKeys bounds the rows that a stale plan's error names.
const maxStaleKeys = 10

// batchError: a batch could not be carried out. Whether that is because rows have
// changed since the plan is looked up after the rollback.
type batchError struct {
	step  *step
	batch sqlgen.Batch
	err   error
}

func (e *batchError) Error() string { return e.err.Error() }
func (e *batchError) Unwrap() error { return e.err }

// written checks that a whole batch was, and records what its rows hold where that can differ from
// what the plan says.
func (t *transaction) written(ctx context.Context, s *step, b sqlgen.Batch) error {
	operation := config.Operation(b.Operation)
	n := s.counts[operation]
	if affected := n - s.left[operation]; affected != n {
		return &batchError{s, b, fmt.Errorf("%d rows were to be written, the database wrote %d: %s; nothing was kept", n, affected, s.whyUnwritten(operation))}
	}
	if query := sqlgen.CountOutside(t.Dialect(), s.target, b); query.SQL != "" {
		var outside int64
		if err := t.tx.QueryRowContext(ctx, query.SQL, query.Args...).Scan(&outside); err != nil {
			return t.safe(err)
		}
		if outside > 0 {
			return fmt.Errorf("%d of the rows written refer to parents that are outside of the scope: no later plan would know them as this sync's; nothing was kept", outside)
		}
	}
	if operation == config.Delete || operation == config.Purge {
		return nil
	}
	more, lookups := s.target.WritesMore() || operation == config.Insert && len(s.target.Generated) > 0, sqlgen.Looks(t.Dialect(), s.target, b.Operation)
	if !more && !lookups {
		return nil
	}
	record := sqlgen.RecordResult(t.Dialect(), s.target, b, !more)
	return t.exec(ctx, record.SQL, record.Args...)
}

// whyUnwritten says what can keep rows from being written where none of them is stale.
func (s *step) whyUnwritten(operation config.Operation) string {
	if s.target.Table.Triggers {
		return fmt.Sprintf("a trigger of table %s may prevent some", s.summary.Table)
	}
	what := "they themselves or the rows that they refer to"
	switch {
	case operation == config.Insert:
		what = "the rows that they refer to"
	case operation.Removes():
		what = "they themselves"
	}
	return what + " were no longer as the plan saw them, such as after a hook or another operation of this plan"
}

// hooks runs a sync's hooks, if it has operations, and records them.
func (t *transaction) hooks(ctx context.Context, s *step, planID, which string, hooks []config.Hook) error {
	if s.total() == 0 {
		return nil
	}
	for i, hook := range hooks {
		result, err := t.tx.ExecContext(ctx, hook.SQL)
		if err != nil {
			return fmt.Errorf("%s: %s (%s): %w; nothing was kept", s.summary.Sync, which, hook.Range, t.safe(err))
		}
		rows, err := result.RowsAffected()
		if err != nil {
			return t.safe(err)
		}
		err = t.register.InsertFinding(ctx, t.tx, planID, register.Finding{
			Sync: s.summary.Sync, Kind: register.Hooked, Message: fmt.Sprintf("%s, statement %d: %d rows", which, i+1, rows),
			Detail: register.Document{{Column: "sql", Text: hook.SQL}},
		})
		if err != nil {
			return t.safe(err)
		}
	}
	return nil
}

func (t *transaction) exec(ctx context.Context, statement string, args ...any) error {
	_, err := t.tx.ExecContext(ctx, statement, args...)
	return t.safe(err)
}

func (t *transaction) nowText(column sqlgen.Column) string {
	return plan.NowText(column, t.now, t.cfg.Settings.Timezone)
}

// stale returns a *StaleError if rows of the batch are no longer what the plan saw, or
// their lookups find other rows, and nil if all is as it was.
func (t *transaction) stale(ctx context.Context, q providers.Querier, s *step, b sqlgen.Batch) (*StaleError, error) {
	stale, err := t.staleRows(ctx, q, s, b, sqlgen.Stale(t.Dialect(), s.target, b, maxStaleKeys))
	if err != nil || stale != nil {
		return stale, err
	}
	return t.lost(ctx, q, s, b)
}

// lost is stale for what the lookups find alone.
func (t *transaction) lost(ctx context.Context, q providers.Querier, s *step, b sqlgen.Batch) (*StaleError, error) {
	query := sqlgen.Lost(t.Dialect(), s.target, b, maxStaleKeys)
	if query.SQL == "" {
		return nil, nil //nolint:nilnil // "none is stale" is an answer, not an error
	}
	stale, err := t.staleRows(ctx, q, s, b, query)
	if stale != nil {
		stale.Lookup = true
	}
	return stale, err
}

func (t *transaction) staleRows(ctx context.Context, q providers.Querier, s *step, b sqlgen.Batch, query sqlgen.Statement) (*StaleError, error) {
	keys, err := t.register.Keys(ctx, q, query.SQL, query.Args...)
	if err != nil {
		return nil, fmt.Errorf("look for the rows that changed: %w", t.safe(err))
	}
	if len(keys) == 0 {
		return nil, nil //nolint:nilnil // "none is stale" is an answer, not an error
	}
	stale := &StaleError{Sync: s.summary.Sync, Operation: config.Operation(b.Operation)}
	for _, key := range keys {
		stale.Keys = append(stale.Keys, keyText(key, s.summary.Sensitive))
	}
	return stale, nil
}

func keyText(key register.Document, sensitive []string) string {
	var parts []string
	for i, f := range key {
		if i+1 < len(key) && strings.HasPrefix(key[i+1].Column, f.Column+".") {
			continue // its business keys follow
		}
		shown := fmt.Sprintf("%q", f.Text)
		if slices.Contains(sensitive, f.Column) {
			shown = "(sensitive)"
		}
		parts = append(parts, shown)
	}
	return strings.Join(parts, ", ")
}
