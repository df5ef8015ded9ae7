package apply

import (
	"context"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// referred returns a *StaleError if rows that the plan leaves alone refer to what the batch takes away:
// there were none when it was made, or it would have been held. Otherwise it returns nil.
func (t *transaction) referred(ctx context.Context, q providers.Querier, s *step, b sqlgen.Batch) (*StaleError, error) {
	all := make([]register.SyncSummary, len(t.steps))
	for i, other := range t.steps {
		all[i] = other.summary
	}
	for _, key := range s.target.Table.References {
		removes := b.Operation == string(config.Delete) || b.Operation == string(config.Purge)
		if removes && key.Acts || !removes && key.ActsOnUpdate {
			continue
		}
		var leavers []sqlgen.Leaver
		for _, child := range t.steps {
			if child.target.Table.Name == key.Table {
				leavers = append(leavers, sqlgen.Leaver{
					Planned:    child.planned(),
					Operations: sqlgen.LeavingBefore(b.Operation, key, child == s, plan.IsNeeded(&child.summary, all)),
				})
			}
		}
		query := sqlgen.Referred(t.Dialect(), s.planned(), b.Operation, key, leavers, maxStaleKeys)
		if query.SQL == "" {
			continue
		}
		stale, err := t.staleRows(ctx, q, s, b, query)
		if err != nil {
			return nil, err
		}
		if stale != nil {
			stale.Referring = key.Shown
			return stale, nil
		}
	}
	return nil, nil //nolint:nilnil // "none is stale" is an answer, not an error
}

func (s *step) planned() sqlgen.Planned {
	return sqlgen.Planned{Target: s.target, PlanID: s.planID, After: s.summary.AfterSeq, Last: s.summary.LastSeq}
}
