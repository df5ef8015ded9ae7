// Package postgres reads from and keeps in step PostgreSQL databases: from version
// 13 as a destination, from whatever pgx can talk to as a source.
//
// Every session has the same settings, whatever the server's and the role's: UTC,
// ISO dates, hexadecimal bytea, floats with all their digits. The dialect's
// canonical texts rely on them. Nothing is read from the environment (PGHOST,
// PGPASSWORD, …), from ~/.pgpass or from service files: a configuration alone
// says where to connect, and it can send no secret that it does not hold itself.
//
// What the server says goes into errors only as far as it cannot quote a row: see
// Error.
package postgres

import (
	"context"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/providers"
)

// Provider is the provider "postgres".
type Provider struct{}

var (
	_ providers.SourceProvider      = (*Provider)(nil)
	_ providers.DestinationProvider = (*Provider)(nil)
)

// New returns the provider.
func New() *Provider { return &Provider{} }

// Name returns "postgres".
func (*Provider) Name() string { return "postgres" }

// SourceSpec declares the attributes of source "postgres" blocks.
func (*Provider) SourceSpec() hcldec.Spec { return spec() }

// DestinationSpec declares the attributes of destination "postgres" blocks: the
// same as for sources.
func (*Provider) DestinationSpec() hcldec.Spec { return spec() }

// OpenSource checks the attributes. It connects only for a snapshot.
func (*Provider) OpenSource(_ context.Context, attributes providers.Attributes, dir string) (providers.Source, error) {
	settings, err := parse(attributes, dir)
	if err != nil {
		return nil, err
	}
	config, err := settings.config(sessionParams())
	if err != nil {
		return nil, err
	}
	return &source{settings: settings, config: config}, nil
}

// OpenDestination connects and refuses servers older than version 13.
func (*Provider) OpenDestination(ctx context.Context, attributes providers.Attributes, dir string) (providers.Destination, error) {
	settings, err := parse(attributes, dir)
	if err != nil {
		return nil, err
	}
	config, err := settings.config(destinationParams())
	if err != nil {
		return nil, err
	}
	return openDestination(ctx, settings, config)
}
