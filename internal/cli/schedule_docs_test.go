package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	fileBlock    = regexp.MustCompile("(?s)<!-- file: (.*?) -->\n```hcl\n(.*?)```\n")
	consoleBlock = regexp.MustCompile("(?s)<!-- console -->\n```console\n\\$ registrar (.*?)\n(.*?)```\n")
	argument     = regexp.MustCompile(`'[^']*'|\S+`)
)

// docs/schedules.md shows what its commands print; -update rewrites it.
func TestDocumentedSchedules(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "schedules.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, file := range fileBlock.FindAllSubmatch(text, -1) {
		if err := os.WriteFile(filepath.Join(dir, string(file[1])), file[2], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shown := 0
	got := consoleBlock.ReplaceAllFunc(text, func(block []byte) []byte {
		shown++
		command := string(consoleBlock.FindSubmatch(block)[1])
		c := newConsole(t)
		c.Dir = dir
		var args []string
		for _, arg := range argument.FindAllString(command, -1) {
			args = append(args, strings.Trim(arg, "'"))
		}
		c.run(t.Context(), args...)
		printed, _, _ := strings.Cut(c.out.String(), "\nGlobal Flags:") // which commands.md has
		return []byte("<!-- console -->\n```console\n$ registrar " + command + "\n" + printed + c.err.String() + "```\n")
	})
	if shown == 0 {
		t.Fatalf("%s shows no command", path)
	}
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), string(got)); diff != "" {
		t.Errorf("%s is not what its commands print (-document +printed); -update rewrites it:\n%s", path, diff)
	}
}
