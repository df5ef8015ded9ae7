package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/shell"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/transfer"
)

// transferPlanOptions are those of the two steps of a transfer that plan and apply.
type transferPlanOptions struct {
	manifest  string
	faculties []string
	out       string
	apply     string // a plan's file or id; "" to plan
	yes       bool
	override  string
	identity  string
	signKey   string
	encryptTo []string
	without   []string // of retire
}

func (o *transferPlanOptions) add(f *pflag.FlagSet) {
	f.StringArrayVar(&o.faculties, "faculty", nil, "only the faculty whose Id_Export is `ID`; may be repeated (default all)")
	f.StringVar(&o.out, "out", "", "save the plan as `FILE`, and do nothing")
	f.StringVar(&o.apply, "apply", "", "do what the plan in `FILE` says, or the one of that id")
	f.BoolVar(&o.yes, "yes", false, "do not ask")
	f.StringVar(&o.override, "override", "", "with --apply: do it though a policy holds it, for `REASON`, which is recorded")
	f.StringVar(&o.identity, "identity", "", "decrypt the plan file with the age identities in `FILE` (default $"+identityVariable+")")
	f.StringVar(&o.signKey, "sign-key", "", "sign the file with the private key in `FILE` (default $"+signKeyVariable+")")
	f.StringArrayVar(&o.encryptTo, "encrypt-to", nil, "encrypt the file to `RECIPIENT`, a public key of age, or a file of them; may be repeated")
}

// check refuses what does not go together, before any work.
func (o *transferPlanOptions) check(a *app, c *cobra.Command) error {
	if err := filled(c, "out", "apply", "sign-key"); err != nil {
		return err
	}
	o.override = strings.TrimSpace(o.override)
	switch {
	case o.out != "" && o.apply != "":
		return errors.New("--out saves a plan, and --apply does what a saved one says: give one of them")
	case o.apply != "" && (o.signKey != "" || len(o.encryptTo) > 0):
		return errors.New("--sign-key and --encrypt-to are of the plan file: they need --out FILE")
	case c.Flags().Changed("override") && (o.apply == "" || o.override == ""):
		return errors.New("--override gives the reason for which a saved plan is applied that is held: --apply FILE --override REASON")
	case o.out == "" && o.apply == "" && !o.yes && !a.canAsk():
		return errors.New("Nobody can be asked: standard input is not a terminal, or this is a pipeline\nSave a plan with --out FILE, have it reviewed, and apply it with --apply FILE; or use --yes.") //nolint:revive,staticcheck // the box's headline and prose
	default:
		return nil
	}
}

// transferOptions are what package transfer is to know; p is nil where there is no plan yet.
func (a *app) transferOptions(o *transferPlanOptions, p *plan.Plan) transfer.Options {
	return transfer.Options{
		Providers: a.env.Providers, Manifest: a.absolute(o.manifest), Faculties: o.faculties, Plan: p, LockTimeout: a.global.lockTimeout,
		Without: o.without,
	}
}

// again is such a file as a next command can name it: as it was typed, but behind --chdir, which that may have another of.
func (a *app) again(name string) string {
	if a.global.chdir == "" {
		return name
	}
	return a.absolute(name)
}

// reached holds what a derived configuration reads besides the configuration itself against the operator's policy.
func (a *app) reached(cfg, derived *config.Config) error {
	own := *cfg
	own.Sources, own.Destinations, own.Notifiers = derived.Sources[len(cfg.Sources):], nil, nil
	own.Syncs, own.Checks = nil, nil
	diags := a.restrict(&own)
	return diags.Err()
}

// transferStart opens the plan of --apply, nil where there is none, and the configuration.
func (a *app) transferStart(ctx context.Context, o *transferPlanOptions) (*plan.Plan, *config.Config, error) {
	if o.apply != "" {
		return a.openSaved(ctx, o.apply, o.identity, false)
	}
	cfg, err := a.load()
	if err != nil {
		return nil, nil, err
	}
	if o.out == "" && (cfg.Settings.RequireApproval > 0 || len(cfg.Settings.TrustedKeys) > 0) {
		return nil, nil, errors.New("Only a saved plan can be applied here: trusted_keys or require_approval ask for a signature or approvals\nSave a plan with --out FILE, have it signed or approved of, as with registrar approve FILE, and apply it with --apply FILE.") //nolint:revive,staticcheck // the box's headline and prose
	}
	if o.out != "" {
		// Said before the work, not after it.
		if info, err := os.Stat(filepath.Dir(a.path(o.out))); err != nil || !info.IsDir() {
			return nil, nil, fmt.Errorf("--out %s: its folder does not exist", o.out)
		}
		if err := plan.Replaceable(a.path(o.out)); err != nil {
			return nil, nil, err
		}
	}
	return nil, cfg, nil
}

