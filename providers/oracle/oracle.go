// Package oracle reads from Oracle databases, from version 9 on, and keeps their tables in step, from version 19 on. The
// destination's half has not yet been run against a real server: golden files, a grammar and a double of the
// protocol hold it.
//
// Every session has the same settings, whatever the server's and the client's: ISO
// dates, a point in numbers, binary comparison, the database's own time zone. A
// snapshot is one transaction, SET TRANSACTION READ ONLY, on a connection of its own.
//
// The driver, go-ora, is kept at 2.8.24 and never used directly: session.go closes
// what would let it give a wrong answer, or replace a character, without an error.
//
// What the server says goes into errors only as far as it cannot quote a row: see
// Error.
package oracle

import (
	"context"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Provider is the provider "oracle".
type Provider struct{}

var (
	_ providers.SourceProvider = (*Provider)(nil)
	_ providers.QueryRunner    = (*Provider)(nil)
	_ providers.QueryChecker   = (*Provider)(nil)
	_ providers.Filterer       = (*Provider)(nil)
)

// New returns the provider.
func New() *Provider { return &Provider{} }

// Name returns "oracle".
func (*Provider) Name() string { return "oracle" }

// SourceSpec declares the attributes of source "oracle" blocks.
func (*Provider) SourceSpec() hcldec.Spec { return spec() }

// OpenSource checks the attributes. It connects only for a snapshot.
func (*Provider) OpenSource(_ context.Context, attributes providers.Attributes, dir string) (providers.Source, error) {
	settings, err := parse(attributes, dir)
	if err != nil {
		return nil, err
	}
	return newSource(settings), nil
}

// QueryLexis implements providers.QueryRunner. # is a letter of names, @ leads to another database.
func (*Provider) QueryLexis() sqlgen.Lexis { return sqlgen.Lexis{Operators: true} }

// CheckQuery implements providers.QueryChecker.
func (*Provider) CheckQuery(text string) error {
	if err := (*engine)(nil).Precheck(text); err != nil {
		return err
	}
	return (*engine)(nil).CheckQuery(text)
}

// FilterKinds implements providers.Filterer.
func (*Provider) FilterKinds() []value.Kind { return providers.GrowingKinds() }
