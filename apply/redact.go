package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// redactPurged replaces what the register holds of the rows that the plan has purged, its own operations included: who is gone
// for good is gone from the history, too.
func (t *transaction) redactPurged(ctx context.Context, planID string, steps []*step) error {
	done := register.Redaction{ID: uuid.NewString(), RedactedOn: t.now, RedactedBy: t.opts.AppliedBy, Reason: "purge, plan " + planID}
	for _, s := range steps {
		if s.counts[config.Purge] == 0 {
			continue
		}
		names := make([]string, len(s.target.Key))
		for i, k := range s.target.Key {
			names[i] = k.Name
		}
		keys := [][]string{names}
		if staged := s.target.StagedKeyNames(); !slices.Equal(staged, names) {
			keys = append(keys, staged)
		}
		operations, findings, err := t.register.RedactPurged(ctx, t.tx, &register.Purged{
			PlanID: planID, Sync: s.summary.Sync, After: s.summary.AfterSeq, Last: s.summary.LastSeq, Keys: keys,
		})
		if err != nil {
			return t.safe(err)
		}
		done.Operations, done.Findings = done.Operations+operations, done.Findings+findings
	}
	if done.Operations == 0 {
		return nil
	}
	return t.safe(t.register.InsertRedaction(ctx, t.tx, done))
}

// unplanned says why the operations that a register holds of a plan are not those that were planned. changed is what may have been.
func unplanned(ctx context.Context, r register.Register, q providers.Querier, planID, changed string) (string, error) {
	redacted, err := r.CountRedacted(ctx, q, planID)
	switch {
	case err != nil:
		return "", err
	case redacted == 0:
		return fmt.Sprintf("its operations in the register are not those that were planned: %s; plan again", changed), nil
	case redacted == 1:
		return "one of its operations was redacted by `registrar forget` or a purge, so that nobody knows any more what it would do; plan again", nil
	default:
		return fmt.Sprintf("%d of its operations were redacted by `registrar forget` or a purge, so that nobody knows any more what they would do; plan again", redacted), nil
	}
}
