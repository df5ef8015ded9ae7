package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/transfer"
)

func (a *app) transferVerifyCommand() *cobra.Command {
	var json bool
	c := a.command(&cobra.Command{
		Use:   "verify MANIFEST [--json]",
		Short: "Check both files of a bundle, and say what is in them",
		Long: `Reads both files of a bundle whole, and says what is in them: faculties, syncs,
tables, how many rows, whose they are, and from when to when the history goes. MANIFEST
is the CSV file; the ZIP lies beside it. No database is asked and no configuration
read.

Of the manifest people may change Id_Import, the code that a faculty is to have on the
other server, and Contact. Whatever else differs from what was exported, be it one
octet in either file, is an error that says where.

Exits with 0 where the bundle is whole; with 1 where it is not.`,
		Args: oneArgument("MANIFEST, the CSV file of a bundle"),
	}, func(ctx context.Context, args []string) error {
		a.json = json
		r, err := transfer.Verify(ctx, a.path(args[0]))
		if err != nil {
			return err
		}
		if json {
			return a.out().BundleJSON(r)
		}
		a.out().Bundle(r)
		a.out().Gap()
		a.out().Success("The bundle is whole: every entry and every row is what was exported.")
		return nil
	})
	c.Flags().BoolVar(&json, "json", false, "write JSON")
	return c
}
