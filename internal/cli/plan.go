package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
)

type planOptions struct {
	out              string
	detailedExitcode bool
	targets          []string
	json             bool
	full             bool
	speculative      bool
}

func (a *app) planCommand() *cobra.Command {
	var o planOptions
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "plan [--out FILE] [--target ADDRESS]… [--full] [--speculative] [--detailed-exitcode] [--json]",
		Short: "Show what an apply would do",
		Long: `Reads the sources, compares them with the destinations, writes what would be done
into the registers there, and shows it. No table but the register is written.

Exits with 0; with 1 after an error; with 3 if a guard or a check holds the plan or
a part of it; and, only with --detailed-exitcode, with 2 if there is something to
do.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error {
		// As a variable that is not set would leave it: nothing would be saved.
		if o.out == "" && c.Flags().Changed("out") {
			return errors.New("--out names no file")
		}
		return a.plan(ctx, o)
	})
	c.Flags().StringVar(&o.out, "out", "", "save the plan as `FILE`, for apply")
	c.Flags().StringArrayVar(&o.targets, "target", nil, "plan only the sync or instance `ADDRESS`, such as sync.rooms or 'sync.rooms[\"hss\"]'; may be repeated")
	c.Flags().BoolVar(&o.full, "full", false, "read every source whole, also where incremental would do with what changed")
	c.Flags().BoolVar(&o.speculative, "speculative", false, "make a plan that can never be applied, for review")
	c.Flags().BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "exit with 2 if there is something to do")
	c.Flags().BoolVar(&o.json, "json", false, "write the whole plan as JSON")
	return c
}

func (a *app) plan(ctx context.Context, o planOptions) error {
	a.json = o.json
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if o.out != "" {
		// Said before the work, not after it.
		if info, err := os.Stat(filepath.Dir(a.path(o.out))); err != nil || !info.IsDir() {
			return fmt.Errorf("--out %s: its folder does not exist", o.out)
		}
		if err := plan.Replaceable(a.path(o.out)); err != nil {
			return err
		}
	}
	p, err := a.makePlan(ctx, cfg, o)
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := p.Save(a.path(o.out)); err != nil {
			return err
		}
	}
	if err := a.showPlan(ctx, cfg, p, o); err != nil {
		return err
	}
	if err := heldCode(p); err != nil {
		return err
	}
	if o.detailedExitcode && p.Changes() {
		return codeError(exitChanges)
	}
	return nil
}

// heldCode ends a command with 3 where a plan, or a part of it, is held.
func heldCode(p *plan.Plan) error {
	if p.Held() || p.HeldBack() {
		return codeError(exitHeld)
	}
	return nil
}

func (a *app) makePlan(ctx context.Context, cfg *config.Config, o planOptions) (*plan.Plan, error) {
	progress := a.startProgress()
	defer progress.stop()
	var warnings config.Diagnostics
	p, err := plan.Make(ctx, cfg, plan.Options{
		Providers: a.env.Providers, Targets: o.targets, Parallelism: a.global.parallelism, LockTimeout: a.global.lockTimeout,
		Full: o.full, Speculative: o.speculative, CreatedBy: a.author(), GitCommit: a.commit(ctx), Now: a.env.Now, NewID: a.env.NewID,
		Progress: progress.planning,
		Warn:     func(diags config.Diagnostics) { warnings = diags },
	})
	progress.stop()
	a.warn(warnings)
	return p, err
}

func (a *app) showPlan(ctx context.Context, cfg *config.Config, p *plan.Plan, o planOptions) (err error) {
	if o.json {
		// Readers of JSON count: they get all of it.
		s, err := a.openStored(ctx, cfg, p)
		if err != nil {
			return err
		}
		return errors.Join(a.out().PlanJSON(p, s.changes(ctx, p), a.planJSON(true, s.notices(ctx, p))), s.close())
	}
	rest := "registrar plan --out FILE, then registrar show --all FILE"
	if o.out != "" {
		rest = "registrar show --all " + o.out
	}
	if err := a.out().Plan(p, view.Excerpt(p), view.PlanOptions{Rest: rest}); err != nil {
		return err
	}
	a.out().PlanSaved(p, o.out)
	return nil
}

func (a *app) planJSON(whole bool, notices view.Notices) view.JSONOptions {
	return view.JSONOptions{Whole: whole, Notices: notices, Warnings: a.warnings, Files: a.files}
}

// showUnsaved shows a plan that only the registers hold.
func (a *app) showUnsaved(p *plan.Plan) error {
	return a.out().Plan(p, view.Excerpt(p), view.PlanOptions{Rest: "registrar plan --out FILE, then registrar show --all FILE"})
}
