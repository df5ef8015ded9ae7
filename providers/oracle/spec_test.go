package oracle_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclparse"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/oracle"
)

func TestSpec(t *testing.T) {
	t.Parallel()
	for block, want := range map[string]string{
		`host = "h", service = "S", user = "u", password = "p"`:                                                      "",
		`host = "h", sid = "S", user = "u", password = "p", port = 1522, tls = true, wallet = "w", read_timeout = 1`: "",
		`host = "h", service = "S.example.org", user = "u", tls = true, wallet = "w"`:                                "",
		`service = "S", user = "u", password = "p"`:                                                                  "host is required",
		`host = "h", service = "S", password = "p"`:                                                                  "user is required",
		`host = "h", user = "u", password = "p"`:                                                                     "service is required",
		`host = "h", service = "S", sid = "S", user = "u", password = "p"`:                                           "service and sid both name the database",
		`host = "h", service = "S", user = "u", password = "p", wallet = "w"`:                                        "wallet is of no use without tls",
		`host = "h", service = "S)(SERVER=x", user = "u", password = "p"`:                                            "service is a name of letters",
		`host = "h", service = "S", user = "u", password = "p", port = 70000`:                                        "port must be a whole number from 1 to 65535",
		`host = "h", service = "S", user = "u", password = "p", prefetch_rows = 0`:                                   "prefetch_rows must be a whole number from 1 to 20000",
		`host = "h", service = "S", user = "u", password = "p", session_timezone = "UTC"`:                            "Unsupported argument",
	} {
		file, diags := hclparse.NewParser().ParseHCL([]byte(strings.ReplaceAll(block, ", ", "\n")), "test.hcl")
		if !diags.HasErrors() {
			_, diags = hcldec.Decode(file.Body, oracle.New().SourceSpec(), nil)
		}
		var got []string
		for _, d := range diags {
			if d.Severity == hcl.DiagError {
				got = append(got, d.Summary+": "+d.Detail)
			}
		}
		if text := strings.Join(got, "\n"); want == "" && text != "" || !strings.Contains(text, want) || len(got) > 1 {
			t.Errorf("%s: got %q, want %q", block, got, want)
		}
	}
}

func TestAttributesAreCheckedAgainWhenOpened(t *testing.T) {
	t.Parallel()
	good := providers.Attributes{"host": "h", "service": "S", "user": "u", "password": "p"}
	for _, change := range []providers.Attributes{{"host": ""}, {"host": "h)(PORT=1"}, {"service": ""}, {"service": "a)b"}, {"sid": "S"}, {"user": ""}, {"password": ""}} {
		given := maps.Clone(good)
		maps.Copy(given, change)
		if _, err := oracle.New().OpenSource(t.Context(), given, "."); err == nil {
			t.Errorf("%v was taken", change)
		}
	}
	missing := providers.Attributes{"host": "127.0.0.1", "service": "S", "user": "u", "password": "Zyx91827", "tls": true, "wallet": "no-such-wallet"}
	dir := t.TempDir()
	source, err := oracle.New().OpenSource(t.Context(), missing, dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = source.Snapshot(t.Context())
	wantError(t, err, filepath.Join(dir, "no-such-wallet"))
}
