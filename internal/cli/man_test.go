package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestManualPages(t *testing.T) {
	c := newConsole(t)
	c.Environ = append(c.Environ, "SOURCE_DATE_EPOCH=1800000000")
	write := func(dir string) map[string]string {
		t.Helper()
		if code := c.run(t.Context(), "man", dir); code != 0 {
			t.Fatalf("man ends with %d: %s", code, c.err.String())
		}
		pages := map[string]string{}
		for _, path := range glob(t, filepath.Join(c.Dir, dir, "*")) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			pages[filepath.Base(path)] = string(text)
		}
		return pages
	}
	pages, again := write("man1"), write("nested/man1")
	root := (&app{env: c.Environment}).root()
	root.InitDefaultCompletionCmd()
	var check func(command *cobra.Command)
	known := 0
	check = func(command *cobra.Command) {
		known++
		name := strings.ReplaceAll(command.CommandPath(), " ", "-") + ".1"
		page := pages[name]
		if again[name] != page {
			t.Errorf("%s is another one the second time", name)
		}
		for _, want := range []string{
			`.TH "` + strings.ToUpper(strings.TrimSuffix(name, ".1")) + `" "1" "2027-01-15" "registrar 0.1.0" "registrar"`,
			".SH NAME\n", troff(command.Short), ".SH SYNOPSIS\n", ".SH DESCRIPTION\n", ".SH SEE ALSO\n",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
		for _, sub := range command.Commands() {
			if sub.Name() != "help" {
				check(sub)
				if !strings.Contains(page, `\fB`+troff(pageName(sub))+`\fR(1)`) {
					t.Errorf("%s does not name %s", name, sub.CommandPath())
				}
			}
		}
	}
	check(root)
	if len(pages) != known {
		t.Errorf("%d pages of %d commands", len(pages), known)
	}
	if page := pages["registrar-plan.1"]; !strings.Contains(page, ".TP\n\\fB\\-\\-out\\fR \\fIFILE\\fR\nsave the plan as FILE, for apply\n") {
		t.Errorf("an option is not described:\n%s", page)
	}
	for _, want := range []string{".SH EXIT STATUS", ".SH ENVIRONMENT", `\fBREGISTRAR_POLICY\fR`, `\fB\-\-chdir\fR \fIDIR\fR`} {
		if !strings.Contains(pages["registrar.1"], want) {
			t.Errorf("the overview does not say %q", want)
		}
	}
	order := regexp.MustCompile(`^(\.(TH|SH|TP|PP|nf|fi)( .*)?|[^.'].*|)$`)
	for name, page := range pages {
		for line := range strings.Lines(page) {
			if line = strings.TrimSuffix(line, "\n"); !order.MatchString(line) || strings.ContainsFunc(line, func(r rune) bool { return r >= 0x80 }) {
				t.Errorf("%s: troff does not know %q", name, line)
			}
		}
	}
	lint(t, filepath.Join(c.Dir, "man1"))
}

// lint has groff read the pages, where it is: it has the last word on what is one.
func lint(t *testing.T, dir string) {
	t.Helper()
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Log("without groff the pages are only looked at, above")
		return
	}
	args := append([]string{"-man", "-Tutf8", "-ww", "-z"}, glob(t, filepath.Join(dir, "*.1"))...)
	if out, err := exec.CommandContext(t.Context(), groff, args...).CombinedOutput(); err != nil || strings.Contains(string(out), "warning") {
		t.Errorf("groff: %v\n%s", err, out)
	}
}

func TestManualPagesRefuse(t *testing.T) {
	c := newConsole(t)
	if err := os.WriteFile(filepath.Join(c.Dir, "file"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := c.run(t.Context(), "man", "file"); code != 1 || !strings.Contains(c.err.String(), "is a file: expected a folder") {
		t.Errorf("man ends with %d: %s", code, c.err.String())
	}
	c.Environ = append(c.Environ, "SOURCE_DATE_EPOCH=yesterday")
	if code := c.run(t.Context(), "man", "folder"); code != 1 || !strings.Contains(c.err.String(), "expected seconds since 1970") {
		t.Errorf("man ends with %d: %s", code, c.err.String())
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
