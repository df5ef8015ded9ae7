package hcl

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// The providers of the tests declare attributes and cannot be opened.
type (
	named             struct{ name string }
	sourceOnly        struct{ named }
	destinationOnly   struct{ named }
	sourceDestination struct{ sourceOnly }
)

func (n named) Name() string { return n.name }

var errNotOpened = errors.New("not to be opened")

func (s sourceOnly) SourceSpec() hcldec.Spec {
	if s.name != "csv" {
		return databaseSpec()
	}
	return hcldec.ObjectSpec{
		"directory": &hcldec.AttrSpec{Name: "directory", Type: cty.String, Required: true},
		"encoding":  &hcldec.AttrSpec{Name: "encoding", Type: cty.String},
		"delimiter": &hcldec.ValidateSpec{
			Wrapped: &hcldec.AttrSpec{Name: "delimiter", Type: cty.String},
			Func: func(v cty.Value) hcl.Diagnostics {
				if v.IsNull() || len(v.AsString()) == 1 {
					return nil
				}
				return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unsuitable delimiter", Detail: "It is " + v.AsString() + "."}}
			},
		},
	}
}

func (sourceOnly) OpenSource(context.Context, providers.Attributes, string) (providers.Source, error) {
	return nil, errNotOpened
}

func (s sourceDestination) QueryLexis() sqlgen.Lexis {
	return sqlgen.Lexis{DollarQuotes: s.name == "postgres", Casts: s.name == "postgres", Brackets: s.name == "sqlite"}
}

func (sourceDestination) FilterKinds() []value.Kind { return []value.Kind{value.Instant} }

func (destinationOnly) DestinationSpec() hcldec.Spec { return databaseSpec() }

func (destinationOnly) OpenDestination(context.Context, providers.Attributes, string) (providers.Destination, error) {
	return nil, errNotOpened
}

func (sourceDestination) DestinationSpec() hcldec.Spec { return databaseSpec() }

func (sourceDestination) OpenDestination(context.Context, providers.Attributes, string) (providers.Destination, error) {
	return nil, errNotOpened
}

func databaseSpec() hcldec.Spec {
	return hcldec.ObjectSpec{
		"path": &hcldec.AttrSpec{Name: "path", Type: cty.String},
		"url": &hcldec.ValidateSpec{
			Wrapped: &hcldec.AttrSpec{Name: "url", Type: cty.String},
			Func: func(v cty.Value) hcl.Diagnostics {
				if v.IsNull() || strings.HasPrefix(v.AsString(), "postgres://") {
					return nil
				}
				return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unsuitable URL", Detail: "It is " + v.AsString() + "."}}
			},
		},
		"port":    &hcldec.AttrSpec{Name: "port", Type: cty.Number},
		"ratio":   &hcldec.AttrSpec{Name: "ratio", Type: cty.Number},
		"hosts":   &hcldec.AttrSpec{Name: "hosts", Type: cty.List(cty.String)},
		"options": &hcldec.AttrSpec{Name: "options", Type: cty.Map(cty.String)},
	}
}

func testProviders() []providers.Provider {
	return []providers.Provider{
		sourceOnly{named{"csv"}},
		sourceDestination{sourceOnly: sourceOnly{named{"sqlite"}}},
		sourceDestination{sourceOnly: sourceOnly{named{"postgres"}}},
		destinationOnly{named{"bundle"}},
	}
}

func testOptions() Options { return Options{Providers: testProviders(), Version: "1.4.0-rc.1"} }

func writeFile(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// directory writes files, given as name and text in turn.
func directory(t testing.TB, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		writeFile(t, dir, files[i], files[i+1])
	}
	return dir
}

const common = `
source "csv" "rooms" { directory = "data" }
destination "sqlite" "timetable" { path = "timetable.db" }
`

// syncText is a sync of the given name with more arguments and blocks.
func syncText(name, scope, columns, more string) string {
	return `sync "` + name + `" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "` + name + `"
    key   = ["code"]
    scope = ` + scope + `
  }
  columns {
    code = row.code
    ` + columns + `
  }
  ` + more + `
}
`
}

// queryText is a sync whose source is a database; source says what to read.
func queryText(columns, source string) string {
	text := strings.Replace(syncText("s", `{ a = "x" }`, columns, ""), `table = "x"`, source, 1)
	return strings.Replace(text, "source.csv.rooms", "source.sqlite.apogee", 1) + "source \"sqlite\" \"apogee\" { path = \"apogee.db\" }\n"
}

// mustLoad loads a configuration without mistakes.
func mustLoad(t testing.TB, dir string, opts Options) *config.Config {
	t.Helper()
	c, diags := Load(dir, opts)
	if len(diags) > 0 {
		t.Fatalf("unexpected diagnostics:\n%s", detailed(diags))
	}
	return c
}

// failing loads a configuration and returns its diagnostics as text, which must
// hold each of the given parts.
func failing(t testing.TB, dir string, opts Options, parts ...string) string {
	t.Helper()
	_, diags := Load(dir, opts)
	text := detailed(diags)
	if !diags.HasErrors() {
		t.Fatalf("no error:\n%s", text)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("diagnostics lack %q:\n%s", part, text)
		}
	}
	return text
}
