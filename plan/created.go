package plan

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/register"
)

// notBehind has the plan be made after what was applied to its destinations before, also where another machine's
// clock is ahead of this one's: which of two plans was made first is told by that.
func (m *maker) notBehind(ctx context.Context) error {
	for _, d := range m.destinations {
		last, err := register.New(d.Dialect()).LastExecution(ctx, d.conn)
		if err != nil {
			return fmt.Errorf("%s: %w", d.connection.Address, d.safe(err))
		}
		if last.After(m.created) {
			m.created = last
		}
	}
	return nil
}
