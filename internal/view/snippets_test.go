package view_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// jobs are the scripts of the pipelines in docs/reviews.md, as the platforms' shells get them.
func jobs(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "reviews.md"))
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for name, of := range map[string]struct{ from, to, prefix string }{
		"GitLab": {"\n  script:\n", "\n  allow_failure:", "    - "},
		"GitHub": {"\n- run: |\n", "\n- uses:", "    "},
	} {
		_, after, found := strings.Cut(string(text), of.from)
		script, _, ended := strings.Cut(after, of.to)
		if !found || !ended {
			t.Fatalf("no script for %s", name)
		}
		for line := range strings.Lines(script + "\n") {
			line = strings.TrimPrefix(line, of.prefix)
			list[name] += strings.TrimSuffix(line, "\n") + "\n"
		}
	}
	return list
}

// What the documentation has a job do shows a plan that is held, and ends as the plan does.
func TestPipelinesOfTheDocumentation(t *testing.T) {
	for name, script := range jobs(t) {
		for _, test := range []struct {
			status string
			shown  bool
		}{{"0", true}, {"3", true}, {"1", false}} {
			dir := t.TempDir()
			program := "#!/bin/sh\n" + `[ "$1" = plan ] && echo "$@" >compared && exit ` + test.status + "\necho shown\nexit " + test.status + "\n"
			for file, text := range map[string]string{"registrar": program, "git": "#!/bin/sh\n"} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script)
			cmd.Dir = dir
			cmd.Env = []string{"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH"), "GITHUB_STEP_SUMMARY=summary.md", "CI_MERGE_REQUEST_DIFF_BASE_SHA=base", "CI_JOB_URL=url"}
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); (code != 0) != (err != nil) || test.status != string(rune('0'+code)) {
				t.Errorf("%s: a plan that ends with %s ends the job with %d: %s", name, test.status, code, out)
			}
			comment, _ := os.ReadFile(filepath.Join(dir, "comment.md"))
			if shown := string(comment) == "shown\n"; shown != test.shown {
				t.Errorf("%s: after a plan that ends with %s the comment is %q", name, test.status, comment)
			}
			compared, _ := os.ReadFile(filepath.Join(dir, "compared"))
			if want := map[string]string{"GitLab": "--compare-config base ", "GitHub": "--compare-config HEAD^1 "}[name]; !strings.Contains(string(compared), want) {
				t.Errorf("%s: planned as %q, want %q", name, compared, want)
			}
		}
	}
}
