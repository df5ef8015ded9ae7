package serve

import (
	"context"

	"github.com/registrar-sync/registrar/notify"
	"github.com/registrar-sync/registrar/serve/state"
)

// Memory lets notifications remember in a state what they have said.
type Memory struct {
	Store state.Store
}

var _ notify.Memory = Memory{}

// Last implements notify.Memory.
func (m Memory) Last(ctx context.Context, notifier, subject string) (notify.Said, error) {
	a, err := m.Store.Alert(ctx, notifier, subject)
	if err != nil {
		return notify.Said{}, err
	}
	return notify.Said{State: a.State, Since: a.Since, SentOn: a.SentOn, Suppressed: a.Suppressed}, nil
}

// Remember implements notify.Memory.
func (m Memory) Remember(ctx context.Context, notifier, subject string, s notify.Said) error {
	return m.Store.SaveAlert(ctx, state.Alert{
		Notifier: notifier, Subject: subject, State: s.State, Since: s.Since, SentOn: s.SentOn, Suppressed: s.Suppressed,
	})
}
