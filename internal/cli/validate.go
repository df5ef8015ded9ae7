package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/run"
)

type validateOptions struct {
	json bool
}

func (a *app) validateCommand() *cobra.Command {
	var o validateOptions
	c := a.command(&cobra.Command{
		Use:   "validate [--json]",
		Short: "Check the configuration, without any connection",
		Long: `Checks the configuration's files as far as they alone allow. Whether tables and
columns exist is found by plan.`,
		Args: cobra.NoArgs,
	}, func(context.Context, []string) error { return a.validate(o) })
	c.Flags().BoolVar(&o.json, "json", false, "write the result as JSON, as terraform validate -json does")
	return c
}

func (a *app) validate(o validateOptions) error {
	a.json = o.json
	cfg, diags, err := a.compile()
	if err != nil {
		return err
	}
	if !diags.HasErrors() {
		diags = append(diags, run.Check(cfg)...)
	}
	if o.json {
		if err := a.out().DiagnosticsJSON(diags, a.files); err != nil {
			return err
		}
	} else {
		a.err().Diagnostics(diags, a.files)
	}
	switch {
	case diags.HasErrors():
		return codeError(exitError)
	case o.json:
	case len(diags) > 0:
		a.out().Success("The configuration is valid, but see the warnings.")
	default:
		a.out().Success("The configuration is valid.")
	}
	return nil
}
