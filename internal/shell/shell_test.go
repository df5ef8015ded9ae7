package shell_test

import (
	"os/exec"
	"testing"

	"github.com/registrar-sync/registrar/internal/shell"
)

// A real shell takes each word as it is.
func TestQuoteInAShell(t *testing.T) {
	t.Parallel()
	words := []string{"", "plain", `sync.rooms["l'est"]`, "a b", "a;b", "$HOME", "`id`", `\`, `"`, "~", "*", "#x", "a\nb", "%", "é", "-n", "!x"}
	for _, word := range words {
		out, err := exec.Command("sh", "-c", "printf '%s' "+shell.Quote(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q is written %s, and read as %q, %v", word, shell.Quote(word), out, err)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	if got, want := shell.Line([]string{"registrar", "resume", `sync.rooms["l'est"]`, "sync.sites"}), `registrar resume 'sync.rooms["l'\''est"]' sync.sites`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	got, want := shell.LineWindows([]string{`C:\x`, `C:\Program Files\`, `sync.rooms["a"]`, "", `a\"b`}), `C:\x "C:\Program Files\\" "sync.rooms[\"a\"]" "" "a\\\"b"`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
