package tui_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/internal/ptytest"
	"github.com/registrar-sync/registrar/internal/tui"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

const (
	entered = "\x1b[?1049h"
	left    = "\x1b[?1049l"
)

// panicking is a source with a mistake.
type panicking struct{ *held }

func (panicking) Changes(context.Context, *register.SyncSummary, int64, int64, func(*plan.Change) error) error {
	panic("a mistake")
}

// slow is a source that does not answer until it is given up.
type slow struct{ *held }

func (slow) Changes(ctx context.Context, _ *register.SyncSummary, _, _ int64, _ func(*plan.Change) error) error {
	<-ctx.Done()
	return ctx.Err()
}

// However Run ends, the terminal is as it was, and nothing goes on.
func TestTheTerminalIsRestored(t *testing.T) {
	for _, test := range []struct {
		name   string
		source func(h *held) tui.Source
		leave  func(p *ptytest.Terminal, cancel func())
		want   error
		panics bool
	}{
		{name: "q", leave: func(p *ptytest.Terminal, _ func()) { p.Press(t, "q") }},
		{name: "ctrl+c", leave: func(p *ptytest.Terminal, _ func()) { p.Press(t, "\x03") }},
		{name: "cancelled", leave: func(_ *ptytest.Terminal, cancel func()) { cancel() }, want: context.Canceled},
		{name: "while it reads", source: func(h *held) tui.Source { return slow{h} }, leave: func(p *ptytest.Terminal, _ func()) { p.Press(t, "q") }},
		{name: "panic", source: func(h *held) tui.Source { return panicking{h} }, panics: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := ptytest.New(t, 80, 24)
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			before := p.Mode(t)
			plan, source := sample()
			r := review(plan, source)
			if test.source != nil {
				r.Source = test.source(source)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			type end struct {
				err   error
				cause any
			}
			ended := make(chan end, 1)
			go func() {
				var e end
				defer func() {
					e.cause = recover()
					ended <- e
				}()
				e.err = tui.Run(ctx, r, p.File, p.File)
			}()
			p.Wait(t, 0, "Operations 47")
			if test.leave != nil {
				test.leave(p, cancel)
			}
			e := <-ended
			if !errors.Is(e.err, test.want) || (e.cause != nil) != test.panics {
				t.Errorf("ends with %v, %v", e.err, e.cause)
			}
			p.Wait(t, 0, left)
			if p.Mode(t) != before {
				t.Errorf("the mode is %+v, was %+v", p.Mode(t), before)
			}
			if shown := p.Shown(); strings.Count(shown, entered) != 1 || !strings.HasSuffix(shown, "\x1b[?7h\x1b[?25h"+left) {
				t.Errorf("the screen is not restored: %q", shown)
			}
		})
	}
}

// Keys that come in pieces, as over a slow line, are those that were pressed.
func TestKeysOverASlowLine(t *testing.T) {
	p := ptytest.New(t, 80, 24)
	plan, source := sample()
	ended := make(chan error, 1)
	go func() { ended <- tui.Run(t.Context(), review(plan, source), p.File, p.File) }()
	at := p.Wait(t, 0, "1 of 47")
	p.Press(t, "\x1b")
	p.Press(t, "[B")
	at = p.Wait(t, at, "2 of 47")
	p.Press(t, "\x1b[F")
	at = p.Wait(t, at, "47 of 47")
	p.Press(t, "?")
	at = p.Wait(t, at, "registrar apply")
	p.Press(t, "\x1b") // alone
	p.Wait(t, at, "47 of 47")
	p.Press(t, "q")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
