// Package mssql reads from SQL Server databases, from version 2005 on, and keeps those of version 2016 and
// later in step.
//
// A source reads in a transaction that is never committed: at the isolation level SNAPSHOT
// where the database allows it, else READ COMMITTED, which reads no uncommitted
// rows but may show two tables as of different moments (Examine says which). Nothing is
// ever read WITH (NOLOCK). SQL Server has no read-only transaction, so a query that would write is
// refused by its words: see check.go.
//
// Every session has the same settings, whatever the server's and the login's. Nothing is read
// from the environment or from files other than the one named by ca_file.
//
// A destination's staging tables lie in a schema of their own, and are filled by the driver's bulk copy. It reads and
// writes at the isolation level SNAPSHOT, or SERIALIZABLE where the database does not allow that: see
// Begin. An identity is numbered by the server only: it cannot be mapped.
//
// What the server says goes into errors only as far as it cannot quote a row: see Error.
package mssql

import (
	"context"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// Provider is the provider "mssql".
type Provider struct{}

var (
	_ providers.SourceProvider = (*Provider)(nil)
	_ providers.QueryRunner    = (*Provider)(nil)
	_ providers.QueryChecker   = (*Provider)(nil)
	_ providers.Filterer       = (*Provider)(nil)
)

// New returns the provider.
func New() *Provider { return &Provider{} }

// Name returns "mssql".
func (*Provider) Name() string { return "mssql" }

// SourceSpec declares the attributes of source "mssql" blocks.
func (*Provider) SourceSpec() hcldec.Spec { return spec() }

// OpenSource checks the attributes. It connects only for a snapshot.
func (*Provider) OpenSource(_ context.Context, attributes providers.Attributes, dir string) (providers.Source, error) {
	settings, err := parse(attributes, dir)
	if err != nil {
		return nil, err
	}
	return newSource(settings), nil
}

// QueryLexis implements providers.QueryRunner. QUOTED_IDENTIFIER is on.
func (*Provider) QueryLexis() sqlgen.Lexis {
	return sqlgen.Lexis{NestedComments: true, Brackets: true}
}

// CheckQuery implements providers.QueryChecker.
func (*Provider) CheckQuery(text string) error { return engine{}.CheckQuery(text) }

// FilterKinds implements providers.Filterer.
func (*Provider) FilterKinds() []value.Kind { return providers.GrowingKinds() }

// source is a database to read from.
type source struct {
	*sqlsource.Source
	settings *settings
	tls      *tlsState
}

func newSource(s *settings) *source {
	state := &tlsState{}
	return &source{
		Source: &sqlsource.Source{
			Engine:  engine{lockTimeout: s.lockTimeout()},
			Connect: func(ctx context.Context) (*sqlsource.Link, error) { return s.connect(ctx, state) },
			Name:    s.identity(),
		},
		settings: s,
		tls:      state,
	}
}
