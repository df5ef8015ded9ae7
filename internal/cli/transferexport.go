package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/internal/shell"
	"github.com/registrar-sync/registrar/transfer"
)

type transferExportOptions struct {
	faculties []string
	out, name string
	without   []string
	noHistory bool
}

func (a *app) transferExportCommand() *cobra.Command {
	var o transferExportOptions
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "export --faculty FACULTY [--faculty FACULTY…] --out DIR [--name NAME] [--without COLUMN…] [--no-history]",
		Short: "Write the rows of faculties into a bundle",
		Long: `Writes the rows of the faculties' syncs, archived ones too, and what the registers
know of them into DIR/NAME.csv and DIR/NAME.zip. All columns are written, also those
that no sync maps. All of a destination is read in one transaction, and nothing is
changed or removed anywhere. Files that are there are not replaced.

What a column refers to by a lookup is written by its business keys, too. A reference
by a number that the database made, which no lookup names, is refused: on another
server it would mean another row.

The bundle holds personal data, unencrypted; its files are readable to their owner
only. Files that rows name, such as photos beside the database, are not in it.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error {
		if o.out == "" {
			return errors.New("--out names no folder")
		}
		if err := filled(c, "name"); err != nil {
			return err
		}
		return a.exportBundle(ctx, o)
	})
	f := c.Flags()
	f.StringArrayVar(&o.faculties, "faculty", nil, "export the faculty `FACULTY`, by its label or its code; may be repeated")
	f.StringVar(&o.out, "out", "", "write the two files into the folder `DIR`")
	f.StringVar(&o.name, "name", "", "call them `NAME`.csv and NAME.zip (default the faculties and the day)")
	f.StringArrayVar(&o.without, "without", nil, "leave out the column `COLUMN`, or TABLE.COLUMN; may be repeated")
	f.BoolVar(&o.noHistory, "no-history", false, "leave the register's history out")
	_ = c.MarkFlagRequired("faculty") // fails only for a flag that is not there
	_ = c.MarkFlagRequired("out")     // as above
	return c
}

func (a *app) exportBundle(ctx context.Context, o transferExportOptions) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	dir := a.path(o.out)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("--out %s: it is not a folder: name one that exists", o.out)
	}
	r, err := transfer.Export(ctx, cfg, transfer.ExportOptions{
		Faculties: o.faculties, Dir: dir, Name: o.name, Without: o.without, NoHistory: o.noHistory,
		Providers: a.env.Providers, Now: a.env.Now(), By: a.author(), LockTimeout: a.global.lockTimeout,
	})
	if err != nil {
		return err
	}
	a.out().Bundle(r)
	a.out().Gap()
	a.out().Success("Exported: %s and %s", r.Manifest, r.Bundle)
	a.out().Say("Both files hold personal data, unencrypted: only their owner can read them (mode 0600). Carry them over an encrypted way, and delete them once the transfer is done. Nothing was changed or removed here.")
	if next := a.hint("registrar transfer verify " + shell.Quote(r.Manifest)); next != "" {
		a.out().Say("Next, before and after the files are carried: %s", next)
	}
	return nil
}
