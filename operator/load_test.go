package operator

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
)

// write writes a file that only its owner may write, and the folders above it.
func write(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t testing.TB, text string) (*Policy, error) {
	t.Helper()
	dir := t.TempDir()
	root := filepath.Join(dir, "repository")
	if err := os.Mkdir(root, 0o700); err != nil {
		t.Fatal(err)
	}
	return Load(write(t, filepath.Join(dir, "policy.hcl"), text), root)
}

func mustLoad(t testing.TB, text string) *Policy {
	t.Helper()
	p, err := load(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLoad(t *testing.T) {
	t.Parallel()
	query := "SELECT 1"
	p := mustLoad(t, `
public_variables = ["environment"]
require_approval = 2
pseudonyms       = true
limits {
  plan_timeout      = "30m"
  statement_timeout = "5m"
  max_rows          = 5000000
}
connect "source.oracle.apogee" {
  hosts     = ["Apogee-DB.example.org:1521", "unix:/run/Db", "[2001:db8::1]:99"]
  databases = ["APOPROD"]
  secrets   = ["apogee_password"]
  queries   = ["`+QueryDigest(query)+`"]
  show {
    table   = "room"
    columns = ["code"]
  }
  show {
    table   = "room"
    columns = ["name"]
  }
  show {
    query   = "`+QueryDigest(query)+`"
    columns = ["*"]
  }
}
connect "module.celcat[\"a.b\"].destination.postgres.t" {
  hosts   = ["db.example.org:5432"]
  queries = "any"
  hooks   = "none"
}
connect "notify.webhook.chat" { hosts = ["chat.example.org:443"] }
`)
	if diff := cmp.Diff([]string{"environment"}, p.PublicVariables); diff != "" {
		t.Error(diff)
	}
	if p.RequireApproval != 2 || !p.Pseudonyms || p.Limits != (config.Limits{PlanTimeout: 30 * time.Minute, StatementTimeout: 5 * time.Minute, MaxRows: 5000000}) {
		t.Errorf("%+v", p)
	}
	c := p.connects["source.oracle.apogee"]
	if diff := cmp.Diff([]string{"apogee-db.example.org:1521", "unix:/run/Db", "[2001:db8::1]:99"}, c.hosts); diff != "" {
		t.Error(diff)
	}
	if !c.queries.allow(query) || c.queries.allow(query+" ") || c.hooks.allow(query) {
		t.Error("the queries are not those of the digest alone")
	}
	if got := c.shown("room", ""); got.Hides("code") || got.Hides("name") || !got.Hides("seats") || !got.Hides("CODE") {
		t.Errorf("of the table %+v is shown", got)
	}
	if c.shown("", query).Hides("anything") || !c.shown("", "SELECT 2").Hides("code") || !c.shown("person", "").Hides("code") {
		t.Error("what is shown of queries is not by their digests")
	}
	if other := p.connects[`module.celcat["a.b"].destination.postgres.t`]; !other.queries.allow("SELECT anything") || other.hooks.allow(query) {
		t.Errorf("%+v", other)
	}
}

// All mistakes are told at once, each on its line.
func TestLoadMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`require_aproval = 1`:                                                 `1: Unsupported argument: .*Did you mean "require_approval"`,
		`conect "source.csv.a" {}`:                                            `1: Unsupported block type: .*Did you mean "connect"`,
		`require_approval = 11`:                                               "1: Invalid value: .*whole number from 0 to 10",
		`require_approval = -1`:                                               "1: Invalid value: .*whole number from 0 to 10",
		`unattended = "perhaps"`:                                              "1: Invalid value: .*true or false",
		`require_approval = 1.5`:                                              "1: Invalid value: .*whole number",
		`pseudonyms = "perhaps"`:                                              "1: Invalid value: .*true or false",
		`public_variables = ["a b"]`:                                          "1: Invalid value: .*name of a variable",
		`public_variables = ["a", null]`:                                      "1: Invalid value: .*list of texts",
		`public_variables = [env]`:                                            "1: Variables not allowed",
		`public_variables = file("x")`:                                        "1: Function calls not allowed",
		`trusted_keys = ["ed25519:short"]`:                                    "1: Invalid value: .*public key",
		`trusted_keys = []`:                                                   "1: Invalid value: .*empty",
		"limits {\n  plan_timeout = \"soon\"\n}":                              "2: Invalid value: .*span of time",
		"limits {\n  plan_timeout = \"999ms\"\n}":                             "2: Invalid value: .*a second or more",
		"limits {\n  plan_timeout = \"-1h\"\n}":                               "2: Invalid value: .*span of time",
		"limits {\n  max_rows = -1\n}":                                        "2: Invalid value: .*whole number",
		"limits {}\nlimits {}":                                                "2: Duplicate block",
		`connect "source.*" {}`:                                               "1: Invalid address: .*wildcards",
		`connect "source.csv" {}`:                                             "1: Invalid address",
		`connect {}`:                                                          "1: Missing address for connect",
		"connect \"source.csv.a\" {}\nconnect \"source.csv.a\" {}":            "2: Duplicate block",
		"connect \"source.csv.a\" {\n  host = [\"a:1\"]\n}":                   `2: Unsupported argument: .*Did you mean "hosts"`,
		"connect \"source.csv.a\" {\n  hosts = [\"a\"]\n}":                    "2: Invalid value: .*host and port",
		"connect \"source.csv.a\" {\n  hosts = [\"*.example.org:1\"]\n}":      "2: Invalid value: .*means nothing",
		"connect \"source.csv.a\" {\n  queries = \"all\"\n}":                  "2: Invalid value: .*none",
		"connect \"source.csv.a\" {\n  queries = [\"SELECT 1\"]\n}":           "2: Invalid value: .*digest",
		"connect \"source.csv.a\" {\n  hooks = [\"sha256:ABC\"]\n}":           "2: Invalid value: .*digest",
		"connect \"source.csv.a\" {\n  show {\n    columns = [\"a\"]\n  }\n}": "2: Invalid show block",
		"connect \"source.csv.a\" {\n  show {\n    table = \"a\"\n  }\n}":     "2: Missing required argument",
		"connect \"source.csv.a\" {\n  show {\n    table = \"a\"\n    columns = [\"*\"]\n  }\n  hosts = [\"a:1\"]\n}": "1: Missing databases",
		"pseudonyms = 3\nlimits {\n  max_rows = 0\n}":                                                                 "1: .*\n3: ",
		`a = =`: "1: Invalid expression",
	} {
		_, err := load(t, text)
		var mistakes *config.DiagnosticsError
		if !errors.As(err, &mistakes) {
			t.Errorf("%s: %v, expected diagnostics", text, err)
			continue
		}
		var told strings.Builder
		for _, d := range mistakes.Diagnostics {
			fmt.Fprintf(&told, "%d: %s: %s\n", d.Subject.Start.Line, d.Summary, d.Detail)
			if filepath.Base(d.Subject.File) != "policy.hcl" {
				t.Errorf("%s: the file is %q", text, d.Subject.File)
			}
		}
		if !matches(want, told.String()) {
			t.Errorf("%s:\n%s\nexpected %s", text, told.String(), want)
		}
	}
}

