package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/shell"
	"github.com/registrar-sync/registrar/notify"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/transfer"
)

type transferImportOptions struct {
	transferPlanOptions
	confirm   string // a folder
	noHistory bool
}

func (a *app) transferImportCommand() *cobra.Command {
	var o transferImportOptions
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "import MANIFEST [--faculty ID]… [--out FILE | --apply FILE] [--yes] [--confirm DIR] [--no-history]",
		Short: "Bring the faculties of a bundle to this server",
		Long: `Brings the rows of a bundle to the tables of this server, by a plan and an apply like
any. MANIFEST is the bundle's CSV file; the ZIP lies beside it. Both are verified
before anything else.

Each line of the manifest becomes the faculty of the configuration whose code is
Id_Import, or where that is blank Id_Export, and each sync of the bundle the
sync of that name. The scopes of that faculty must be empty: nothing is mixed with
rows that are there. The rows get its scope's constants, and new numbers where the
database numbers them; what they look up is found again by its business keys. Either
all of the bundle's rows come, or none.

The history of the rows comes with them, unless --no-history: the plans that were
applied, their operations and findings.

Without --out and --apply, plans, shows the plan and asks before it does it. Once it is
done, MANIFEST-confirmation.csv is written beside the manifest, or into the folder of
--confirm: a list to present to registrar transfer retire. The faculties' notifiers
are told.

Exits with 0; with 1 after an error and where the answer is not yes; with 3 if a
policy holds the plan, or it lacks approvals.`,
		Args: oneArgument("MANIFEST, the CSV file of a bundle"),
	}, func(ctx context.Context, args []string) error {
		o.manifest = args[0]
		if err := filled(c, "confirm"); err != nil {
			return err
		}
		if err := o.check(a, c); err != nil {
			return err
		}
		return a.transferImport(ctx, o)
	})
	f := c.Flags()
	o.add(f)
	f.StringVar(&o.confirm, "confirm", "", "write the confirmation into the folder `DIR` (default that of the manifest)")
	f.BoolVar(&o.noHistory, "no-history", false, "leave the register's history behind")
	return c
}

func (a *app) transferImport(ctx context.Context, o transferImportOptions) (err error) {
	p, cfg, err := a.transferStart(ctx, &o.transferPlanOptions)
	if err != nil {
		return err
	}
	m, err := transfer.OpenImport(ctx, cfg, a.transferOptions(&o.transferPlanOptions, p))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if err := a.reached(cfg, m.Config); err != nil {
		return err
	}
	confirmation, err := a.confirmationOf(&o, m)
	if err != nil {
		return err
	}
	if p == nil {
		if p, err = a.planTransfer(ctx, &o.transferPlanOptions, "import "+shell.Quote(o.manifest), m.Plan); p == nil {
			return err
		}
	}
	again, err := a.applyTransfer(ctx, cfg, &o.transferPlanOptions, func(ctx context.Context, options apply.Options) (*apply.Result, error) {
		return m.Apply(ctx, p, options, o.noHistory)
	})
	if err != nil && !again {
		return err
	}
	lines, err := m.Confirm(ctx, p)
	if err != nil {
		return err
	}
	if again {
		a.out().Say("The plan was applied already: nothing was written but the confirmation.")
	}
	if err := writeConfirmation(confirmation, m.Bundle.Digest, lines); err != nil {
		return fmt.Errorf("%w\nThe import is done. To have the confirmation written again: registrar transfer import %s --apply %s", err, shell.Quote(o.manifest), p.ID)
	}
	a.sayImported(&o, confirmation, lines)
	if !again {
		a.tellOfImport(ctx, cfg, m, p, lines)
	}
	return nil
}

// confirmationOf is where the confirmation is written. What would keep it from being written is an error before the import, not after.
func (a *app) confirmationOf(o *transferImportOptions, m *transfer.Import) (string, error) {
	dir := filepath.Dir(a.path(o.manifest))
	if o.confirm != "" {
		dir = a.path(o.confirm)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", fmt.Errorf("--confirm %s: expected a folder", o.confirm)
	}
	path := filepath.Join(dir, transfer.ConfirmationName(o.manifest))
	_, err := transfer.MergeConfirmation(path, m.Bundle.Digest, nil)
	return path, err
}

func writeConfirmation(path, digest string, lines []transfer.Confirmed) error {
	merged, err := transfer.MergeConfirmation(path, digest, lines)
	if err != nil {
		return err
	}
	return transfer.WriteConfirmation(path, merged)
}

// sayImported says what is here now, and what comes next.
func (a *app) sayImported(o *transferImportOptions, confirmation string, lines []transfer.Confirmed) {
	for _, one := range lines {
		a.out().Say("%s (%s): %d rows.", one.Name, one.IDImport, one.Rows)
	}
	shown := filepath.Join(cmp.Or(o.confirm, filepath.Dir(o.manifest)), filepath.Base(confirmation))
	a.out().Say("The confirmation is %s.", a.again(shown))
	if a.automation() {
		return
	}
	a.out().Say("Next, here: registrar plan, which has nothing to do where the sources did not change.")
	a.out().Say("Then, at the origin, with these files: registrar transfer retire %s --bundle %s", shell.Quote(a.again(shown)), shell.Quote(a.again(o.manifest)))
}

// tellOfImport tells each faculty's notifiers. What is not told is a warning: the import is done.
func (a *app) tellOfImport(ctx context.Context, cfg *config.Config, m *transfer.Import, p *plan.Plan, lines []transfer.Confirmed) {
	var servers []string
	for i := range p.Destinations {
		if d := p.Destinations[i].Database; !slices.Contains(servers, d) {
			servers = append(servers, d)
		}
	}
	faculties := m.Faculties()
	for i, f := range faculties {
		for _, n := range f.Notify {
			err := notify.Transfer(ctx, cfg, n, notify.Arrived{
				Faculty: f.Label, Name: f.Name, Code: lines[i].IDImport, Server: strings.Join(servers, ", "), Rows: lines[i].Rows,
				PlanID: p.ID, On: lines[i].ExecutedOn, By: a.author(),
			}, notify.Options{Now: a.env.Now, Version: a.build().Version})
			if err != nil {
				a.err().RunWarning("%s could not be told that %s is here: %s", n.Address, f.Name, err)
				continue
			}
			a.out().Say("%s was told that %s is here.", n.Address, f.Name)
		}
	}
}
