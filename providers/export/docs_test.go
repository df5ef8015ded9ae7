package export_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/providers/xlsx"
)

// section is a section of the manual.
func section(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/providers.md")
	if err != nil {
		t.Fatal(err)
	}
	_, found, ok := strings.Cut(string(text), "\n## "+name+"\n")
	if !ok {
		t.Fatalf("the manual has no section %s", name)
	}
	found, _, _ = strings.Cut(found, "\n## ")
	return found
}

func examples(t *testing.T, text, block, provider string, spec hcldec.Spec, want int) {
	t.Helper()
	found := regexp.MustCompile(`(?ms)^`+block+` "`+provider+`" "\w+" \{\n(.*?)^\}`).FindAllStringSubmatch(text, -1)
	if len(found) != want {
		t.Errorf("%d examples of %s %s, want %d", len(found), block, provider, want)
	}
	for _, example := range found {
		file, diags := hclsyntax.ParseConfig([]byte(example[1]), "x.hcl", hcl.InitialPos)
		if !diags.HasErrors() {
			_, diags = hcldec.Decode(file.Body, spec, nil)
		}
		if len(diags) > 0 {
			t.Errorf("%s\n%v", example[1], diags)
		}
	}
}

// The manual names every attribute, and its examples are what the specs accept.
func TestManual(t *testing.T) {
	t.Parallel()
	exports := section(t, "exports")
	for provider, spec := range map[string]hcldec.Spec{
		"csv": export.New(csv.New(), sqlite.New()).DestinationSpec(), "xlsx": export.New(xlsx.New(), sqlite.New()).DestinationSpec(),
	} {
		for _, attribute := range hcldec.ImpliedSchema(spec).Attributes {
			if !regexp.MustCompile("(?m)^\\| .*`" + attribute.Name + "`").MatchString(exports) {
				t.Errorf("the manual lacks %s of %s", attribute.Name, provider)
			}
		}
		examples(t, exports, "destination", provider, spec, 1)
	}
	sources := section(t, "xlsx")
	for _, attribute := range hcldec.ImpliedSchema(xlsx.New().SourceSpec()).Attributes {
		if !regexp.MustCompile("(?m)^\\| .*`" + attribute.Name + "`").MatchString(sources) {
			t.Errorf("the manual lacks %s of xlsx", attribute.Name)
		}
	}
	examples(t, sources, "source", "xlsx", xlsx.New().SourceSpec(), 2)
}

// Mistakes are found where they stand.
func TestSpecRefuses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`directory = "out"` + "\n" + `line_end = "cr"`: "Invalid line end",
		`directory = "out"` + "\n" + `register = ""`:   "Invalid register",
		`directory = ""`:  "Invalid directory",
		`delimiter = ","`: "Missing required argument",
		`directory = "out"` + "\n" + `columns = ["a"]`:                "Unsupported argument",
		`directory = "out"` + "\n" + `null = "a,b"`:                   "Contradictory csv destination",
		`directory = "out"` + "\n" + `types = { a = "number" }`:       "Invalid types",
		`directory = "out"` + "\n" + "delimiter = \"'\"\nquote=\"'\"": "Contradictory csv destination",
	} {
		file, diags := hclsyntax.ParseConfig([]byte(body), "x.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		_, diags = hcldec.Decode(file.Body, export.New(csv.New(), sqlite.New()).DestinationSpec(), nil)
		if len(diags) == 0 || diags[0].Summary != want && (len(diags) < 2 || diags[1].Summary != want) {
			t.Errorf("%s\n%v, want %s", body, diags, want)
		}
		for _, d := range diags {
			if d.Subject == nil {
				t.Errorf("%s: %s has no place", body, d.Summary)
			}
		}
	}
}
