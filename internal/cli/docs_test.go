package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "rewrite the help texts in docs/commands.md")

var helpBlock = regexp.MustCompile("(?s)<!-- help: (.*?) -->\n```text\n(.*?)```\n")

// docs/commands.md quotes the help of every command as it is.
func TestDocumentation(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "commands.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	help := map[string]string{}
	a := &app{env: newConsole(t).Environment}
	root := a.root()
	root.InitDefaultCompletionCmd() // as Execute does
	help[root.Name()] = helpOf(t, root)
	for _, c := range root.Commands() {
		help[c.CommandPath()] = helpOf(t, c)
	}
	quoted := map[string]bool{}
	got := helpBlock.ReplaceAllFunc(text, func(block []byte) []byte {
		name := string(helpBlock.FindSubmatch(block)[1])
		quoted[name] = true
		want, ok := help[name]
		if !ok {
			t.Errorf("%s: there is no command %q", path, name)
		}
		return fmt.Appendf(nil, "<!-- help: %s -->\n```text\n%s```\n", name, want)
	})
	for name := range help {
		if !quoted[name] {
			t.Errorf("%s does not have the help of %q", path, name)
		}
	}
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), string(got)); diff != "" {
		t.Errorf("%s is not what --help says (-document +help); -update rewrites it:\n%s", path, diff)
	}
	for _, code := range []int{exitError, exitChanges, exitHeld} {
		if !bytes.Contains(text, fmt.Appendf(nil, "\n| %d |", code)) {
			t.Errorf("%s does not explain exit code %d", path, code)
		}
	}
}

func helpOf(t *testing.T, c *cobra.Command) string {
	t.Helper()
	var out bytes.Buffer
	c.SetOut(&out)
	if err := c.Help(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return strings.TrimSpace(strings.Join(lines, "\n")) + "\n"
}
