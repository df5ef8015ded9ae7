package cli

import (
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/providers"
)

func (a *app) versionCommand() *cobra.Command {
	var json bool
	c := a.command(&cobra.Command{
		Use:   "version [--json]",
		Short: "Say which version this is, and with which providers",
		Args:  cobra.NoArgs,
	}, func(context.Context, []string) error {
		if json {
			return a.out().JSON(a.build(), true)
		}
		a.out().Version(a.build())
		return nil
	})
	c.Flags().BoolVar(&json, "json", false, "write JSON")
	return c
}

// build describes this program.
func (a *app) build() view.Build {
	b := view.Build{Version: "dev", Platform: runtime.GOOS + "_" + runtime.GOARCH, Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			b.Version = strings.TrimPrefix(v, "v")
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Revision = s.Value
			}
		}
	}
	if a.env.Version != "" {
		b.Version = a.env.Version
	}
	for _, p := range a.env.Providers {
		_, source := p.(providers.SourceProvider)
		_, destination := p.(providers.DestinationProvider)
		b.Providers = append(b.Providers, view.BuildProvider{Name: p.Name(), Source: source, Destination: destination})
	}
	slices.SortFunc(b.Providers, func(x, y view.BuildProvider) int { return strings.Compare(x.Name, y.Name) })
	return b
}