// A policy that whoever changes the configuration could change is refused, by whichever way it is named.
func TestPlaceOfThePolicy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := filepath.Join(dir, "repository", "databases")
	write(t, filepath.Join(dir, "repository", ".git", "HEAD"), "")
	write(t, filepath.Join(root, "main.hcl"), "")
	for _, name := range []string{"repository/databases/policy.hcl", "repository/policy.hcl", "repository/.git/policy.hcl", "beside/policy.hcl"} {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), "")
	}
	links := map[string]string{
		"into.hcl":           "repository/policy.hcl",
		"repository/out.hcl": "beside/policy.hcl",
		"repository/folder":  "beside",
		"folder":             "repository",
		"other":              "repository/databases",
		"beside/good.hcl":    "beside/policy.hcl",
	}
	for at, to := range links {
		if err := os.Symlink(filepath.Join(dir, filepath.FromSlash(to)), filepath.Join(dir, filepath.FromSlash(at))); err != nil {
			t.Fatal(err)
		}
	}
	for name, refused := range map[string]bool{
		"repository/databases/policy.hcl": true, "repository/policy.hcl": true, "repository/.git/policy.hcl": true,
		"into.hcl": true, "repository/out.hcl": true, "repository/folder/policy.hcl": true, "folder/policy.hcl": true,
		"beside/../repository/policy.hcl": true,
		"beside/policy.hcl":               false, "beside/good.hcl": false,
	} {
		for _, from := range []string{root, filepath.Join(dir, "other")} {
			_, err := Load(filepath.Join(dir, filepath.FromSlash(name)), from)
			if refused != (err != nil && strings.Contains(err.Error(), "outside of the repository")) || !refused && err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, err := Load(filepath.Join(dir, "none.hcl"), root); err == nil {
		t.Error("a missing policy is no policy")
	}
}

// What the policy and the configuration's settings have in common is read by the same rules.
func TestSettingsAreReadAlike(t *testing.T) {
	t.Parallel()
	const key = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	for text, fine := range map[string]bool{
		"require_approval = 0":                              true,
		"require_approval = 10":                             true,
		"require_approval = 11":                             false,
		"require_approval = -1":                             false,
		`trusted_keys = ["` + key + `"]`:                    true,
		`trusted_keys = ["` + key + `="]`:                   true,
		`trusted_keys = ["` + key + `=="]`:                  false,
		`trusted_keys = ["` + key[:40] + `"]`:               false,
		"trusted_keys = []":                                 false,
		"limits {\n  plan_timeout = \"30d\"\n}":             true,
		"limits {\n  plan_timeout = \"1s\"\n}":              true,
		"limits {\n  plan_timeout = \"999ms\"\n}":           false,
		"limits {\n  plan_timeout = \"1.5d\"\n}":            false,
		"limits {\n  statement_timeout = \"-2h\"\n}":        false,
		"limits {\n  max_rows = 9223372036854775807\n}":     true,
		"limits {\n  max_rows = 9223372036854775808\n}":     false,
		"limits {\n  max_rows = 0\n}":                       false,
		"limits {\n  max_rows = 1.5\n}":                     false,
		"limits {\n  plan_timeout = \"1h\"\n}\nlimits {\n}": false,
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "main.hcl"), "registrar {\n"+text+"\n}\n")
		cfg, diags := hcl.Load(dir, hcl.Options{Providers: known(), Version: "0.1.0"})
		if diags.HasErrors() == fine {
			t.Errorf("of a configuration, %s: %v", text, diags)
		}
		p, err := load(t, text)
		switch {
		case (err == nil) != fine:
			t.Errorf("of a policy, %s: %v", text, err)
		case fine && (p.Limits != cfg.Settings.Limits || p.RequireApproval != cfg.Settings.RequireApproval || len(p.TrustedKeys) != len(cfg.Settings.TrustedKeys)):
			t.Errorf("%s: the policy has %+v, the configuration %+v", text, p, cfg.Settings)
		}
	}
}

// Only a policy that says so keeps a configuration from being applied unattended.
func TestUnattended(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": true, "unattended = true": true, "unattended = false": false} {
		if got := mustLoad(t, text).Unattended; got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
