package csv_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/providers/csv"
)

// The manual names every attribute, and its examples are what the spec accepts.
func TestManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/providers.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## csv\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, attribute := range hcldec.ImpliedSchema(csv.New().SourceSpec()).Attributes {
		if !regexp.MustCompile("(?m)^\\| .*`" + attribute.Name + "`").MatchString(section) {
			t.Errorf("the manual lacks %s", attribute.Name)
		}
	}
	examples := regexp.MustCompile("(?s)```hcl\nsource \"csv\" \"\\w+\" \\{\n(.*?)\n\\}\n```").FindAllStringSubmatch(section, -1)
	if len(examples) < 2 {
		t.Errorf("%d examples", len(examples))
	}
	for _, example := range examples {
		if _, diags := decode(t, example[1], nil); len(diags) > 0 {
			t.Errorf("%s\n%v", example[1], diags)
		}
	}
}
