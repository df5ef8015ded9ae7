package export

import (
	"context"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.InstanceTeller = (*destination)(nil)

// Instance is that of the store: a copy of the directory has another one.
func (d *destination) Instance(ctx context.Context, q providers.Querier) (string, error) {
	return providers.Instance(ctx, d.Destination, q)
}
