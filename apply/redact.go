package apply

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/config"
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
