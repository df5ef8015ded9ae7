package plan

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
)

func openSource(ctx context.Context, known []providers.Provider, c *config.Connection, dir string) (providers.Source, error) {
	for _, p := range known {
		if provider, ok := p.(providers.SourceProvider); ok && p.Name() == c.Provider {
			source, err := provider.OpenSource(ctx, c.Attributes, dir)
			if err != nil {
				return nil, fmt.Errorf("open %s: %w", c.Address, err)
			}
			return source, nil
		}
	}
	return nil, fmt.Errorf("open %s: provider %q cannot be a source", c.Address, c.Provider)
}

// OpenDestination opens a destination block.
func OpenDestination(ctx context.Context, known []providers.Provider, c *config.Connection, dir string) (providers.Destination, error) {
	for _, p := range known {
		if provider, ok := p.(providers.DestinationProvider); ok && p.Name() == c.Provider {
			destination, err := provider.OpenDestination(ctx, c.Attributes, dir)
			if err != nil {
				return nil, fmt.Errorf("open %s: %w", c.Address, err)
			}
			return destination, nil
		}
	}
	return nil, fmt.Errorf("open %s: provider %q cannot be a destination", c.Address, c.Provider)
}
