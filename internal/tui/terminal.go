package tui

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// The sequences that every terminal in use understands. The alternate screen leaves what was there as it is; without wrapping
// a character that is wider than is known disturbs one line only.
const (
	enter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
	leave = "\x1b[?7h\x1b[?25h\x1b[?1049l"
)

// terminal is in raw mode and shows the alternate screen.
type terminal struct {
	in, out *os.File
	before  *term.State
	restore func() error // what else was changed
	lines   []string     // on the screen; nil: not known
}

func openTerminal(in, out *os.File) (*terminal, error) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("set up the terminal: %w", err)
	}
	restore, err := prepare(out)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("set up the terminal: %w", err), term.Restore(int(in.Fd()), before))
	}
	t := &terminal{in: in, out: out, before: before, restore: restore}
	if _, err := out.WriteString(enter); err != nil {
		return nil, errors.Join(fmt.Errorf("write to the terminal: %w", err), t.close())
	}
	return t, nil
}

// close shows what was there before.
func (t *terminal) close() error {
	_, err := t.out.WriteString(leave)
	err = errors.Join(err, t.restore(), term.Restore(int(t.in.Fd()), t.before))
	if err != nil {
		return fmt.Errorf("restore the terminal: %w", err)
	}
	return nil
}

// size is the terminal's, or what is usual where it does not tell.
func (t *terminal) size() Size {
	width, height, err := term.GetSize(int(t.out.Fd()))
	if err != nil || width < 1 || height < 1 {
		return Size{80, 24}
	}
	return Size{width, height}
}

// forget makes the next draw write all lines.
func (t *terminal) forget() { t.lines = nil }

// draw writes the lines that are others than before.
func (t *terminal) draw(lines []string) error {
	var out strings.Builder
	if len(lines) != len(t.lines) {
		out.WriteString("\x1b[2J")
		t.lines = nil
	}
	for i, line := range lines {
		if t.lines == nil || t.lines[i] != line {
			fmt.Fprintf(&out, "\x1b[%d;1H%s\x1b[0m\x1b[K", i+1, line)
		}
	}
	t.lines = lines
	if _, err := t.out.WriteString(out.String()); err != nil {
		return fmt.Errorf("write to the terminal: %w", err)
	}
	return nil
}
