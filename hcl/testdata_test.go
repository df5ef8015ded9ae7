package hcl

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
)

// TestTestdata loads each case of testdata and compares the diagnostics with the
// comments on the lines at fault. A case is a directory, or a file to which
// common.hcl is added.
func TestTestdata(t *testing.T) {
	for _, kind := range []string{"valid", "warning", "error"} {
		entries, err := os.ReadDir(filepath.Join("testdata", kind))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			t.Run(kind+"/"+entry.Name(), func(t *testing.T) {
				dir := filepath.Join("testdata", kind, entry.Name())
				if !entry.IsDir() {
					dir = caseOf(t, dir)
				}
				_, diags := Load(dir, testOptions())
				want := expectations(t, dir)
				if got := spelled(diags); !slices.Equal(got, want) {
					t.Errorf("diagnostics (-want +got):\n%s\n%s", cmp.Diff(want, got), detailed(diags))
				}
				if diags.HasErrors() != (kind == "error") || len(diags) > 0 != (kind != "valid") {
					t.Errorf("the case is not of kind %s:\n%s", kind, detailed(diags))
				}
			})
		}
	}
}

func caseOf(t *testing.T, file string) string {
	t.Helper()
	dir := t.TempDir()
	for name, from := range map[string]string{"main.hcl": file, "aa_common.hcl": "testdata/common.hcl"} {
		src, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, dir, name, string(src))
	}
	return dir
}

var expectation = regexp.MustCompile(`(ERROR|WARNING): ([^;\n]+)`)

// expectations reads the comments # ERROR: summary; ERROR: summary of a directory and of
// the modules within it.
func expectations(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".hcl" {
			return err
		}
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, file)
		for n, line := range strings.Split(string(src), "\n") {
			_, comment, _ := strings.Cut(line, "# ")
			for _, m := range expectation.FindAllStringSubmatch(comment, -1) {
				out = append(out, fmt.Sprintf("%s:%d: %s: %s", filepath.ToSlash(name), n+1, strings.ToLower(m[1]), strings.TrimSpace(m[2])))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func spelled(diags config.Diagnostics) []string {
	var out []string
	for _, d := range diags {
		out = append(out, fmt.Sprintf("%s: %s: %s", d.Subject, d.Severity, d.Summary))
	}
	slices.Sort(out)
	return out
}

func detailed(diags config.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%s: %s: %s; %s\n", d.Subject, d.Severity, d.Summary, d.Detail)
	}
	return b.String()
}
