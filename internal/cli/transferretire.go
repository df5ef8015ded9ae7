package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/internal/shell"
	"github.com/registrar-sync/registrar/transfer"
)

func (a *app) transferRetireCommand() *cobra.Command {
	var o transferPlanOptions
	var confirmation string
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "retire CONFIRMATION --bundle MANIFEST [--faculty ID]… [--without COLUMN]… [--out FILE | --apply FILE] [--yes]",
		Short: "Remove at the origin what was imported elsewhere",
		Long: `Deletes the rows that a bundle took to another server, at the server that it was
exported from, by a plan and an apply like any. CONFIRMATION is the list that registrar
transfer import wrote there; MANIFEST is the bundle's CSV file, with the ZIP beside it.

Deleted are the very rows of the bundle, archived ones and protected ones too. They must
still be what was exported: where a row was added, changed or removed since, nothing is
deleted. Where rows of others refer to them, by a foreign key or by a lookup of the
configuration, or a delete would cascade, neither. A column that export --without left
out is named where it holds values, which would be nowhere then: --without again.

In the same transaction the faculty's syncs are paused, since their next run would
bring the rows back: remove the faculty from the configuration next. The register
keeps the history.

Without --out and --apply, plans, shows the plan and asks before it does it. Without
--faculty, removes the faculties that the confirmation lists.

Exits with 0; with 1 after an error and where the answer is not yes; with 3 if the
plan is held or lacks approvals.`,
		Args: oneArgument("CONFIRMATION, the list that registrar transfer import wrote"),
	}, func(ctx context.Context, args []string) error {
		confirmation = args[0]
		if o.manifest == "" {
			return errors.New("--bundle MANIFEST is missing: the CSV file of the bundle that was imported")
		}
		if err := o.check(a, c); err != nil {
			return err
		}
		return a.transferRetire(ctx, confirmation, o)
	})
	f := c.Flags()
	f.StringVar(&o.manifest, "bundle", "", "the bundle that was imported, by its `MANIFEST`")
	f.StringArrayVar(&o.without, "without", nil, "remove, too, what the column `COLUMN` holds, or TABLE.COLUMN, which the bundle lacks; may be repeated")
	o.add(f)
	return c
}

func (a *app) transferRetire(ctx context.Context, confirmation string, o transferPlanOptions) (err error) {
	p, cfg, err := a.transferStart(ctx, &o)
	if err != nil {
		return err
	}
	r, err := transfer.OpenRetirement(ctx, cfg, a.path(confirmation), a.transferOptions(&o, p))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := a.reached(cfg, r.Config); err != nil {
		return err
	}
	if p == nil {
		if len(r.Done) > 0 {
			a.out().Say("Planned is what is left:\n%s", strings.Join(r.Done, "\n"))
		}
		next := "retire " + shell.Quote(confirmation) + " --bundle " + shell.Quote(o.manifest)
		if p, err = a.planTransfer(ctx, &o, next, r.Plan); p == nil {
			return err
		}
	}
	if _, err := a.applyTransfer(ctx, cfg, &o, func(ctx context.Context, options apply.Options) (*apply.Result, error) {
		return r.Apply(ctx, p, options)
	}); err != nil {
		return err
	}
	for _, line := range r.Lines {
		a.out().Say("%s (%s) is no longer here: %d rows are at the register %s.", line.Name, line.IDExport, line.Rows, line.Target)
	}
	a.out().Say("Its syncs are paused, since their next run would bring the rows back. Remove it from the configuration now: a person can still plan and apply a paused sync.")
	return nil
}
