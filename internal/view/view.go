// Package view renders what the commands have to tell: plans, diagnostics and
// results, for people and as JSON. It decides nothing and reads no process state:
// the writer, its width and whether to colour are given.
//
// Everything that comes from a database, a file or an error is made harmless
// before it is written: control characters and invisible ones become escapes, so
// that no row can move a terminal's cursor or hide text from a reviewer.
package view

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/mitchellh/go-wordwrap"
)

// Options describe where a View writes to.
type Options struct {
	// Width is the terminal's, in columns: prose is wrapped to it and the lines of
	// a plan are cut to it. 0 where there is no terminal: lines are as long as they are.
	Width  int
	Colour bool
	// Automation: a program reads it, so that nothing is said of what to type next.
	Automation bool
}

// View writes to one writer. It is for one goroutine.
type View struct {
	out        *outcome
	width      int
	paint      palette
	automation bool
}

// New returns a View of w.
func New(w io.Writer, o Options) *View {
	return &View{out: &outcome{w: w}, width: o.Width, paint: newPalette(o.Colour), automation: o.Automation}
}

// Err returns the first error of writing.
func (v *View) Err() error { return v.out.err }

// Broken reports whether writing has failed: nothing more arrives.
func (v *View) Broken() bool { return v.out.err != nil }

// Writer returns the underlying writer, for text that needs no rendering; Err
// knows of its errors, too.
func (v *View) Writer() io.Writer { return v.out }

// Begun reports whether anything was written.
func (v *View) Begun() bool { return v.out.begun }

// outcome remembers the first error, so that rendering needs to look at none.
type outcome struct {
	w     io.Writer
	err   error
	begun bool
}

// bundled gathers what render writes in blocks: a plan may have millions of lines. Nothing
// is left when it returns, not even after an error.
func (v *View) bundled(render func() error) error {
	direct := v.out.w
	blocks := bufio.NewWriterSize(direct, 16<<10)
	v.out.w = blocks
	err := render()
	v.out.w = direct
	if flushErr := blocks.Flush(); flushErr != nil && v.out.err == nil {
		v.out.err = fmt.Errorf("write the output: %w", flushErr)
	}
	if err == nil {
		err = v.out.err
	}
	return err
}

func (o *outcome) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	o.begun = true
	n, err := o.w.Write(p)
	if err != nil {
		o.err = fmt.Errorf("write the output: %w", err)
	}
	return n, err
}

// line writes one line of a plan, cut to the terminal's width.
func (v *View) line(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if v.width > 0 {
		line = text.Snip(line, v.width, "…")
	}
	fmt.Fprintln(v.out, line)
}

// Say writes a paragraph, wrapped to the terminal's width.
func (v *View) Say(format string, args ...any) {
	fmt.Fprintln(v.out, v.wrap(Clean(fmt.Sprintf(format, args...)), 0))
}

// Gap writes an empty line.
func (v *View) Gap() { fmt.Fprintln(v.out) }

// Heading writes a line that stands out.
func (v *View) Heading(format string, args ...any) {
	fmt.Fprintln(v.out, v.paint.strong(Clean(fmt.Sprintf(format, args...))))
}

// Success writes a line of good news.
func (v *View) Success(format string, args ...any) {
	fmt.Fprintln(v.out, v.paint.good(Clean(fmt.Sprintf(format, args...))))
}

// wrap breaks lines longer than the width less indent between words. Lines that
// begin with a blank are laid out already and stay.
func (v *View) wrap(prose string, indent int) string {
	limit := v.width - indent
	if v.width == 0 || limit < 20 {
		return prose
	}
	lines := strings.Split(prose, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, " ") {
			lines[i] = wordwrap.WrapString(line, uint(limit))
		}
	}
	return strings.Join(lines, "\n")
}

// palette holds a function per meaning, not per colour.
type palette struct {
	strong, faint, mark   func(a ...any) string
	selected              func(a ...any) string
	add, change, remove   func(a ...any) string
	restore, good         func(a ...any) string
	err, warn, errB, warB func(a ...any) string
}

func newPalette(colour bool) palette {
	of := func(attributes ...color.Attribute) func(a ...any) string {
		// The package's own idea of whether to colour is of the process: not asked.
		c := color.New(attributes...)
		c.DisableColor()
		if colour {
			c.EnableColor()
		}
		return c.SprintFunc()
	}
	return palette{
		strong: of(color.Bold), faint: of(color.Faint), mark: of(color.Underline), selected: of(color.ReverseVideo),
		add: of(color.FgGreen), change: of(color.FgYellow), remove: of(color.FgRed),
		restore: of(color.FgCyan), good: of(color.FgGreen, color.Bold),
		err: of(color.FgRed), warn: of(color.FgYellow), errB: of(color.FgRed, color.Bold), warB: of(color.FgYellow, color.Bold),
	}
}

// plural returns "1 row" or "2 rows".
func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// stop ends a stream of changes early.
func stopped(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
