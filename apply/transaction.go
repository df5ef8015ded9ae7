package apply

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
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
}

// run verifies the plan against the register and executes it, all in one snapshot.
func (t *transaction) run(ctx context.Context, p *plan.Plan) (map[config.Operation]int64, error) {
	if err := t.lockTables(ctx); err != nil {
		return nil, err
	}
	stored, err := t.verify(ctx, p)
	if err != nil {
		return nil, err
	}
	last, err := t.register.LastExecution(ctx, t.tx)
	if err != nil {
		return nil, t.safe(err)
	}
	// The register's times never run backwards, whichever machine's clock they are of.
	if t.now = t.opts.Now().UTC().Truncate(time.Microsecond); t.now.Before(last) {
		t.now = last
	}
	targets, err := t.targets(ctx, stored)
	if err != nil {
		return nil, err
	}
	total, err := t.execute(ctx, stored, targets)
	if err != nil {
		return nil, err
	}
	planned, err := t.register.Counts(ctx, t.tx, p.ID, math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, t.safe(err)
	}
	for _, operation := range config.Operations {
		if planned[operation] != total[operation] {
			return nil, fmt.Errorf("the register holds %d operations of kind %s for this plan, %d were done; nothing was kept", planned[operation], operation, total[operation])
		}
	}
	if stored.Status == register.Held {
		override := register.Override{PlanID: p.ID, OverriddenOn: t.now, OverriddenBy: t.opts.AppliedBy, Reason: t.opts.Override}
		if err := t.register.InsertOverride(ctx, t.tx, override); err != nil {
			return nil, t.safe(err)
		}
	}
	err = t.register.InsertExecution(ctx, t.tx, register.Execution{PlanID: p.ID, ExecutedOn: t.now, ExecutedBy: t.opts.AppliedBy})
	return total, t.safe(err)
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

// verify checks that the register holds the plan that the file names, unapplied,
// and with the very operations that were reviewed.
func (t *transaction) verify(ctx context.Context, p *plan.Plan) (*register.Plan, error) {
	stored, err := t.register.Plan(ctx, t.tx, p.ID)
	if errors.Is(err, register.ErrNoPlan) {
		return nil, &RefusedError{p.ID, "the register does not hold it: it was pruned, or the database restored; plan again"}
	}
	if err != nil {
		return nil, t.safe(err)
	}
	execution, err := t.register.Execution(ctx, t.tx, p.ID)
	if err != nil {
		return nil, t.safe(err)
	}
	if execution != nil {
		return nil, &AppliedError{PlanID: p.ID}
	}
	switch {
	case stored.Speculative:
		return nil, &RefusedError{p.ID, "the register has it as speculative"}
	case t.opts.Now().After(stored.ExpiresOn):
		return nil, &RefusedError{p.ID, fmt.Sprintf("it expired on %s: plan again", stored.ExpiresOn.Format(time.RFC3339))}
	case stored.ConfigDigest != p.ConfigDigest:
		return nil, &RefusedError{p.ID, "the register has it with another configuration"}
	}
	if err := checkHeld(p, stored.Status == register.Held, stored.Syncs, t.opts.Override); err != nil {
		return nil, err
	}
	if !slices.EqualFunc(stored.Syncs, t.part.Syncs, func(a, b register.SyncSummary) bool { return a.Sync == b.Sync }) {
		return nil, &RefusedError{p.ID, "the register has it with other syncs than the file; plan again"}
	}
	digest, err := t.register.Digest(ctx, t.tx, p.ID)
	if err != nil {
		return nil, t.safe(err)
	}
	if digest != t.part.Digest || stored.Digest != t.part.Digest {
		return nil, &RefusedError{p.ID, "its operations in the register are not those that were planned: the register or the file was changed; plan again"}
	}
	return stored, nil
}

// step is one sync of the plan with its table as it is now.
type step struct {
	summary register.SyncSummary
	sync    *config.Sync
	target  *sqlgen.Target
	counts  map[config.Operation]int64
	late    []lateBatch
}

// lateBatch is what remains of a batch, a number of rows, until rows that they refer to
// are there.
type lateBatch struct {
	sqlgen.Batch
	rows int64
}

func (s *step) batch(planID string, operation config.Operation) sqlgen.Batch {
	return sqlgen.Batch{PlanID: planID, Operation: string(operation), After: s.summary.AfterSeq, Last: s.summary.LastSeq}
}

func (s *step) total() int64 {
	var n int64
	for _, count := range s.counts {
		n += count
	}
	return n
}

func (t *transaction) targets(ctx context.Context, stored *register.Plan) ([]*step, error) {
	var steps []*step
	catalog := plan.NewCatalog(t.Destination, t.tx)
	for _, summary := range stored.Syncs {
		i := slices.IndexFunc(t.cfg.Syncs, func(s *config.Sync) bool { return s.Address == summary.Sync })
		if i < 0 {
			return nil, fmt.Errorf("the configuration has no %s, which the plan was made for", summary.Sync)
		}
		s := &step{summary: summary, sync: t.cfg.Syncs[i]}
		target, diags := plan.Target(ctx, t.cfg, s.sync, catalog)
		if err := diags.Err(); err != nil {
			return nil, err
		}
		plan.SetClock(target, s.sync, t.now, t.cfg.Settings.Timezone)
		s.target = target
		var err error
		if s.counts, err = t.register.Counts(ctx, t.tx, stored.ID, summary.AfterSeq, summary.LastSeq); err != nil {
			return nil, t.safe(err)
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
	total := map[config.Operation]int64{}
	do := func(s *step, operations ...config.Operation) error {
		for _, operation := range operations {
			n := s.counts[operation]
			if n == 0 {
				continue
			}
			t.report(Progress{Sync: s.summary.Sync, Operation: operation, Rows: n})
			if err := t.batch(ctx, s, s.batch(stored.ID, operation), n); err != nil {
				return fmt.Errorf("%s: %s: %w", s.summary.Sync, operation, err)
			}
			total[operation] += n
			t.report(Progress{Sync: s.summary.Sync, Operation: operation, Rows: n, Done: true})
		}
		return nil
	}
	isParent := func(s *step) bool {
		return slices.ContainsFunc(steps, func(other *step) bool { return slices.Contains(other.summary.Needs, s.summary.Sync) })
	}
	for _, s := range steps {
		if err := t.hooks(ctx, s, stored.ID, "before_apply", s.sync.Hooks.Before); err != nil {
			return nil, err
		}
	}
	for _, s := range slices.Backward(steps) {
		operations := []config.Operation{config.Archive, config.Purge, config.Delete}
		if isParent(s) {
			operations = operations[:1]
		}
		if err := do(s, operations...); err != nil {
			return nil, err
		}
	}
	for _, s := range steps {
		if err := do(s, config.Rename, config.Adopt, config.Update, config.Undelete, config.Insert); err != nil {
			return nil, err
		}
		if err := t.late(ctx, s); err != nil {
			return nil, err
		}
	}
	for _, s := range slices.Backward(steps) {
		if !isParent(s) {
			continue
		}
		if err := do(s, config.Purge, config.Delete); err != nil {
			return nil, err
		}
	}
	for _, s := range steps {
		if err := t.hooks(ctx, s, stored.ID, "after_apply", s.sync.Hooks.After); err != nil {
			return nil, err
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

// batch executes the operations of one kind of one sync, n of them, in one
// statement. Operations whose rows refer to others of their own table that are still to be inserted
// are left to late; inserts of such rows take a statement for each level.
func (t *transaction) batch(ctx context.Context, s *step, b sqlgen.Batch, n int64) error {
	// Where no index refuses a key that is taken, look before.
	if s.sync.Destination.UnenforcedKey && b.Operation == string(config.Insert) {
		stale, err := t.stale(ctx, t.tx, s, b)
		if err != nil {
			return err
		}
		if stale != nil {
			return stale
		}
	}
	refers := s.target.RefersToItself()
	switch operation := config.Operation(b.Operation); {
	case refers && operation == config.Insert:
		return t.levels(ctx, s, b, n)
	case refers && !operation.Removes():
		done, err := t.write(ctx, s, b, sqlgen.AllKnown)
		if err == nil {
			s.late = append(s.late, lateBatch{b, n - done})
		}
		return err
	}
	done, err := t.write(ctx, s, b, sqlgen.AllRows)
	if err != nil {
		return err
	}
	return t.written(ctx, s, b, n, done)
}

// levels inserts rows that refer to each other: first those that refer to none that is
// inserted, then those that refer to them, and so on.
func (t *transaction) levels(ctx context.Context, s *step, b sqlgen.Batch, n int64) error {
	var total int64
	for {
		done, err := t.write(ctx, s, b, sqlgen.Remaining)
		if err != nil {
			return err
		}
		if total += done; done == 0 || total >= n {
			return t.written(ctx, s, b, n, total)
		}
	}
}

// late carries out what refers to rows that the sync itself has inserted since.
func (t *transaction) late(ctx context.Context, s *step) error {
	for _, b := range s.late {
		done, err := int64(0), error(nil)
		if b.rows > 0 {
			done, err = t.write(ctx, s, b.Batch, sqlgen.AllUnknown)
		}
		if err == nil {
			err = t.written(ctx, s, b.Batch, b.rows, done)
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", s.summary.Sync, b.Operation, err)
		}
	}
	return nil
}

// write executes a part of a batch and returns the number of rows written.
func (t *transaction) write(ctx context.Context, s *step, b sqlgen.Batch, part sqlgen.Part) (int64, error) {
	statement := sqlgen.Execute(t.Dialect(), s.target, b, part, t.nowText)
	result, err := t.tx.ExecContext(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return 0, &batchError{s, b, t.safe(err)}
	}
	affected, err := result.RowsAffected()
	return affected, t.safe(err)
}

// written checks that a whole batch was, and records what its rows hold where that can differ from
// what the plan says.
func (t *transaction) written(ctx context.Context, s *step, b sqlgen.Batch, n, affected int64) error {
	if affected != n {
		return &batchError{s, b, fmt.Errorf("%d rows were to be written, the database wrote %d: something in it, such as a trigger, prevents some; nothing was kept", n, affected)}
	}
	operation := config.Operation(b.Operation)
	if operation == config.Insert && len(s.target.Parents) > 0 {
		query := sqlgen.CountOutside(t.Dialect(), s.target, b)
		var outside int64
		if err := t.tx.QueryRowContext(ctx, query.SQL, query.Args...).Scan(&outside); err != nil {
			return t.safe(err)
		}
		if outside > 0 {
			return fmt.Errorf("%d of the rows inserted refer to parents that are outside of the scope: no later plan would know them as this sync's; nothing was kept", outside)
		}
	}
	if operation == config.Delete || operation == config.Purge {
		return nil
	}
	more, lookups := s.target.WritesMore(), sqlgen.Looks(t.Dialect(), s.target, b.Operation)
	if !more && !lookups {
		return nil
	}
	record := sqlgen.RecordResult(t.Dialect(), s.target, b, !more)
	return t.exec(ctx, record.SQL, record.Args...)
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

// stale returns a *StaleError if rows of the batch are no longer what the plan saw, and
// nil if all of them are.
func (t *transaction) stale(ctx context.Context, q providers.Querier, s *step, b sqlgen.Batch) (*StaleError, error) {
	query := sqlgen.Stale(t.Dialect(), s.target, b, maxStaleKeys)
	keys, err := t.register.Keys(ctx, q, query.SQL, query.Args...)
	if err != nil {
		return nil, fmt.Errorf("look for the rows that changed: %w", t.safe(err))
	}
	lost := false
	if query = sqlgen.Lost(t.Dialect(), s.target, b, maxStaleKeys); len(keys) == 0 && query.SQL != "" {
		lost = true
		if keys, err = t.register.Keys(ctx, q, query.SQL, query.Args...); err != nil {
			return nil, fmt.Errorf("look for the rows that changed: %w", t.safe(err))
		}
	}
	if len(keys) == 0 {
		return nil, nil //nolint:nilnil // "none is stale" is an answer, not an error
	}
	stale := &StaleError{Sync: s.summary.Sync, Operation: config.Operation(b.Operation), Lookup: lost}
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
