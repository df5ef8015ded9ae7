package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// mayDisclose refuses to show what is masked where it would be kept: in a pipeline's log, a pipe, a file.
func (a *app) mayDisclose(registers bool) error {
	switch {
	case a.automation():
		return fmt.Errorf("--show-sensitive is refused in a pipeline: %s is set", automationVariable)
	case !a.env.StdinIsTerminal || !a.env.StdoutIsTerminal:
		return errors.New("--show-sensitive is for a person at a terminal: standard input and output must be one")
	case a.output != formatText:
		return fmt.Errorf("--show-sensitive is for text: it does not go with --format %s", a.output)
	case !registers:
		return errors.New("--show-sensitive reads the registers: give --all, or the plan's id; a plan file has nothing but what is shown")
	default:
		return nil
	}
}

// disclose records in each register of a plan who is shown what is masked. Nothing may be shown before it returns.
func (a *app) disclose(ctx context.Context, cfg *config.Config, p *plan.Plan) error {
	for i := range p.Destinations {
		address := p.Destinations[i].Address
		c := destinationOf(cfg, address)
		if c == nil {
			return fmt.Errorf("%s: the configuration has no such destination", address)
		}
		err := a.within(ctx, cfg, c, func(s *session) error {
			one := register.Disclosure{ID: a.env.NewID(), PlanID: p.ID, ShownOn: a.env.Now(), ShownBy: a.author()}
			if err := register.New(s.Dialect()).InsertDisclosure(ctx, s.tx, one); err != nil {
				return s.safe(err)
			}
			return s.commit()
		})
		if err != nil {
			return fmt.Errorf("%s: that it is shown could not be recorded, and so it is not shown: %w", address, err)
		}
	}
	return nil
}
