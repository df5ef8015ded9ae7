package cli

import (
	"context"
	"errors"

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
read from the registers.

Exits with 0; with 1 after an error; with 3 if a guard or a check holds the plan or
a part of it.`,
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
		p, err = plan.Recall(ctx, cfg, a.env.Providers, o.file)
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
	if o.json {
		err = a.out().PlanJSON(p, changes, a.planJSON(o.all, notices))
	} else {
		a.out().PlanHead(p, a.env.Now())
		err = a.out().Plan(p, changes, view.PlanOptions{Rest: "registrar show --all " + o.file, Notices: notices})
	}
	if err != nil {
		return err
	}
	return heldCode(p)
}
