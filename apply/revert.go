package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// reverts reports whether a plan undoes another one.
func reverts(stored *register.Plan) bool {
	return stored.Purpose != nil && stored.Purpose.Kind == register.Revert
}

// verifyRevert checks that a plan which undoes another one does just that: each of its operations must be, document for
// document, the one that the register of the undone plan and the rows as they are lead to. What its documents
// write is nowhere else to be found.
func (t *transaction) verifyRevert(ctx context.Context, stored *register.Plan, steps []*step) error {
	if !reverts(stored) {
		return nil
	}
	refused := func(format string, args ...any) error {
		return &RefusedError{stored.ID, fmt.Sprintf(format, args...)}
	}
	undone, err := t.register.Plan(ctx, t.tx, stored.Purpose.Of)
	if errors.Is(err, register.ErrNoPlan) {
		return refused("the register does not hold plan %s any more, which it undoes", stored.Purpose.Of)
	}
	if err != nil {
		return t.safe(err)
	}
	executed, err := plan.Applied(ctx, t.register, t.tx, undone)
	if failed, ok := errors.AsType[*plan.UndoError](err); ok {
		return refused("%s", failed)
	}
	if err != nil {
		return t.safe(err)
	}
	for _, s := range steps {
		if s.total() == 0 {
			continue
		}
		one := plan.Undone{PlanID: undone.ID, ExecutedOn: executed, Own: s.own, Whole: s.target, Zone: t.cfg.Settings.Timezone}
		for _, summary := range undone.Syncs {
			if summary.Sync == s.summary.Sync {
				one.Summary = summary
			}
		}
		batches, err := one.Batches(ctx, t.tx, t.Dialect())
		if failed, ok := errors.AsType[*plan.UndoError](err); ok {
			return refused("%s", failed)
		}
		if err != nil {
			return t.safe(err)
		}
		if err := t.verifyDerived(ctx, s, batches); err != nil {
			return err
		}
	}
	return nil
}

// verifyDerived checks a sync's operations. Those of rows that have changed since are stale, and not forged.
func (t *transaction) verifyDerived(ctx context.Context, s *step, batches []sqlgen.Undo) error {
	for _, operation := range slices.Sorted(maps.Keys(s.counts)) {
		var derived int64
		for i := range batches {
			if len(batches[i].Key) == 0 || sqlgen.Undoes(batches[i].Batch.Operation) != string(operation) {
				continue
			}
			query := sqlgen.CountDerived(t.Dialect(), &batches[i], s.batch(operation))
			var n int64
			if err := t.tx.QueryRowContext(ctx, query.SQL, query.Args...).Scan(&n); err != nil {
				return fmt.Errorf("compare with the plan that is undone: %w", t.safe(err))
			}
			derived += n
		}
		if derived == s.counts[operation] {
			continue
		}
		stale, err := t.stale(ctx, t.tx, s, s.batch(operation))
		if err != nil {
			return err
		}
		if stale != nil {
			return fmt.Errorf("%s: %w", s.summary.Sync, stale)
		}
		return &RefusedError{s.planID, fmt.Sprintf("its operations of %s are not those that undo the other plan: the register was changed, values in it redacted, or rows renamed that its rows' keys refer to; plan again", s.summary.Sync)}
	}
	return nil
}

// pause keeps the syncs of what was undone from being run: the next run would do it again. A pause that is in force ends, and
// the new one tells of both: who resumes on account of the old reason undoes the undoing.
func (t *transaction) pause(ctx context.Context, stored *register.Plan) error {
	if !reverts(stored) {
		return nil
	}
	inForce, err := t.register.Pauses(ctx, t.tx)
	if err != nil {
		return t.safe(err)
	}
	for _, s := range t.steps {
		if s.total() == 0 {
			continue
		}
		p := register.Pause{
			Sync: s.summary.Sync, PausedOn: t.now, PausedBy: t.opts.AppliedBy, Reason: fmt.Sprintf("plan %s was reverted", stored.Purpose.Of),
		}
		if earlier, ok := inForce[p.Sync]; ok {
			p.Reason += fmt.Sprintf("; paused before that by %s: %s", earlier.PausedBy, earlier.Reason)
			if err := t.register.Resume(ctx, t.tx, p.Sync, t.now, t.opts.AppliedBy); err != nil {
				return t.safe(err)
			}
			t.pausedBefore = append(t.pausedBefore, p.Sync)
		}
		if err := t.register.Pause(ctx, t.tx, p); err != nil {
			return t.safe(err)
		}
		t.paused = append(t.paused, p.Sync)
	}
	return nil
}
