package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInterruptedLoading: an interrupted command does not wait for what a stranger has it compute, here for some seconds.
func TestInterruptedLoading(t *testing.T) {
	c := newConsole(t)
	text := `locals {
  text = join("", [for i in range(1024) : lpad("", 1024, "a")])
  slow = [for i in range(20) : length(regexreplace(local.text, "(a|aa|aaa)*b", ""))]
}
`
	if err := os.WriteFile(filepath.Join(c.Dir, "main.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code := c.run(ctx, "validate", "--speculative"); code != 1 || !strings.Contains(c.err.String(), "Error: Interrupted") {
		t.Errorf("validate ends with %d: %s", code, c.err.String())
	}
}
