package cli

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
)

type approveOptions struct {
	file        string
	signKey     string
	comment     string
	identity    string
	speculative bool
	autoApprove bool
}

func (a *app) approveCommand() *cobra.Command {
	var o approveOptions
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "approve FILE | PLAN-ID [--sign-key FILE] [--comment TEXT] [--speculative] [--auto-approve]",
		Short: "Approve of what a plan would do",
		Long: `Shows a plan as the registers hold it, asks, and records there that its operations are
approved of. Approved of are the operations, whichever plan holds them: a plan made later
may be applied by it if it would do exactly the same. An approval expires, and
one apply uses it up.

Without a key, it is the database's user who approves, and that must be another one
than the plan's. With --sign-key the approval is signed, by a key other than the plan's.

With --speculative, and for a file of a speculative plan always, the configuration is
taken for a stranger's, as for plan --speculative: give the operator's policy (--policy),
which says where the approver's login may go.

Exits with 0; with 1 after an error and where the answer is not yes.`,
		Args: oneArgument("FILE or PLAN-ID, which names a saved plan"),
	}, func(ctx context.Context, args []string) error {
		// As a variable that is not set would leave it: it would be the database's user who approves.
		if err := filled(c, "sign-key"); err != nil {
			return err
		}
		o.file = args[0]
		return a.approve(ctx, o)
	})
	f := c.Flags()
	f.StringVar(&o.signKey, "sign-key", "", "sign the approval with the private key in `FILE` (default $"+signKeyVariable+")")
	f.StringVar(&o.comment, "comment", "", "record `TEXT` with it")
	f.StringVar(&o.identity, "identity", "", "decrypt the plan file with the age identities in `FILE` (default $"+identityVariable+")")
	f.BoolVar(&o.speculative, "speculative", false, "take the configuration for one under review, as plan --speculative does")
	f.BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	return c
}

func (a *app) approve(ctx context.Context, o approveOptions) error {
	// Refused before the work, not after it.
	if !o.autoApprove && !a.canAsk() {
		return errors.New("Nobody can be asked: standard input is not a terminal, or this is a pipeline\nShow the plan, and approve of it with --auto-approve.") //nolint:revive,staticcheck // the box's headline and prose
	}
	key, err := a.signKey(o.signKey)
	if err != nil {
		return err
	}
	a.untrusted = o.speculative
	named, cfg, err := a.openSaved(ctx, o.file, o.identity, true)
	if err != nil {
		return err
	}
	p, err := a.registered(ctx, cfg, named)
	if err != nil {
		return err
	}
	a.warnComparison(cfg, named)
	a.out().PlanHead(p, a.env.Now())
	a.sayComparison(p, o.file)
	if err := a.out().Plan(p, view.Excerpt(p), view.PlanOptions{Rest: a.hint("registrar show --all " + o.file)}); err != nil {
		return err
	}
	if !o.autoApprove {
		yes, err := a.ask(ctx, "Do you approve of these operations?")
		if err != nil {
			return err
		}
		if !yes {
			a.out().Say("Nothing was approved.")
			return codeError(exitError)
		}
	}
	var given []apply.Approved
	err = apply.Approve(ctx, cfg, named, apply.ApproveOptions{
		Providers: a.env.Providers, ApprovedBy: a.author(), Comment: strings.TrimSpace(o.comment), SignKey: key,
		Now: a.env.Now, NewID: a.env.NewID, LockTimeout: a.global.lockTimeout,
		Approved: func(one apply.Approved) { given = append(given, one) },
	})
	if err != nil {
		return err
	}
	a.out().Gap()
	a.out().Success("Approved by %s.", approver(key, a.author(), given))
	for _, one := range given {
		if one.Again {
			a.out().Say("In %s they were approved of by the same %s before: both count as one approval.", one.Destination, sameOf(key))
		}
	}
	return nil
}

// approver says who approved: as the system tells, and what counts, the database's user or the key.
func approver(key ed25519.PrivateKey, author string, given []apply.Approved) string {
	var users []string
	for _, one := range given {
		if one.User != "" && !slices.Contains(users, one.User) {
			users = append(users, one.User)
		}
	}
	if len(users) > 0 {
		author += ", database user " + strings.Join(users, " and ")
	}
	if key == nil {
		return author
	}
	return author + ", with the key " + publicText(key)
}

func sameOf(key ed25519.PrivateKey) string {
	if key == nil {
		return "user of the database"
	}
	return "key"
}

// warnComparison says that what a change of configuration does is told by the plan's file alone, unless somebody who is trusted
// signed that. Of a stranger's configuration the trusted keys are the operator's.
func (a *app) warnComparison(cfg *config.Config, named *plan.Plan) {
	keys := cfg.Settings.TrustedKeys
	if a.untrusted {
		if keys = nil; a.rules != nil {
			keys = a.rules.TrustedKeys
		}
	}
	trusted := named.Signer != nil && slices.ContainsFunc(keys, func(key ed25519.PublicKey) bool { return key.Equal(named.Signer) })
	if named.Comparison == nil || trusted || a.output.isReport() || a.output == formatGitLab {
		return
	}
	a.warn(config.Diagnostics{{
		Severity: config.Warning, Summary: "What the change of configuration does is the plan file's word",
		Detail: "The registers hold the operations, not the comparison with " + named.Comparison.Ref + ", and no trusted key signed the file.",
	}})
}

// sayComparison says where the comparison is to be found of a merge request's plan that is named by its id.
func (a *app) sayComparison(p *plan.Plan, name string) {
	if p.Speculative && a.isPlanID(name) {
		a.out().Say("what the change of configuration does (plan --compare-config) is in the plan's file alone")
	}
}

// openSaved reads a saved plan that is named by its file or its id, and the configuration. To review the file of a speculative
// plan, that is taken for a stranger's.
func (a *app) openSaved(ctx context.Context, name, identity string, review bool) (*plan.Plan, *config.Config, error) {
	if a.isPlanID(name) {
		cfg, err := a.load()
		if err != nil {
			return nil, nil, err
		}
		p, err := plan.Recall(ctx, cfg, a.env.Providers, strings.ToLower(name))
		return p, cfg, err
	}
	p, err := a.openFile(name, identity)
	if err != nil {
		return nil, nil, err
	}
	a.untrusted = a.untrusted || review && p.Speculative
	cfg, err := a.load()
	return p, cfg, err
}

// openFile reads a plan file.
func (a *app) openFile(name, identity string) (*plan.Plan, error) {
	identities, err := a.identities(identity)
	if err != nil {
		return nil, err
	}
	return plan.Open(a.path(name), plan.OpenOptions{Identities: identities})
}

// registered returns a plan as the registers hold it, whatever its file shows. They must hold the very operations that the
// file is for.
func (a *app) registered(ctx context.Context, cfg *config.Config, named *plan.Plan) (*plan.Plan, error) {
	s, err := a.openStored(ctx, cfg, named)
	if err != nil {
		return nil, err
	}
	if err := s.close(); err != nil {
		return nil, err
	}
	p, err := plan.Recall(ctx, cfg, a.env.Providers, named.ID)
	if err != nil {
		return nil, err
	}
	if len(p.Destinations) != len(named.Destinations) {
		return nil, fmt.Errorf("plan %s writes to other destinations than its file says: plan again", p.ID)
	}
	p.Comparison = named.Comparison // no register holds it
	return p, nil
}
