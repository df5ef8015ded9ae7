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
	case stored.Status == register.Held:
		return nil, &HeldError{Plan: p}
	case t.opts.Now().After(stored.ExpiresOn):
		return nil, &RefusedError{p.ID, fmt.Sprintf("it expired on %s: plan again", stored.ExpiresOn.Format(time.RFC3339))}
	case stored.ConfigDigest != p.ConfigDigest:
		return nil, &RefusedError{p.ID, "the register has it with another configuration"}
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
}

func (t *transaction) targets(ctx context.Context, stored *register.Plan) ([]step, error) {
	var steps []step
	for _, summary := range stored.Syncs {
		i := slices.IndexFunc(t.cfg.Syncs, func(s *config.Sync) bool { return s.Address == summary.Sync })
		if i < 0 {
			return nil, fmt.Errorf("the configuration has no %s, which the plan was made for", summary.Sync)
		}
		s := step{summary: summary, sync: t.cfg.Syncs[i]}
		table, err := t.Table(ctx, t.tx, s.sync.Destination.Table)
		if err != nil {
			return nil, fmt.Errorf("%s: table %s: %w", summary.Sync, summary.Table, t.safe(err))
		}
		target, diags := plan.Target(s.sync, table, t.cfg.Settings.Timezone)
		if err := diags.Err(); err != nil {
			return nil, err
		}
		plan.SetAsOf(target, t.now, t.cfg.Settings.Timezone)
		s.target = target
		steps = append(steps, s)
	}
	return steps, nil
}

// execute carries out the batches, parents' inserts before their children's and children's
// removals before their parents'. Rows are archived and deleted first, so that others
// can take their unique values; only parents' rows are deleted last, when their children
// have been moved elsewhere.
func (t *transaction) execute(ctx context.Context, stored *register.Plan, steps []step) (map[config.Operation]int64, error) {
	total := map[config.Operation]int64{}
	do := func(s step, operations ...config.Operation) error {
		counts, err := t.register.Counts(ctx, t.tx, stored.ID, s.summary.AfterSeq, s.summary.LastSeq)
		if err != nil {
			return t.safe(err)
		}
		for _, operation := range operations {
			n := counts[operation]
			if n == 0 {
				continue
			}
			t.report(Progress{Sync: s.summary.Sync, Operation: operation, Rows: n})
			if err := t.batch(ctx, s, sqlgen.Batch{PlanID: stored.ID, Operation: string(operation), After: s.summary.AfterSeq, Last: s.summary.LastSeq}, n); err != nil {
				return fmt.Errorf("%s: %s: %w", s.summary.Sync, operation, err)
			}
			total[operation] += n
			t.report(Progress{Sync: s.summary.Sync, Operation: operation, Rows: n, Done: true})
		}
		return nil
	}
	isParent := func(s step) bool {
		return slices.ContainsFunc(steps, func(other step) bool { return slices.Contains(other.sync.DependsOn, s.sync.Address) })
	}
	for _, s := range slices.Backward(steps) {
		operations := []config.Operation{config.Archive, config.Delete}
		if isParent(s) {
			operations = operations[:1]
		}
		if err := do(s, operations...); err != nil {
			return nil, err
		}
	}
	for _, s := range steps {
		if err := do(s, config.Update, config.Undelete, config.Insert); err != nil {
			return nil, err
		}
	}
	for _, s := range slices.Backward(steps) {
		if !isParent(s) {
			continue
		}
		if err := do(s, config.Delete); err != nil {
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
	step  step
	batch sqlgen.Batch
	err   error
}

func (e *batchError) Error() string { return e.err.Error() }
func (e *batchError) Unwrap() error { return e.err }

// batch executes the operations of one kind of one sync, n of them, in one
// statement.
func (t *transaction) batch(ctx context.Context, s step, b sqlgen.Batch, n int64) error {
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
	statement := sqlgen.Execute(t.Dialect(), s.target, b, t.nowText)
	result, err := t.tx.ExecContext(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return &batchError{s, b, t.safe(err)}
	}
	affected, err := result.RowsAffected()
	if err != nil {
		return t.safe(err)
	}
	if affected != n {
		return &batchError{s, b, fmt.Errorf("%d rows were to be written, the database wrote %d: something in it, such as a trigger, prevents some; nothing was kept", n, affected)}
	}
	if b.Operation == string(config.Delete) || !s.target.WritesMore() {
		return nil
	}
	record := sqlgen.RecordResult(t.Dialect(), s.target, b)
	return t.exec(ctx, record.SQL, record.Args...)
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
func (t *transaction) stale(ctx context.Context, q providers.Querier, s step, b sqlgen.Batch) (*StaleError, error) {
	query := sqlgen.Stale(t.Dialect(), s.target, b, maxStaleKeys)
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
	parts := make([]string, len(key))
	for i, f := range key {
		parts[i] = fmt.Sprintf("%q", f.Text)
		if slices.Contains(sensitive, f.Column) {
			parts[i] = "(sensitive)"
		}
	}
	return strings.Join(parts, ", ")
}
