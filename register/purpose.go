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
