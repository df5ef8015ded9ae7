package register

import (
	"context"
	"errors"

	"github.com/registrar-sync/registrar/providers"
)

// Intact reports whether the operations of a plan that was applied still are those that it had then, as far as can be
// told: where some were redacted, only whether they are as many.
func (r Register) Intact(ctx context.Context, q providers.Querier, p *Plan) (bool, error) {
	redacted, err := r.CountRedacted(ctx, q, p.ID)
	if err != nil {
		return false, err
	}
	if redacted > 0 {
		return r.summarizes(ctx, q, p.ID, p.Syncs)
	}
	digest, err := r.Effects(ctx, q, p.ID, p.Syncs, p.Files)
	if errors.Is(err, ErrUncounted) {
		return false, nil
	}
	return digest == p.Digest, err
}
