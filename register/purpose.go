package register

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

// LastOfPurpose returns the id of the plan that was applied last for a purpose; "" where none of the latest applied ones is.
func (r Register) LastOfPurpose(ctx context.Context, q providers.Querier, kind PurposeKind, of string) (string, error) {
	n := 0
	for one, err := range r.appliedPlans(ctx, q) {
		if err != nil {
			return "", err
		}
		var p Plan
		if err := p.decodeSummary(string(one.summary)); err != nil {
			return "", fmt.Errorf("decode the summary of plan %s: %w", one.id, err)
		}
		if p.Purpose != nil && p.Purpose.Kind == kind && p.Purpose.Of == of {
			return one.id, nil
		}
		if n++; n == historyDepth {
			break
		}
	}
	return "", nil
}

// RevertedBy lists the applied plans that undid another one, or a part of it, the first made first.
func (r Register) RevertedBy(ctx context.Context, q providers.Querier, planID string) ([]string, error) {
	reverts, err := r.reverts(ctx, q)
	if err != nil {
		return nil, err
	}
	var ids []string
	for i := range reverts {
		if reverts[i].Purpose.Of != planID {
			continue
		}
		done, err := r.Execution(ctx, q, reverts[i].ID)
		if err != nil {
			return nil, err
		}
		if done != nil {
			ids = append(ids, reverts[i].ID)
		}
	}
	return ids, nil
}
