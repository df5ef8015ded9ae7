package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

type applyOptions struct {
	autoApprove bool
	targets     []string
	file        string
	override    string // why a held plan is applied; "" for none
	identity    string
}

func (a *app) applyCommand() *cobra.Command {
	var o applyOptions
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "apply [FILE | PLAN-ID] [--identity FILE] [--override REASON] [--auto-approve] [--target ADDRESS]…",
		Short: "Do what a plan says",
		Long: `Carries out a saved plan: exactly its operations, in one transaction per
database, or nothing. A plan is applied once, and not after its rows have changed.

The plan is named by its file, or by its id: the registers hold it, too. Without
either, plans, shows the plan and asks before it does it.

A plan that a guard or a check holds is applied with --override only, which
records who did it and why. It is for that plan alone.

Where the configuration or the operator's policy has trusted keys or asks for
approvals, only a saved plan is applied that is signed and approved of as they say.

Exits with 0; with 1 after an error and where the answer is not yes; with 3 if the
plan is held or lacks approvals, and if deletes were held back while the rest was
done.`,
		Args: cobra.MaximumNArgs(1),
	}, func(ctx context.Context, args []string) error {
		if len(args) == 1 {
			o.file = args[0]
		}
		if c.Flags().Changed("override") {
			switch o.override = strings.TrimSpace(o.override); {
			case o.override == "":
				return errors.New("--override needs a reason: it is recorded with who applied the plan")
			case o.file == "":
				return errors.New("--override goes with a saved plan: apply FILE --override REASON, or its id instead of FILE")
			}
		}
		return a.apply(ctx, o)
	})
	c.Flags().StringVar(&o.override, "override", "", "apply a plan that is held, for `REASON`, which is recorded")
	c.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	c.Flags().StringVar(&o.identity, "identity", "", "decrypt the plan file with the age identities in `FILE` (default $"+identityVariable+")")
	c.Flags().StringArrayVar(&o.targets, "target", nil, "without a file: plan only the sync or instance `ADDRESS`; may be repeated")
	return c
}

func (a *app) apply(ctx context.Context, o applyOptions) error {
	if o.file != "" {
		return a.applySaved(ctx, o)
	}
	// Refused before the work, not after it.
	if !o.autoApprove && !a.canAsk() {
		return errors.New("Nobody can be asked: standard input is not a terminal, or this is a pipeline\nSave a plan with registrar plan --out FILE, have it reviewed and apply that file; or use --auto-approve.") //nolint:revive,staticcheck // the box's headline and prose
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if cfg.Settings.RequireApproval > 0 || len(cfg.Settings.TrustedKeys) > 0 {
		return errors.New("Only a saved plan can be applied here: trusted_keys or require_approval ask for a signature or approvals\nSave a plan with registrar plan --out FILE, have it signed or approved of, as with registrar approve FILE, and apply that file.") //nolint:revive,staticcheck // the box's headline and prose
	}
	planned := planOptions{targets: o.targets}
	p, err := a.makePlan(ctx, cfg, planned, nil)
	if err != nil {
		return err
	}
	if err := a.showUnsaved(p); err != nil {
		return err
	}
	switch {
	case p.Held():
		return codeError(exitHeld)
	case !p.Changes() && !p.Incremental():
		return heldCode(p)
	}
	// What has no operations is applied to record what was compared: nobody need be asked.
	if !o.autoApprove && p.Changes() {
		yes, err := a.ask(ctx, "Do you want to perform these operations?")
		if err != nil {
			return err
		}
		if !yes {
			a.out().Say("Apply cancelled: nothing was written.")
			return codeError(exitError)
		}
	}
	return a.carryOut(ctx, cfg, p, o)
}

func (a *app) applySaved(ctx context.Context, o applyOptions) error {
	if len(o.targets) > 0 {
		return errors.New("a saved plan is applied as a whole: --target goes with plan")
	}
	p, cfg, err := a.openSaved(ctx, o.file, o.identity, false)
	if err != nil {
		return err
	}
	if err := notOfTransfer(p, o.file); err != nil {
		return err
	}
	return a.carryOut(ctx, cfg, p, o)
}

func (a *app) carryOut(ctx context.Context, cfg *config.Config, p *plan.Plan, o applyOptions) error {
	progress := a.startProgress()
	defer progress.stop()
	options := apply.Options{
		Providers: a.env.Providers, LockTimeout: a.global.lockTimeout, AppliedBy: a.author(), Now: a.env.Now,
		Progress: progress.applying, Override: o.override, File: o.file,
	}
	if o.file != "" {
		options.TrustedKeys, options.RequireApproval = cfg.Settings.TrustedKeys, cfg.Settings.RequireApproval
	}
	result, err := apply.Apply(ctx, cfg, p, options)
	progress.stop()
	if err != nil {
		return err
	}
	a.out().Applied(result)
	a.out().Paused(result)
	if o.override != "" {
		a.out().Overridden(o.override)
	}
	if p.HeldBack() {
		a.out().HeldBack(p)
		return codeError(exitHeld)
	}
	return nil
}

// planID is how registrar writes the ids of plans; others may write them in capitals.
var planID = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// isPlanID reports whether an argument names a plan by its id: where there is a file of that name it does not.
func (a *app) isPlanID(argument string) bool {
	if !planID.MatchString(argument) {
		return false
	}
	_, err := os.Lstat(a.path(argument))
	return errors.Is(err, fs.ErrNotExist)
}

// ask reports whether the answer to a question was yes; the end of the input is a no.
func (a *app) ask(ctx context.Context, question string) (bool, error) {
	w := a.out().Writer()
	fmt.Fprintln(w)
	fmt.Fprintln(w, question+" Only 'yes' will be accepted.")
	fmt.Fprint(w, "  Enter a value: ")
	type answer struct {
		text string
		err  error
	}
	// A read of a terminal cannot be cancelled: it is waited for unless the user
	// interrupts.
	answers := make(chan answer, 1)
	go func() {
		text, err := bufio.NewReader(io.LimitReader(a.env.Stdin, 1024)).ReadString('\n')
		answers <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(w)
		return false, ctx.Err()
	case got := <-answers:
		fmt.Fprintln(w)
		if got.err != nil && !errors.Is(got.err, io.EOF) {
			return false, fmt.Errorf("read the answer: %w", got.err)
		}
		return strings.TrimSpace(got.text) == "yes", nil
	}
}
