package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/registrar-sync/registrar/internal/ptytest"
)

// program starts the program itself, as a user does at a terminal.
func program(t *testing.T, p *ptytest.Terminal, dir string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), "registrar-program", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "TERM=xterm-256color", "REGISTRAR_IN_AUTOMATION=", "NO_COLOR=")
	c.Stdin, c.Stdout, c.Stderr = p.File, p.File, p.File
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

func ended(t *testing.T, c *exec.Cmd) int {
	t.Helper()
	err := c.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode()
}

// saved makes a plan of the demo, and returns its folder.
func saved(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "demo")
	for _, args := range [][]string{{"demo", "--dir", dir}, {"--chdir", dir, "plan", "--out", "tf"}} {
		c := exec.CommandContext(t.Context(), "registrar-program", args...)
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		if err := c.Run(); err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out.String())
		}
	}
	return dir
}

func TestReviewOnATerminal(t *testing.T) {
	t.Parallel()
	const enter, leave = "\x1b[?1049h", "\x1b[?1049l"
	dir := saved(t)
	for name, end := range map[string]func(p *ptytest.Terminal, c *exec.Cmd) (code int){
		"q": func(p *ptytest.Terminal, c *exec.Cmd) int {
			at := p.Wait(t, 0, "?: help")
			p.Press(t, "/x")
			at = p.Wait(t, at, "/x_")
			p.Press(t, "\r")
			at = p.Wait(t, at, "/x: ")
			p.Resize(t, 40, 10)
			p.Wait(t, at, "?: help")
			p.Press(t, "q")
			return 0
		},
		"SIGTERM": func(p *ptytest.Terminal, c *exec.Cmd) int {
			p.Wait(t, 0, "?: help")
			if err := c.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			return 1
		},
		"SIGHUP": func(p *ptytest.Terminal, c *exec.Cmd) int {
			p.Wait(t, 0, "?: help")
			if err := c.Process.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
			return 1
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := ptytest.New(t, 80, 24)
			before := p.Mode(t)
			c := program(t, p, dir, "review", "tf")
			want := end(p, c)
			if code := ended(t, c); code != want {
				t.Errorf("ends with %d, want %d", code, want)
			}
			p.Wait(t, 0, leave)
			if p.Mode(t) != before {
				t.Error("the terminal's mode is not what it was")
			}
			if shown := p.Shown(); !strings.HasPrefix(shown, enter) || strings.LastIndex(shown, leave) < strings.LastIndex(shown, "?: help") {
				t.Errorf("the screen is not restored: %q", shown)
			}
		})
	}
}

// Commands that show no screen ask the terminal nothing: one that does not answer would make them wait, and what was typed
// ahead would be lost.
func TestOtherCommandsLeaveTheTerminalAlone(t *testing.T) {
	t.Parallel()
	p := ptytest.New(t, 80, 24)
	if code := ended(t, program(t, p, t.TempDir(), "version", "--json")); code != 0 {
		t.Errorf("ends with %d", code)
	}
	if shown := p.Shown(); strings.Contains(shown, "\x1b") {
		t.Errorf("the terminal is told %q", shown)
	}
}
