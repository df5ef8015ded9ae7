package examples_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/examples"
	"github.com/registrar-sync/registrar/internal/cli"
)

// registrar runs one command line in dir, as main does.
func registrar(t testing.TB, dir string, args ...string) (output string, code int) {
	t.Helper()
	var out, problems bytes.Buffer
	code = cli.Run(t.Context(), cli.Environment{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &problems, Dir: dir,
		Now: func() time.Time { return september }, NewID: uuid.NewString, Author: "test", Version: "0.1.0",
		Providers: known(), Examples: examples.FS,
	})
	if problems.Len() > 0 {
		t.Logf("registrar %s wrote to standard error:\n%s", strings.Join(args, " "), problems.String())
	}
	return out.String(), code
}

// The plan in README.md is what the demo prints; that of README.fr.md is the same (TestTranslations).
func TestReadmePlan(t *testing.T) {
	t.Parallel()
	output, code := registrar(t, t.TempDir(), "demo", "--dir", "demo")
	if code != 0 {
		t.Fatalf("the demo ended with %d:\n%s", code, output)
	}
	shown := 0
	for _, f := range fences(t, "../README.md") {
		if f.mark != "demo" {
			continue
		}
		rest := output
		for part := range strings.SplitSeq(f.text, "⋮\n") {
			_, after, found := strings.Cut(rest, part)
			if !found {
				t.Errorf("README.md:%d shows what the demo does not print (here):\n%s\nthe demo prints:\n%s", f.line, part, output)
				break
			}
			rest = after
			shown++
		}
	}
	if shown == 0 {
		t.Error("README.md shows no plan")
	}
}

// Each command of the way from files to an applied plan does its part, with the exit
// code that scripts rely on.
func TestCommands(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, "sifac", "zebu.db")
	for _, step := range []struct {
		args []string
		code int
	}{
		{[]string{"fmt", "--check"}, 0},
		{[]string{"validate"}, 0},
		{[]string{"plan"}, 1}, // no register yet
		{[]string{"init"}, 0},
		{[]string{"plan", "--speculative", "--out", "look.plan", "--detailed-exitcode"}, 2},
		{[]string{"apply", "look.plan"}, 1},
		{[]string{"plan", "--out", "run.plan"}, 0},
		{[]string{"show", "run.plan"}, 0},
		{[]string{"apply", "run.plan"}, 0},
		{[]string{"apply", "run.plan"}, 1},
		{[]string{"plan", "--detailed-exitcode"}, 0},
		{[]string{"prune"}, 0},
	} {
		if output, code := registrar(t, w.dir, step.args...); code != step.code {
			t.Fatalf("registrar %s ended with %d, want %d:\n%s", strings.Join(step.args, " "), code, step.code, output)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// Links between files lead somewhere, to a heading that is there.
func TestLinks(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob("*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(pages(t), found...) {
		for _, match := range link.FindAllStringSubmatch(readFile(t, file), -1) {
			name, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(name, "://") {
				continue
			}
			target := file
			if name != "" {
				target = filepath.Join(filepath.Dir(file), filepath.FromSlash(name))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s leads nowhere", file, match[1])
				continue
			}
			if anchor != "" && !hasHeading(readFile(t, target), anchor) {
				t.Errorf("%s: %s has no such heading", file, match[1])
			}
		}
	}
}

// hasHeading looks for the heading that GitHub gives that anchor.
func hasHeading(page, anchor string) bool {
	for line := range strings.SplitSeq(page, "\n") {
		title := strings.TrimLeft(line, "#")
		if title == line || !strings.HasPrefix(title, " ") {
			continue
		}
		slug := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return r
			}
			return -1
		}, strings.ToLower(strings.TrimSpace(title)))
		if slug == anchor {
			return true
		}
	}
	return false
}
