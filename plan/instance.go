package plan

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

// instance tells the database from its copies; "" where that cannot be told.
func (d *destination) instance(ctx context.Context) (string, error) {
	instance, err := providers.Instance(ctx, d.Destination, d.tx)
	if err != nil {
		return "", fmt.Errorf("%s: %w", d.connection.Address, err)
	}
	return instance, nil
}
