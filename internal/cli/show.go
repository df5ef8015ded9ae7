package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
)

type showOptions struct {
	json, all bool
	file      string
}

func (a *app) showCommand() *cobra.Command {
	var o showOptions
	c := a.command(&cobra.Command{
		Use:   "show [--all] [--json] FILE | PLAN-ID",
		Short: "Show a saved plan",
		Long: `Shows a saved plan from its file alone, which holds the first operations of each
sync. With --all everything is read from the registers, which needs the
configuration and the databases. A plan can be named by its id, too: it is then
read from the registers. What is read from there says where it was applied, too.

Exits with 0; with 1 after an error; with 3 if a guard or a check holds the plan or
a part of it, unless the registers were read and it was applied whole.`,
		Args: cobra.ExactArgs(1),
	}, func(ctx context.Context, args []string) error {
		o.file = args[0]
		return a.show(ctx, o)
	})
	c.Flags().BoolVar(&o.all, "all", false, "show every operation and finding, from the registers")
	c.Flags().BoolVar(&o.json, "json", false, "write JSON; without --all, syncs that are cut say so")
	return c
}

func (a *app) show(ctx context.Context, o showOptions) (err error) {
	a.json = o.json
	var cfg *config.Config
	byID := a.isPlanID(o.file)
	if o.all || byID {
		if cfg, err = a.load(); err != nil {
			return err
		}
	}
	var p *plan.Plan
	if byID {
		p, err = plan.Recall(ctx, cfg, a.env.Providers, strings.ToLower(o.file))
	} else {
		p, err = plan.Open(a.path(o.file))
	}
	if err != nil {
		return err
	}
	changes, notices := view.Excerpt(p), view.Notices(nil)
	if o.all {
		s, err := a.openStored(ctx, cfg, p)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.close()) }()
		changes, notices = s.changes(ctx, p), s.notices(ctx, p)
	}
	var applied []view.Application
	if cfg != nil {
		if applied, err = a.applications(ctx, cfg, p); err != nil {
			return err
		}
	}
	if o.json {
		options := a.planJSON(o.all, notices)
		options.Applied = applied
		err = a.out().PlanJSON(p, changes, options)
	} else {
		a.out().PlanHead(p, a.env.Now())
		a.out().PlanApplied(applied)
		err = a.out().Plan(p, changes, view.PlanOptions{Rest: "registrar show --all " + o.file, Notices: notices})
	}
	if err != nil {
		return err
	}
	if len(applied) == len(p.Destinations) && len(applied) > 0 {
		return nil // whatever held it, somebody has decided
	}
	return heldCode(p)
}

// applications reads where a plan was applied, in its order.
func (a *app) applications(ctx context.Context, cfg *config.Config, p *plan.Plan) ([]view.Application, error) {
	var applied []view.Application
	for i := range p.Destinations {
		address := p.Destinations[i].Address
		at := slices.IndexFunc(cfg.Destinations, func(c *config.Connection) bool { return c.Address == address })
		if at < 0 {
			return nil, fmt.Errorf("%s: the configuration has no such destination", address)
		}
		err := plan.WithRegister(ctx, a.env.Providers, cfg.Destinations[at], cfg.Dir, func(o *plan.Opened) error {
			done, err := o.Register.Execution(ctx, o.Conn, p.ID)
			if err != nil || done == nil {
				return err
			}
			one := view.Application{Destination: address, AppliedOn: done.ExecutedOn, AppliedBy: done.ExecutedBy}
			override, err := o.Register.Override(ctx, o.Conn, p.ID)
			if override != nil {
				one.Override = override.Reason
			}
			applied = append(applied, one)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", address, err)
		}
	}
	return applied, nil
}
