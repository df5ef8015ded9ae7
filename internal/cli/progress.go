package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
)

// progress tells what goes on, on standard error, until it is stopped.
type progress interface {
	planning(plan.Progress)
	applying(apply.Progress)
	// stop ends it, with all that it started; a second time it does nothing.
	stop()
}

const defaultProgressInterval = 5 * time.Second

func (a *app) startProgress() progress {
	if a.env.StderrIsTerminal && !a.automation() {
		return newBars(a.env.Stderr, a.env.Width)
	}
	interval := a.env.ProgressInterval
	if interval <= 0 {
		interval = defaultProgressInterval
	}
	return newLines(a.env.Stderr, interval)
}

// bars draws a line per sync on a terminal, and takes them away in the end.
type bars struct {
	container *mpb.Progress
	mu        sync.Mutex
	bySync    map[string]*syncBar
	applied   int64
}

// syncBar is the line of one sync.
type syncBar struct {
	bar  *mpb.Bar
	mu   sync.Mutex
	text string
}

func (b *syncBar) say(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = text
}

func (b *syncBar) said(decor.Statistics) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text
}

func newBars(w io.Writer, width int) *bars {
	return &bars{
		container: mpb.New(mpb.WithOutput(w), mpb.WithAutoRefresh(), mpb.ContainerOptional(mpb.WithWidth(width), width > 0)),
		bySync:    map[string]*syncBar{},
	}
}

// of returns the line of a sync; nil once the bars are stopped.
func (b *bars) of(sync string) *syncBar {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.bySync[sync]; known != nil || b.bySync == nil {
		return known
	}
	one := &syncBar{}
	one.bar = b.container.New(0, mpb.SpinnerStyle().PositionLeft(), mpb.BarWidth(2), mpb.BarFillerTrim(),
		mpb.AppendDecorators(decor.Any(one.said)))
	b.bySync[sync] = one
	return one
}

func (b *bars) planning(p plan.Progress) {
	if line := b.of(p.Sync); line != nil {
		line.say(planText(p))
		if p.Phase == plan.Comparing {
			b.only(p.Sync)
		}
	}
}

// only takes away the lines of the other syncs: comparing is one after another.
func (b *bars) only(sync string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, line := range b.bySync {
		if name != sync {
			line.bar.Abort(true)
			delete(b.bySync, name)
		}
	}
}

func (b *bars) applying(p apply.Progress) {
	line := b.of("")
	if line == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.Done {
		b.applied += p.Rows
	}
	line.say(applyText(p, b.applied))
}

func (b *bars) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bySync == nil {
		return
	}
	for _, line := range b.bySync {
		line.bar.Abort(true)
	}
	b.bySync = nil
	b.container.Wait()
}

// lines writes a line now and then, for logs: when something happens and the last line
// is an interval ago, or else at the next tick.
type lines struct {
	w        io.Writer
	interval time.Duration
	once     sync.Once
	quit     chan struct{}
	done     chan struct{}

	mu      sync.Mutex
	written time.Time
	text    string // "" once it is written
	applied int64
}

func newLines(w io.Writer, interval time.Duration) *lines {
	l := &lines{w: w, interval: interval, written: wallClock(), quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-l.quit:
				return
			case <-ticker.C:
				l.mu.Lock()
				l.write()
				l.mu.Unlock()
			}
		}
	}()
	return l
}

// wallClock paces the lines; nothing of a plan depends on it.
func wallClock() time.Time {
	return time.Now() //nolint:forbidigo // a frozen clock would never let a line out
}

// write writes what there is to say. The caller holds mu.
func (l *lines) write() {
	if l.text != "" {
		fmt.Fprintln(l.w, l.text)
		l.text, l.written = "", wallClock()
	}
}

// say replaces what there is to say. The caller holds mu.
func (l *lines) say(text string) {
	l.text = text
	if wallClock().Sub(l.written) >= l.interval {
		l.write()
	}
}

func (l *lines) planning(p plan.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.say(planText(p))
}

func (l *lines) applying(p apply.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.Done {
		l.applied += p.Rows
	}
	l.say(applyText(p, l.applied))
}

func (l *lines) stop() {
	l.once.Do(func() { close(l.quit) })
	<-l.done
}

func planText(p plan.Progress) string {
	return fmt.Sprintf("%s: %s, %d rows", view.OneLine(p.Sync), p.Phase, p.Rows)
}

func applyText(p apply.Progress, total int64) string {
	done := "at work on"
	if p.Done {
		done = "done:"
	}
	return fmt.Sprintf("%s: %s, %s %d rows; %d rows in all, not committed yet", view.OneLine(p.Sync), p.Operation, done, p.Rows, total)
}
