// Package mysql reads from MariaDB and MySQL databases.
//
// Every session has the same settings, whatever the server's and the user's: clocks
// show UTC; the SQL mode is ONLY_FULL_GROUP_BY alone, so that a query is read as MySQL reads it by
// default ("…" and '…' are texts, a backslash escapes, `…` is a name), and none shows an arbitrary row
// of a group; results are neither cut
// nor ended by a time limit of the server's. Answers come by the binary protocol: the
// text protocol rounds a FLOAT to six digits. Nothing is read from the environment or from option
// files: a configuration alone says where to connect.
//
// A value that is none of its column's type stays the text that the server shows, for
// the mapping or the destination to judge: the dates 0000-00-00 and 2026-02-00, and a TIME
// that is no time of day, such as -12:00:00 or 25:00:00. TINYINT(1) is a number, as are all its
// siblings: BOOLEAN is only another name for it; destinations take 0 and 1 for false and true.
//
// What the server says goes into errors only as far as it cannot quote a row: see
// Error.
package mysql

import (
	"context"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Provider is the provider "mysql".
type Provider struct{}

var (
	_ providers.SourceProvider = (*Provider)(nil)
	_ providers.QueryRunner    = (*Provider)(nil)
	_ providers.QueryChecker   = (*Provider)(nil)
	_ providers.Filterer       = (*Provider)(nil)
)

// New returns the provider.
func New() *Provider { return &Provider{} }

// Name returns "mysql".
func (*Provider) Name() string { return "mysql" }

// SourceSpec declares the attributes of source "mysql" blocks.
func (*Provider) SourceSpec() hcldec.Spec { return spec() }

// OpenSource checks the attributes. It connects only for a snapshot.
func (*Provider) OpenSource(_ context.Context, attributes providers.Attributes, dir string) (providers.Source, error) {
	settings, err := parse(attributes, dir)
	if err != nil {
		return nil, err
	}
	return newSource(settings), nil
}

// QueryLexis implements providers.QueryRunner.
func (*Provider) QueryLexis() sqlgen.Lexis { return lexis() }

// CheckQuery implements providers.QueryChecker.
func (*Provider) CheckQuery(text string) error { return checkQuery(text) }

// FilterKinds implements providers.Filterer.
func (*Provider) FilterKinds() []value.Kind { return providers.GrowingKinds() }
