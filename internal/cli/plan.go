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
	full             bool
	speculative      bool
	compareConfig    string // a commit of git; "" for none
	signKey          string
	encryptTo        []string
	format           formatOptions
}

func (a *app) planCommand() *cobra.Command {
	var o planOptions
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "plan [--out FILE] [--target ADDRESS]… [--full] [--speculative] [--compare-config REF] [--detailed-exitcode] [--format FORMAT]",
		Short: "Show what an apply would do",
		Long: `Reads the sources, compares them with the destinations, writes what would be done
into the registers there, and shows it. No table but the register is written.

With --speculative the configuration is taken for a stranger's, as that of a merge
request is: what the operator's policy (--policy) does not allow it to reach or to show
is refused or masked, and without a policy every value is masked.

With --compare-config the configuration of another commit is planned beside it, on
the same data, and what the change from that one does is shown apart.

Exits with 0; with 1 after an error; with 3 if a guard or a check holds the plan or
a part of it; and, only with --detailed-exitcode, with 2 if there is something to
do.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error {
		// As a variable that is not set would leave it: nothing would be saved, or not compared.
		if err := filled(c, "out", "sign-key"); err != nil {
			return err
		}
		if o.compareConfig == "" && c.Flags().Changed("compare-config") {
			return errors.New("--compare-config names no commit")
		}
		return a.plan(ctx, o)
	})
	f := c.Flags()
	f.StringVar(&o.out, "out", "", "save the plan as `FILE`, for apply")
	f.StringArrayVar(&o.targets, "target", nil, "plan only the sync or instance `ADDRESS`, such as sync.rooms or 'sync.rooms[\"hss\"]'; may be repeated")
	f.BoolVar(&o.full, "full", false, "read every source whole, also where incremental would do with what changed")
	f.BoolVar(&o.speculative, "speculative", false, "make a plan that can never be applied, of a configuration under review")
	f.StringVar(&o.compareConfig, "compare-config", "", "show what the change from the configuration of `REF`, a commit in git such as origin/main, does")
	f.StringVar(&o.signKey, "sign-key", "", "sign the file with the private key in `FILE` (default $"+signKeyVariable+")")
	f.StringArrayVar(&o.encryptTo, "encrypt-to", nil, "encrypt the file to `RECIPIENT`, a public key of age, or a file of them; may be repeated")
	f.BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "exit with 2 if there is something to do")
	o.format.addReview(f, "write the whole plan as JSON, as --format json does")
	return c
}

func (a *app) plan(ctx context.Context, o planOptions) error {
	format, err := o.format.choose(reviewFormats()...)
	if err != nil {
		return err
	}
	a.writeAs(ctx, format, o.format)
	a.untrusted = o.speculative
	save, err := a.saveOptions(o)
	if err != nil {
		return err
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if err := a.canSave(o.out); err != nil {
		return err
	}
	var compared *base
	if o.compareConfig != "" {
		if compared, err = a.compareBase(ctx, o.compareConfig, cfg.Dir); err != nil {
			return err
		}
	}
	p, err := a.makePlan(ctx, cfg, o, compared)
	if err != nil {
		return err
	}
	return a.deliver(ctx, cfg, p, o, save)
}

// canSave refuses a file that cannot be written: before the work, not after it.
func (a *app) canSave(out string) error {
	if out == "" {
		return nil
	}
	if info, err := os.Stat(filepath.Dir(a.path(out))); err != nil || !info.IsDir() {
		return fmt.Errorf("--out %s: its folder does not exist", out)
	}
	return plan.Replaceable(a.path(out))
}

// deliver saves and shows a plan that was made, and says by its error how the command exits.
func (a *app) deliver(ctx context.Context, cfg *config.Config, p *plan.Plan, o planOptions, save plan.SaveOptions) error {
	if o.out != "" {
		if err := p.Save(a.path(o.out), save); err != nil {
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

// saveOptions reads the keys that protect the plan file.
func (a *app) saveOptions(o planOptions) (plan.SaveOptions, error) {
	var save plan.SaveOptions
	if o.out == "" {
		if o.signKey != "" || len(o.encryptTo) > 0 {
			return save, errors.New("--sign-key and --encrypt-to are of the plan file: they need --out FILE")
		}
		return save, nil
	}
	var err error
	if save.SignKey, err = a.signKey(o.signKey); err != nil {
		return save, err
	}
	save.Recipients, err = a.recipients(o.encryptTo)
	return save, err
}

// heldCode ends a command with 3 where a plan, or a part of it, is held.
func heldCode(p *plan.Plan) error {
	if p.Held() || p.HeldBack() {
		return codeError(exitHeld)
	}
	return nil
}

func (a *app) makePlan(ctx context.Context, cfg *config.Config, o planOptions, compared *base) (*plan.Plan, error) {
	progress := a.startProgress()
	defer progress.stop()
	var warnings config.Diagnostics
	options := a.planning(ctx, o, progress, &warnings)
	if compared != nil && compared.unavailable == "" {
		options.CompareWith = compared.Base
	}
	p, err := plan.Make(ctx, cfg, options)
	progress.stop()
	a.warn(warnings)
	if err == nil && compared != nil && compared.unavailable != "" {
		p.Comparison = compared.comparison()
	}
	return p, err
}

// planning is what plans are made with.
func (a *app) planning(ctx context.Context, o planOptions, shown progress, warnings *config.Diagnostics) plan.Options {
	return plan.Options{
		Providers: a.env.Providers, Targets: o.targets, Parallelism: a.global.parallelism, LockTimeout: a.global.lockTimeout,
		Full: o.full, Speculative: o.speculative, CreatedBy: a.author(), GitCommit: a.commit(ctx), Now: a.env.Now, NewID: a.env.NewID,
		NoPseudonyms: o.speculative && (a.rules == nil || !a.rules.Pseudonyms), Progress: shown.planning,
		Warn: func(diags config.Diagnostics) { *warnings = diags },
	}
}

func (a *app) showPlan(ctx context.Context, cfg *config.Config, p *plan.Plan, o planOptions) (err error) {
	switch a.output {
	case formatJSON, formatHTML:
		// Readers of JSON count, and those of a page search: they get all of it.
		s, err := a.openStored(ctx, cfg, p)
		if err != nil {
			return err
		}
		if a.output == formatHTML {
			return errors.Join(a.writeDocument(p, s.changes(ctx, p, a.mostShown(0)), s.notices(ctx, p)), s.close())
		}
		return errors.Join(a.out().PlanJSON(p, s.changes(ctx, p, 0), a.planJSON(true, s.notices(ctx, p))), s.close())
	case formatMarkdown, formatGitLab, formatSARIF, formatCodeQuality:
		return a.writeDocument(p, view.Excerpt(p), nil)
	case formatText, formatCSV:
	}
	rest := "registrar plan --out FILE, then registrar show --all FILE"
	switch {
	case o.out != "":
		rest = "registrar show --all " + o.out
	case p.Purpose != nil:
		rest = "registrar show --all " + p.ID
	}
	if err := a.out().Plan(p, view.Excerpt(p), view.PlanOptions{Rest: a.hint(rest)}); err != nil {
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
	return a.out().Plan(p, view.Excerpt(p), view.PlanOptions{Rest: a.hint("registrar plan --out FILE, then registrar show --all FILE")})
}
