package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/explain"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

type explainOptions struct {
	sync, key       string
	json, sensitive bool
}

func (a *app) explainCommand() *cobra.Command {
	var o explainOptions
	c := a.command(&cobra.Command{
		Use:   "explain SYNC KEY [--json] [--show-sensitive]",
		Short: "Say why a row is as it is",
		Long: `Says in one sentence why a row of a destination is as it is, and shows what that
comes from: the record in the source as it is now, the mapping column by column, the
asserts and lookups, the row and whose it is, what the next plan would do about it,
what the register knows was done to it, what checks say of it, and the schedule.

SYNC is an instance, such as sync.rooms["hss"], or a sync or module.NAME, which stand
for all of their instances: those are shown that know the key. KEY is the key's value;
of several columns their values separated by commas, or COLUMN=VALUE for each. A part
of the key that is looked up goes by the keys of its lookup.

The plan that it goes by is made as plan makes it, reads the sources, and is undone:
nothing is written. What is sensitive is masked; the key that you typed is not.

With --show-sensitive what is masked is shown, too: on a terminal only, and after who
looks, and when, was recorded in the register.

Exits with 0, whatever the answer is; with 1 after an error.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("expected two arguments, SYNC and KEY; there are %d", len(args))
			}
			return nil
		},
	}, func(ctx context.Context, args []string) error {
		o.sync, o.key = args[0], args[1]
		return a.explain(ctx, o)
	})
	c.Flags().BoolVar(&o.json, "json", false, "write JSON")
	c.Flags().BoolVar(&o.sensitive, "show-sensitive", false, "show what is masked, too, and record that it was shown")
	return c
}

func (a *app) explain(ctx context.Context, o explainOptions) error {
	if a.json, a.output = o.json, formatText; o.json {
		a.output = formatJSON
	}
	if o.sensitive {
		if err := a.mayDisclose(true); err != nil {
			return err
		}
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	progress := a.startProgress()
	defer progress.stop()
	all, err := a.explanations(ctx, cfg, o.sync, o.key, progress.planning)
	progress.stop()
	if err != nil {
		return err
	}
	options := view.ExplainOptions{Files: a.files}
	if o.sensitive {
		if err := a.discloseExplained(ctx, cfg, all); err != nil {
			return err
		}
		options.Disclosed = true
	}
	if o.json {
		return a.out().ExplanationsJSON(all, options)
	}
	return a.out().Explanations(all, options)
}

// explanations explains a key in the instances that an address names.
func (a *app) explanations(ctx context.Context, cfg *config.Config, address, key string, progress func(plan.Progress)) ([]*explain.Explanation, error) {
	syncs, err := plan.Select(cfg, []string{address})
	if err != nil {
		return nil, err
	}
	units := map[string]map[string]bool{}
	for _, s := range syncs {
		if units[s.Address], err = unitsOf(cfg, []string{s.Address}); err != nil {
			return nil, err
		}
	}
	return explain.Explain(ctx, cfg, syncs, key, explain.Options{
		Plan: plan.Options{
			Providers: a.env.Providers, Parallelism: a.global.parallelism, LockTimeout: a.global.lockTimeout, CreatedBy: a.author(),
			Now: a.env.Now, NewID: a.env.NewID, Progress: progress,
		},
		Units: units,
	})
}

// explainedPlan stands for the plan in the record of a disclosure.
const explainedPlan = "explain"

// discloseExplained records in the registers of what was explained who is shown what is masked.
func (a *app) discloseExplained(ctx context.Context, cfg *config.Config, all []*explain.Explanation) error {
	var done []*config.Connection
	for _, e := range all {
		into := e.Watched.Sync.Destination.Into
		if slices.Contains(done, into) {
			continue
		}
		done = append(done, into)
		err := a.within(ctx, cfg, into, func(s *session) error {
			one := register.Disclosure{ID: a.env.NewID(), PlanID: explainedPlan, ShownOn: a.env.Now(), ShownBy: a.author()}
			if err := register.New(s.Dialect()).InsertDisclosure(ctx, s.tx, one); err != nil {
				return s.safe(err)
			}
			return s.commit()
		})
		if err != nil {
			return fmt.Errorf("%s: that it is shown could not be recorded, and so it is not shown: %w", into.Address, err)
		}
	}
	return nil
}

// explainForPage explains a key for the status page: as text, masked.
func (a *app) explainForPage(ctx context.Context, cfg *config.Config, address, key string) (string, error) {
	all, err := a.explanations(ctx, cfg, address, key, nil)
	if err != nil {
		if diags, others := split(err); len(diags) > 0 && len(others) == 0 {
			return "", errors.New(diags[0].Summary + ": " + diags[0].Detail)
		}
		return "", err
	}
	var out bytes.Buffer
	if err := view.New(&out, view.Options{Width: pageWidth, Automation: a.automation()}).Explanations(all, view.ExplainOptions{Files: cfg.Files}); err != nil {
		return "", err
	}
	return out.String(), nil
}

// pageWidth is how many columns an explanation has on the page.
const pageWidth = 100
