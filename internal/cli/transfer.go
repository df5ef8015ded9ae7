package cli

import "github.com/spf13/cobra"

func (a *app) transferCommand() *cobra.Command {
	return group("transfer", "Move a faculty to another server",
		`Moves faculties from one server to another, by a bundle of two files: a manifest, a
CSV file with a line per faculty, and a ZIP with their rows and the register's history.

At the origin, export writes the bundle, and deletes nothing. verify reads it whole,
anywhere. At the target, import brings it by a plan and an apply. Back at the origin,
retire removes the rows once the import's confirmation was presented.`,
		a.transferExportCommand(), a.transferVerifyCommand(), a.transferImportCommand(), a.transferRetireCommand())
}