// planTransfer plans, shows the plan, and saves it or asks; p is nil where nothing is to be applied, and err says how the command ends.
func (a *app) planTransfer(ctx context.Context, o *transferPlanOptions, next string, compute func(context.Context, plan.Options) (*plan.Plan, error)) (*plan.Plan, error) {
	save, err := a.saveOptions(planOptions{out: o.out, signKey: o.signKey, encryptTo: o.encryptTo})
	if err != nil {
		return nil, err
	}
	progress := a.startProgress()
	defer progress.stop()
	var warnings config.Diagnostics
	p, err := compute(ctx, plan.Options{
		Parallelism: a.global.parallelism, LockTimeout: a.global.lockTimeout, CreatedBy: a.author(), GitCommit: a.commit(ctx),
		Providers: a.env.Providers, Now: a.env.Now, NewID: a.env.NewID, Progress: progress.planning,
		Warn: func(diags config.Diagnostics) { warnings = diags },
	})
	progress.stop()
	a.warn(warnings)
	if p == nil {
		return nil, err
	}
	shown := a.out().Plan(p, view.Excerpt(p), view.PlanOptions{Rest: a.hint("registrar show --all " + p.ID)})
	if err := errors.Join(shown, err); err != nil {
		return nil, err
	}
	if o.out != "" {
		if err := p.Save(a.path(o.out), save); err != nil {
			return nil, err
		}
		a.out().Gap()
		a.out().Say("Saved the plan to %s.", o.out)
		if !a.automation() && !p.Blocked() {
			a.out().Say("To perform exactly these operations, before %s: registrar transfer %s --apply %s", p.ExpiresOn.UTC().Format("2006-01-02 15:04:05 UTC"), next, shell.Quote(o.out))
		}
		return nil, heldCode(p)
	}
	if p.Held() {
		return nil, codeError(exitHeld)
	}
	if !o.yes {
		yes, err := a.ask(ctx, "Do you want to perform these operations?")
		if err != nil {
			return nil, err
		}
		if !yes {
			a.out().Say("Cancelled: nothing was written.")
			return nil, codeError(exitError)
		}
	}
	return p, nil
}

// applyTransfer applies a plan and says what was done. Whether an earlier apply did it already is told by again.
func (a *app) applyTransfer(ctx context.Context, cfg *config.Config, o *transferPlanOptions, do func(context.Context, apply.Options) (*apply.Result, error)) (again bool, err error) {
	progress := a.startProgress()
	defer progress.stop()
	options := apply.Options{
		Providers: a.env.Providers, LockTimeout: a.global.lockTimeout, AppliedBy: a.author(), Now: a.env.Now,
		Progress: progress.applying, Override: o.override, File: o.apply,
	}
	if o.apply != "" {
		options.TrustedKeys, options.RequireApproval = cfg.Settings.TrustedKeys, cfg.Settings.RequireApproval
	}
	result, err := do(ctx, options)
	progress.stop()
	if _, done := errors.AsType[*apply.AppliedError](err); done && o.apply != "" {
		return true, err
	}
	if err != nil {
		return false, err
	}
	a.out().Gap()
	a.out().Applied(result)
	if o.override != "" {
		a.out().Overridden(o.override)
	}
	return false, nil
}

// notOfTransfer refuses plans that are more than their operations: whoever applied them alone would lose the history that comes with
// them, or have the rows brought back.
func notOfTransfer(p *plan.Plan, file string) error {
	if p.Purpose == nil || p.Purpose.Kind != register.Import && p.Purpose.Kind != register.Retire {
		return nil
	}
	given := "MANIFEST"
	if p.Purpose.Kind == register.Retire {
		given = "CONFIRMATION --bundle MANIFEST"
	}
	return fmt.Errorf("plan %s is of registrar transfer %s: apply it with registrar transfer %s %s --apply %s", p.ID, p.Purpose.Kind, p.Purpose.Kind, given, shell.Quote(file))
}
