package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
)

// openedRegister is a destination whose register is read.
type openedRegister struct {
	*plan.Opened

	into *config.Connection
}

// safe strips what the driver's error may say of rows, and says where it came from.
func (o *openedRegister) safe(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", o.into.Address, providers.SafeError(o.Destination, err))
}

// withRegisters opens the registers of all destinations, and calls do while they are open. Those that cannot be read are told by
// unread, and the others are there all the same.
func (a *app) withRegisters(ctx context.Context, cfg *config.Config, do func(opened []*openedRegister, unread error) error) error {
	var done error // not through those that make the errors of drivers safe
	var open func(i int, opened []*openedRegister, unread error) error
	open = func(i int, opened []*openedRegister, unread error) error {
		if i == len(cfg.Destinations) {
			done = do(opened, unread)
			return nil
		}
		c, reached := cfg.Destinations[i], false
		err := plan.WithRegister(ctx, a.env.Providers, c, cfg.Dir, func(o *plan.Opened) error {
			reached = true
			return open(i+1, append(opened, &openedRegister{o, c}), unread)
		})
		if reached {
			return err
		}
		return open(i+1, opened, errors.Join(unread, fmt.Errorf("%s: %w", c.Address, err)))
	}
	err := open(0, nil, nil)
	return errors.Join(done, err)
}
