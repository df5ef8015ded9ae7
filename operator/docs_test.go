package operator

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/hcl"
)

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The policies in the documentation load, and are formatted.
func TestDocumentedPolicies(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		for _, block := range regexp.MustCompile("(?s)<!-- policy -->\n```terraform\n(.*?)```").FindAllStringSubmatch(readText(t, file), -1) {
			found++
			mustLoad(t, block[1])
			if out, diags := hcl.Format([]byte(block[1]), "policy.hcl"); diags.HasErrors() || string(out) != block[1] {
				t.Errorf("%s: it is not formatted:\n%s", file, out)
			}
		}
	}
	if found == 0 {
		t.Error("no policy is documented")
	}
}

// Each claim of the threat model names a test, and each of these is there.
func TestClaimsAreTested(t *testing.T) {
	t.Parallel()
	var tests strings.Builder
	err := filepath.WalkDir("..", func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, "_test.go") {
			tests.WriteString(readText(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	claims, inTable := 0, false
	for line := range strings.SplitSeq(readText(t, filepath.Join("..", "docs", "security.md")), "\n") {
		named := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(line, -1)
		switch {
		case !strings.HasPrefix(line, "|"):
			inTable = false
		case strings.HasSuffix(line, "| shown by |"):
			inTable = true
		case inTable && !strings.HasPrefix(line, "|---"):
			claims++
			if len(named) == 0 {
				t.Errorf("no test: %s", line)
			}
		}
		for _, name := range named {
			if !strings.Contains(tests.String(), "func "+name[1]+"(") {
				t.Errorf("there is no %s", name[1])
			}
		}
	}
	if claims < 20 {
		t.Errorf("only %d claims are made", claims)
	}
}
