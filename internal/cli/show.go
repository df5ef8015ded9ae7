package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/signature"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

type showOptions struct {
	all, sensitive bool
	speculative    bool
	identity       string
	file           string
	format         formatOptions
}

func (a *app) showCommand() *cobra.Command {
	var o showOptions
	c := a.command(&cobra.Command{
		Use:   "show [--all] [--speculative] [--format FORMAT] [--identity FILE] [--show-sensitive] FILE | PLAN-ID",
		Short: "Show a saved plan",
		Long: `Shows a saved plan from its file alone, which holds the first operations of each
sync. With --all everything is read from the registers, which needs the
configuration and the databases. A plan can be named by its id, too: it is then
read from the registers. What is read from there says where it was applied, and who
has approved of it, too.

With --speculative, and for --all with a file of a speculative plan always, the
configuration is taken for a stranger's, as for plan --speculative.

With --show-sensitive what is masked is shown, too: on a terminal only, and after who
looks, and when, was recorded in each register of the plan.

Exits with 0; with 1 after an error; with 3 if a guard or a check holds the plan or
a part of it, unless the registers were read and it was applied whole.`,
		Args: oneArgument("FILE or PLAN-ID, which names a saved plan"),
	}, func(ctx context.Context, args []string) error {
		o.file = args[0]
		return a.show(ctx, o)
	})
	f := c.Flags()
	f.BoolVar(&o.all, "all", false, "show every operation and finding, from the registers")
	f.BoolVar(&o.speculative, "speculative", false, "take the configuration for one under review, as plan --speculative does")
	f.BoolVar(&o.sensitive, "show-sensitive", false, "show what is masked, too, and record that it was shown")
	f.StringVar(&o.identity, "identity", "", "decrypt the plan file with the age identities in `FILE` (default $"+identityVariable+")")
	o.format.addReview(f, "write JSON, as --format json does; without --all, syncs that are cut say so")
	return c
}

func (a *app) show(ctx context.Context, o showOptions) (err error) {
	format, err := o.format.choose(reviewFormats()...)
	if err != nil {
		return err
	}
	a.writeAs(ctx, format, o.format)
	byID := a.isPlanID(o.file)
	if o.sensitive {
		if err := a.mayDisclose(o.all || byID); err != nil {
			return err
		}
	}
	a.untrusted = o.speculative
	var cfg *config.Config
	var p *plan.Plan
	if o.all || byID {
		p, cfg, err = a.openSaved(ctx, o.file, o.identity, true)
	} else {
		p, err = a.openFile(o.file, o.identity)
	}
	if err != nil {
		return err
	}
	if cfg != nil {
		a.warnComparison(cfg, p)
	}
	changes, notices := view.Excerpt(p), view.Notices(nil)
	options := view.PlanOptions{Rest: a.hint("registrar show --all " + o.file)}
	if o.all || o.sensitive {
		s, err := a.openStored(ctx, cfg, p)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.close()) }()
		if o.sensitive {
			if err := a.disclose(ctx, cfg, p); err != nil {
				return err
			}
			s.disclosed = true
		}
		if !o.all {
			options.Limit = shownOfASync
		}
		changes, notices = s.changes(ctx, p, a.mostShown(options.Limit)), s.notices(ctx, p)
	}
	options.Notices = notices
	signer := ""
	if p.Signer != nil {
		signer = signature.PublicText(p.Signer)
	}
	var known registerFacts
	if cfg != nil {
		if known, err = a.facts(ctx, cfg, p); err != nil {
			return err
		}
	}
	switch a.output {
	case formatText:
		a.out().PlanHead(p, a.env.Now())
		if signer != "" {
			a.out().PlanSigner(signer)
		}
		a.sayComparison(p, o.file)
		a.out().PlanApplied(known.applied)
		a.out().PlanApprovals(known.approvals)
		a.out().PlanDisclosures(known.disclosures)
		err = a.out().Plan(p, changes, options)
	case formatJSON:
		document := a.planJSON(o.all, notices)
		document.Applied, document.Signer = known.applied, signer
		err = a.out().PlanJSON(p, changes, document)
	case formatMarkdown, formatHTML, formatGitLab, formatSARIF, formatCodeQuality, formatCSV:
		err = a.writeDocument(p, changes, notices)
	}
	if err != nil {
		return err
	}
	return known.code(p)
}

// shownOfASync is how many operations of a sync a plan's text shows where not all are asked for.
const shownOfASync = 50

// registerFacts is what the registers know of a plan besides its operations.
type registerFacts struct {
	applied     []view.Application // in the plan's order of destinations
	approvals   []register.Approval
	disclosures []register.Disclosure
}

// code is what a command ends with that shows the plan.
func (f *registerFacts) code(p *plan.Plan) error {
	if len(f.applied) == len(p.Destinations) && len(f.applied) > 0 {
		return nil // whatever held it, somebody has decided
	}
	return heldCode(p)
}

// facts reads where a plan was applied, whose approvals of it count or were used up, and to whom it was shown unmasked.
func (a *app) facts(ctx context.Context, cfg *config.Config, p *plan.Plan) (registerFacts, error) {
	var known registerFacts
	for i := range p.Destinations {
		part := &p.Destinations[i]
		c := destinationOf(cfg, part.Address)
		if c == nil {
			return known, fmt.Errorf("%s: the configuration has no such destination", part.Address)
		}
		err := plan.WithRegister(ctx, a.env.Providers, c, cfg.Dir, func(o *plan.Opened) error { return a.factsOf(ctx, o, p, part, &known) })
		if err != nil {
			return known, fmt.Errorf("%s: %w", part.Address, err)
		}
	}
	return known, nil
}

func (a *app) factsOf(ctx context.Context, o *plan.Opened, p *plan.Plan, part *plan.Destination, known *registerFacts) error {
	approvals, err := o.Register.ApprovalsOf(ctx, o.Conn, p.ID, a.env.Now())
	if err != nil {
		return err
	}
	known.approvals = append(known.approvals, approvals...)
	disclosures, err := o.Register.Disclosures(ctx, o.Conn, p.ID)
	if err != nil {
		return err
	}
	known.disclosures = append(known.disclosures, disclosures...)
	done, err := o.Register.Execution(ctx, o.Conn, p.ID)
	if err != nil || done == nil {
		return err
	}
	one := view.Application{Destination: part.Address, AppliedOn: done.ExecutedOn, AppliedBy: done.ExecutedBy}
	override, err := o.Register.Override(ctx, o.Conn, p.ID)
	if override != nil {
		one.Override = override.Reason
	}
	known.applied = append(known.applied, one)
	return err
}

// destinationOf returns a destination block by its address, nil where there is none.
func destinationOf(cfg *config.Config, address string) *config.Connection {
	i := slices.IndexFunc(cfg.Destinations, func(c *config.Connection) bool { return c.Address == address })
	if i < 0 {
		return nil
	}
	return cfg.Destinations[i]
}
