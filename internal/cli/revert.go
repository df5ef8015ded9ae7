package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

type revertOptions struct {
	planOptions

	id          string
	syncs, keys []string
	changed     string // refuse or skip
}

const (
	refuseChanged = "refuse"
	skipChanged   = "skip"
)

func (a *app) revertCommand() *cobra.Command {
	var o revertOptions
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "revert PLAN-ID [--sync ADDRESS]… [--key KEY]… [--changed refuse|skip] [--out FILE] [--format FORMAT]",
		Short: "Plan to undo an applied plan, or a part of it",
		Long: `Makes a plan that undoes one which was applied: the rows get back what the register
remembers of them. No source is read. Like any plan it is shown, can be saved,
signed and approved of, and is carried out by registrar apply, which pauses the
syncs whose operations it undoes until registrar resume: their next run would do
them again. A revert can be reverted, too.

With --sync, undoes only what the plan did for a sync or instance; with --key only
what it did to a row. A key of several columns has its values separated by commas,
in the order of the sync's key, or as COLUMN=VALUE. Instead of a column that is
looked up it has what that goes by, as in student_id.ine=S1 or just S1; the column's
own value is given by its name, for which all parts are: student_id=12,year=2026.

Rows that are no longer as the plan left them are named, and nothing is planned;
with --changed skip they are left as they are, and the rest is undone. So are rows
that lifecycle.protect protects, whose key another row has taken, and whose values
were redacted, as those of purged rows are: a purge cannot be undone.

Exits with 0; with 1 after an error; with 3 if a guard or a policy holds the plan,
or if rows refer to others that it would delete.`,
		Args: oneArgument("PLAN-ID, which names an applied plan"),
	}, func(ctx context.Context, args []string) error {
		if err := filled(c, "out", "sign-key"); err != nil {
			return err
		}
		o.id = strings.ToLower(args[0])
		return a.revert(ctx, o)
	})
	f := c.Flags()
	f.StringArrayVar(&o.syncs, "sync", nil, "undo only what was done for the sync or instance `ADDRESS`, such as sync.rooms or 'sync.rooms[\"hss\"]'; may be repeated")
	f.StringArrayVar(&o.keys, "key", nil, "undo only what was done to the row of the `KEY`; may be repeated")
	f.StringVar(&o.changed, "changed", refuseChanged, "what to `DO` where rows changed since: refuse, or skip them")
	f.StringVar(&o.out, "out", "", "save the plan as `FILE`, for apply")
	f.StringVar(&o.signKey, "sign-key", "", "sign the file with the private key in `FILE` (default $"+signKeyVariable+")")
	f.StringArrayVar(&o.encryptTo, "encrypt-to", nil, "encrypt the file to `RECIPIENT`, a public key of age, or a file of them; may be repeated")
	o.format.addReview(f, "write the whole plan as JSON, as --format json does")
	return c
}

func (a *app) revert(ctx context.Context, o revertOptions) error {
	format, err := o.format.choose(reviewFormats()...)
	if err != nil {
		return err
	}
	a.writeAs(ctx, format, o.format)
	if o.changed != refuseChanged && o.changed != skipChanged {
		return fmt.Errorf("--changed %s: expected refuse or skip", o.changed)
	}
	if !planID.MatchString(o.id) {
		return errors.New("which plan? It is named by its id, which registrar show and registrar history tell: registrar revert PLAN-ID")
	}
	save, err := a.saveOptions(o.planOptions)
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
	p, err := a.makeRevert(ctx, cfg, o)
	if err != nil {
		return err
	}
	if undone, err := plan.Recall(ctx, cfg, a.env.Providers, o.id); err == nil && undone.Purpose != nil && undone.Purpose.Kind == register.Import {
		a.err().RunWarning("Plan %s is of registrar transfer import: once it is undone, the confirmations that it gave are void. Destroy them, so that nobody presents one at the origin.", o.id)
	}
	return a.deliver(ctx, cfg, p, o.planOptions, save)
}

func (a *app) makeRevert(ctx context.Context, cfg *config.Config, o revertOptions) (*plan.Plan, error) {
	progress := a.startProgress()
	defer progress.stop()
	var warnings config.Diagnostics
	p, err := plan.Revert(ctx, cfg, a.planning(ctx, o.planOptions, progress, &warnings), plan.RevertOptions{
		PlanID: o.id, Syncs: o.syncs, Keys: o.keys, SkipChanged: o.changed == skipChanged,
	})
	progress.stop()
	a.warn(warnings)
	return p, err
}
