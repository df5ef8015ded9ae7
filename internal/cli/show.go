package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

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
		Use:   "show [--all] [--json] FILE",
		Short: "Show a saved plan",
		Long: `Shows a saved plan from its file alone, which holds the first operations of each
sync. With --all everything is read from the registers, which needs the
configuration and the databases.`,
		Args: cobra.ExactArgs(1),
	}, func(ctx context.Context, args []string) error {
		o.file = args[0]
		return a.show(ctx, o)
	})
	c.Flags().BoolVar(&o.all, "all", false, "show every operation, from the registers")
	c.Flags().BoolVar(&o.json, "json", false, "write JSON; without --all, syncs that are cut say so")
	return c
}

func (a *app) show(ctx context.Context, o showOptions) (err error) {
	a.json = o.json
	p, err := plan.Open(a.path(o.file))
	if err != nil {
		return err
	}
	changes := view.Excerpt(p)
	if o.all {
		cfg, err := a.load()
		if err != nil {
			return err
		}
		s, err := a.openStored(ctx, cfg, p)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.close()) }()
		changes = s.changes(ctx, p)
	}
	if o.json {
		return a.out().PlanJSON(p, changes, a.planJSON(o.all))
	}
	a.out().PlanHead(p, a.env.Now())
	return a.out().Plan(p, changes, view.PlanOptions{Rest: "registrar show --all " + o.file})
}
