package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const completed = `variable "host" {
  type    = string
  default = "h"
}
source "csv" "files" {
  directory = "data"
}
destination "sqlite" "main" {
  path = "not-there.db"
}
faculty "hss" {
  code = "H"
}
schedule "nightly" {
  at = ["02:00"]
}
notify "webhook" "chat" {
  url = "https://chat.example.org/hook"
  on  = ["failure"]
}
sync "rooms" {
  for_each = toset(["hss", "law"])
  source {
    from  = source.csv.files
    table = "room"
  }
  destination {
    into  = destination.sqlite.main
    table = "room"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns {
    code = row.code
  }
}
`

// complete returns what a shell is offered behind the words, and the directive behind it.
func complete(t *testing.T, c *console, words ...string) []string {
	t.Helper()
	c.out, c.err = output{}, output{}
	if code := c.run(t.Context(), append([]string{"__complete"}, words...)...); code != 0 {
		t.Errorf("%q ends with %d: %s", words, code, c.err.String())
	}
	return strings.Split(strings.TrimSpace(c.out.String()), "\n")
}

func TestCompletion(t *testing.T) {
	c := newConsole(t)
	c.Stdout, c.Stderr = &c.out, &c.err
	path := filepath.Join(c.Dir, "main.hcl")
	if err := os.WriteFile(path, []byte(completed), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := c.run(t.Context(), "validate"); code != 0 {
		t.Fatalf("the configuration is not valid: %s", c.err.String())
	}
	const (
		nothing = ":4"
		noSpace = ":6"
		files   = ":0"
		folders = ":16"
	)
	syncs := []string{"sync.rooms", `sync.rooms["hss"]`, `sync.rooms["law"]`, nothing}
	for _, test := range []struct {
		words []string
		want  []string
	}{
		{[]string{"pause", ""}, syncs},
		{[]string{"pause", "sync.rooms", ""}, []string{`sync.rooms["hss"]`, `sync.rooms["law"]`, nothing}},
		{[]string{"resume", ""}, syncs},
		{[]string{"explain", ""}, syncs},
		{[]string{"explain", "sync.rooms", ""}, []string{nothing}}, // keys are in databases
		{[]string{"plan", "--target", ""}, syncs},
		{[]string{"plan", "--target="}, syncs},
		{[]string{"run", "--sync", `sync.rooms["l`}, []string{`sync.rooms["law"]`, nothing}},
		{[]string{"run", "--faculty", ""}, []string{"hss", nothing}},
		{[]string{"run", "--schedule", ""}, []string{"schedule.nightly", nothing}},
		{[]string{"schedule", "test", ""}, []string{"schedule.nightly", nothing}},
		{[]string{"schedule", "export", "--format", "sys"}, []string{"systemd", nothing}},
		{[]string{"notify", "test", ""}, []string{"notify.webhook.chat", nothing}},
		{[]string{"doctor", ""}, []string{"source.csv.files", "destination.sqlite.main", nothing}},
		{[]string{"scaffold", "--from", ""}, []string{"source.csv.files.", noSpace}},
		{[]string{"scaffold", "--to", ""}, []string{"destination.sqlite.main.", noSpace}},
		{[]string{"show", "--format", "g"}, []string{"gitlab", nothing}},
		{[]string{"serve", "--log-level", ""}, []string{"debug", "info", "warn", "error", nothing}},
		{[]string{"plan", "--var", ""}, []string{"host=", noSpace}},
		{[]string{"show", ""}, []string{files}},
		{[]string{"review", ""}, []string{files}},
		{[]string{"apply", ""}, []string{files}},
		{[]string{"show", "--identity", ""}, []string{files}},
		{[]string{"validate", ""}, []string{nothing}},
		{[]string{"pause", "sync.rooms", "--reason", ""}, []string{nothing}},
		{[]string{"man", ""}, []string{folders}},
		{[]string{"plan", "--chdir", ""}, []string{folders}},
	} {
		if diff := cmp.Diff(test.want, complete(t, c, test.words...)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.words, diff)
		}
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "not-there.db")); err == nil {
		t.Error("the destination was opened")
	}
	// A mistake is not the shell's to tell.
	if err := os.WriteFile(path, []byte(completed+"sync {\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{nothing}, complete(t, c, "pause", "")); diff != "" || strings.Contains(c.err.String(), "Error") {
		t.Errorf("with a mistake (-want +got):\n%s%s", diff, c.err.String())
	}
	if diff := cmp.Diff([]string{nothing}, complete(t, c, "--policy", "none.hcl", "pause", "")); diff != "" {
		t.Errorf("without its policy (-want +got):\n%s", diff)
	}
}

// Every option with a value says what completes it: files only where it names one.
func TestOptionsWithoutFilesOfferNone(t *testing.T) {
	c := newConsole(t)
	for option, command := range map[string]string{"older-than": "prune", "override": "apply", "comment": "approve", "compare-config": "plan", "parallelism": "plan", "limit": "runs"} {
		if got := complete(t, c, command, "--"+option, ""); got[len(got)-1] != ":4" {
			t.Errorf("%s --%s offers %q", command, option, got)
		}
	}
}
