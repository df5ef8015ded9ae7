// Package operator is the operator's policy: a file outside of the repository that says what a
// configuration may reach, which secrets it may give to whom, and which values outputs may show.
// A configuration under review can make all of that narrower, and none of it wider.
package operator

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/registrar-sync/registrar/config"
)

// Policy is a loaded policy file.
type Policy struct {
	// Path is the file.
	Path string
	// PublicVariables are those whose values, though given from outside, may be shown.
	PublicVariables []string
	// TrustedKeys take the place of the configuration's where there are any.
	TrustedKeys []ed25519.PublicKey
	// RequireApproval is the least that the configuration may ask for.
	RequireApproval int
	Limits          config.Limits
	// Unattended: what applies without anybody looking (run, serve) may be run with the configuration; true unless the
	// file says otherwise.
	Unattended bool
	// Pseudonyms: in speculative plans, too, masked keys are told apart.
	Pseudonyms bool

	connects map[string]*connect // by address
	// warnings are what Restrict tells of the file itself.
	warnings config.Diagnostics
}

// connect is a connect block: what one block of the configuration may do.
type connect struct {
	address string
	// hosts and databases are as Location has them; no databases: any.
	hosts, databases []string
	// paths are as written.
	paths   []string
	secrets []string
	// queries are of a source, or of checks on a destination; hooks of a destination.
	queries, hooks statements
	// anyLayout: the block may say where in files outside of the root the names of columns stand.
	anyLayout bool
	shows     []show
}

// statements are texts of SQL that may be run: any, or those of these digests.
type statements struct {
	any     bool
	digests []string
}

func (s statements) allow(text string) bool {
	return s.any || slices.Contains(s.digests, QueryDigest(text))
}

// show is a show block: columns of a table or of a query's result. One of table and query is set.
type show struct {
	table, query string
	columns      config.Shown
}

// QueryDigest is by what a policy names a statement: "sha256:" and 64 hexadecimal digits, of its text as the
// configuration holds it.
func QueryDigest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// shown unites the show blocks for a table, or for a query of that text. Where there are none, nothing is shown.
func (c *connect) shown(table, query string) *config.Shown {
	out := &config.Shown{}
	if c == nil {
		return out
	}
	for _, s := range c.shows {
		if query != "" && s.query == QueryDigest(query) || query == "" && s.table != "" && s.table == table {
			out.All = out.All || s.columns.All
			out.Columns = append(out.Columns, s.columns.Columns...)
		}
	}
	return out
}
