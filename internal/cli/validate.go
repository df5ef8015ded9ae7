package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/run"
)

type validateOptions struct {
	speculative bool
	format      formatOptions
}

func (a *app) validateCommand() *cobra.Command {
	var o validateOptions
	c := a.command(&cobra.Command{
		Use:   "validate [--speculative] [--format FORMAT]",
		Short: "Check the configuration, without any connection",
		Long: `Checks the configuration's files as far as they alone allow. Whether tables and
columns exist is found by plan. With --speculative they are a stranger's, as for
plan --speculative.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error { return a.validate(ctx, o) })
	c.Flags().BoolVar(&o.speculative, "speculative", false, "take the configuration for one under review, as plan --speculative does")
	o.format.addFormat(c.Flags(), "write the result as JSON, as terraform validate -json does", validateFormats()...)
	return c
}

func validateFormats() []outputFormat {
	return []outputFormat{formatText, formatJSON, formatSARIF, formatCodeQuality}
}

// checkApprovers warns of destinations in which nobody could approve of a plan: files have no users, and no key is trusted.
func (a *app) checkApprovers(cfg *config.Config) config.Diagnostics {
	var diags config.Diagnostics
	if cfg.Settings.RequireApproval <= 0 || len(cfg.Settings.TrustedKeys) > 0 {
		return nil
	}
	for _, d := range cfg.Destinations {
		i := slices.IndexFunc(a.env.Providers, func(p providers.Provider) bool { return p.Name() == d.Provider })
		if i < 0 {
			continue
		}
		locator, ok := a.env.Providers[i].(providers.Locator)
		if !ok {
			continue
		}
		if at, err := locator.Locate(d.Attributes, cfg.Dir); err == nil && len(at.Hosts) == 0 {
			diags.Warnf(d.Range, "Nobody can approve here", "%s is a file, which has no users who could approve, and require_approval is %d: no plan could be applied to it. List trusted_keys, whose owners sign approvals.", d.Address, cfg.Settings.RequireApproval)
		}
	}
	return diags
}

func (a *app) validate(ctx context.Context, o validateOptions) error {
	format, err := o.format.choose(validateFormats()...)
	if err != nil {
		return err
	}
	a.writeAs(ctx, format, o.format)
	a.untrusted = o.speculative
	cfg, diags, err := a.compile()
	if err != nil {
		return err
	}
	if !diags.HasErrors() {
		diags = append(diags, run.Check(cfg)...)
		diags = append(diags, a.checkApprovers(cfg)...)
	}
	a.warnUnrestricted()
	switch {
	case a.json:
		err = a.out().DiagnosticsJSON(diags, a.files)
	case a.output.isReport():
		err = a.writeReport(nil, diags)
		a.err().Diagnostics(diags, a.files)
	default:
		a.err().Diagnostics(diags, a.files)
	}
	if err != nil {
		return err
	}
	switch {
	case diags.HasErrors():
		return codeError(exitError)
	case a.output != formatText:
	case len(diags) > 0:
		a.out().Success("The configuration is valid, but see the warnings.")
	default:
		a.out().Success("The configuration is valid.")
	}
	return nil
}
