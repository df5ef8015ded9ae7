package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
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
}

func (a *app) applyCommand() *cobra.Command {
	var o applyOptions
	c := a.command(&cobra.Command{
		Use:   "apply [FILE] [--auto-approve] [--target ADDRESS]…",
		Short: "Do what a plan says",
		Long: `Carries out a saved plan: exactly its operations, in one transaction per
database, or nothing. A plan is applied once, and not after its rows have changed.

Without a file, plans, shows the plan and asks before it does it.

Exits with 0; with 1 after an error and where the answer is not yes; with 3 if a
guard holds the plan.`,
		Args: cobra.MaximumNArgs(1),
	}, func(ctx context.Context, args []string) error {
		if len(args) == 1 {
			o.file = args[0]
		}
		return a.apply(ctx, o)
	})
	c.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	c.Flags().StringArrayVar(&o.targets, "target", nil, "without a file: plan only the sync or instance `ADDRESS`; may be repeated")
	return c
}

func (a *app) apply(ctx context.Context, o applyOptions) error {
	if o.file != "" {
		return a.applySaved(ctx, o)
	}
	// Refused before the work, not after it.
	if !o.autoApprove && !a.env.StdinIsTerminal {
		return errors.New("Nobody can be asked: standard input is not a terminal\nSave a plan with registrar plan --out FILE, have it reviewed and apply that file; or use --auto-approve.") //nolint:revive,staticcheck // the box's headline and prose
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	planned := planOptions{targets: o.targets}
	p, err := a.makePlan(ctx, cfg, planned)
	if err != nil {
		return err
	}
	if err := a.showUnsaved(p); err != nil {
		return err
	}
	switch {
	case p.Held():
		return codeError(exitHeld)
	case !p.Changes():
		return nil
	}
	if !o.autoApprove {
		yes, err := a.ask(ctx)
		if err != nil {
			return err
		}
		if !yes {
			a.out().Say("Apply cancelled: nothing was written.")
			return codeError(exitError)
		}
	}
	return a.carryOut(ctx, cfg, p)
}

func (a *app) applySaved(ctx context.Context, o applyOptions) error {
	if len(o.targets) > 0 {
		return errors.New("a saved plan is applied as a whole: --target goes with plan")
	}
	p, err := plan.Open(a.path(o.file))
	if err != nil {
		return err
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	return a.carryOut(ctx, cfg, p)
}

func (a *app) carryOut(ctx context.Context, cfg *config.Config, p *plan.Plan) error {
	progress := a.startProgress()
	defer progress.stop()
	result, err := apply.Apply(ctx, cfg, p, apply.Options{
		Providers: a.env.Providers, LockTimeout: a.global.lockTimeout, AppliedBy: a.author(), Now: a.env.Now,
		Progress: progress.applying,
	})
	progress.stop()
	if err != nil {
		return err
	}
	a.out().Applied(result)
	return nil
}

// ask reports whether the answer was yes; the end of the input is a no.
func (a *app) ask(ctx context.Context) (bool, error) {
	w := a.out().Writer()
	fmt.Fprintln(w)
	fmt.Fprintln(w, "Do you want to perform these operations? Only 'yes' will be accepted.")
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
