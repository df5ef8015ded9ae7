package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// Who plans writes the register, too: what its rows say is believed no further than it is checked.

// How far the clocks of who plans and who applies may be apart, and how much longer than plan_ttl a plan may live.
const (
	maxAhead  = 5 * time.Minute
	moreToTTL = time.Minute
)

// verifyTimes checks what a planner's clock says: a plan from the future would put every later apply there.
func (t *transaction) verifyTimes(ctx context.Context, q providers.Querier, p *plan.Plan, stored *register.Plan) error {
	now, err := t.clock(ctx, q, t.opts.Now)
	if err != nil {
		return err
	}
	ttl := t.cfg.Settings.PlanTTL
	switch {
	case stored.CreatedOn.After(now.Add(maxAhead)):
		return &RefusedError{p.ID, fmt.Sprintf("it was made in the future, on %s: the clock of who made it is ahead, or that of this machine behind, or the register was changed; plan again", stored.CreatedOn.Format(time.RFC3339))}
	case stored.ExpiresOn.Sub(stored.CreatedOn) > ttl+moreToTTL:
		return &RefusedError{p.ID, fmt.Sprintf("it expires on %s, later than plan_ttl (%s) allows: the register was changed; plan again", stored.ExpiresOn.Format(time.RFC3339), ttl)}
	case !stored.CreatedOn.Equal(p.CreatedOn) || !stored.ExpiresOn.Equal(p.ExpiresOn):
		return &RefusedError{p.ID, "the register has it with other times than the file: one of them was changed; plan again"}
	case p.Held() != (stored.Status == register.Held):
		return &RefusedError{p.ID, "the file and the register do not agree on whether it is held: one of them was changed; plan again"}
	default:
		return nil
	}
}

// verifyEffects checks that what the plan does is what its digest, which was approved of, is of: in the register, and in the
// file that was looked at.
func (t *transaction) verifyEffects(ctx context.Context, q providers.Querier, p *plan.Plan, stored *register.Plan) error {
	if stored.Digest != t.part.Digest {
		return &RefusedError{p.ID, "the file has it with other operations than the register: one of them was changed; plan again"}
	}
	if !slices.EqualFunc(stored.Syncs, t.part.Syncs, sameEffects) || !slices.Equal(stored.Files, t.part.Files) {
		return &RefusedError{p.ID, "the file tells of other counts, hooks or files than the register: one of them was changed; plan again"}
	}
	digest, err := t.register.Effects(ctx, q, p.ID, stored.Syncs, stored.Files)
	switch {
	case err != nil && !errors.Is(err, register.ErrUncounted):
		return t.safe(err)
	case err != nil || digest != stored.Digest:
		reason, err := unplanned(ctx, t.register, q, p.ID, "the register was changed")
		if err != nil {
			return t.safe(err)
		}
		return &RefusedError{p.ID, reason}
	default:
		return nil
	}
}

func sameEffects(a, b register.SyncSummary) bool {
	counted := func(counts map[config.Operation]int64) map[config.Operation]int64 {
		counts = maps.Clone(counts)
		maps.DeleteFunc(counts, func(_ config.Operation, n int64) bool { return n == 0 })
		return counts
	}
	return maps.Equal(counted(a.Counts), counted(b.Counts)) && slices.Equal(a.Hooks, b.Hooks)
}

// verifySteps checks that the plan is what registrar makes with this configuration, as far as that can be told
// without planning again: its tables, hooks and operations, and each document of these.
func (t *transaction) verifySteps(ctx context.Context, steps []*step) error {
	for _, s := range steps {
		var hooks []register.Hook
		if s.total() > 0 {
			hooks = plan.Hooks(s.sync)
		}
		into := s.sync.Destination
		if s.summary.Table != into.Table || s.summary.Destination != into.Into.Address || s.summary.Source != s.sync.Source.From.Address || !slices.Equal(s.summary.Hooks, hooks) {
			return &RefusedError{s.planID, fmt.Sprintf("the register has %s with other tables or hooks than the configuration: the register was changed; plan again", s.summary.Sync)}
		}
		for _, operation := range slices.Sorted(maps.Keys(s.counts)) {
			sound := int64(0)
			if s.target.Does(string(operation)) {
				query := sqlgen.CountSound(t.Dialect(), s.target, s.batch(operation))
				if err := t.tx.QueryRowContext(ctx, query.SQL, query.Args...).Scan(&sound); err != nil {
					return fmt.Errorf("check the operations in the register: %w", t.safe(err))
				}
			}
			if sound != s.counts[operation] {
				return &RefusedError{s.planID, fmt.Sprintf("its operations in the register are not as registrar writes them: the register was changed, or the columns of table %s; plan again", into.Table)}
			}
		}
	}
	return nil
}
