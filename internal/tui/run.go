package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/muesli/cancelreader"
)

// lone is how long after an Esc the rest of a sequence may come.
const lone = 50 * time.Millisecond

// ErrClosed says that the terminal went away.
var ErrClosed = errors.New("the terminal was closed")

// Run lets somebody look through a plan on a terminal, until he has had enough or ctx ends, whose error it then returns. However it
// ends, the terminal is as it was before, and nothing that it started goes on.
func Run(ctx context.Context, r Review, in, out *os.File) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	var work beside
	defer func() {
		cancel()
		work.running.Wait()
		work.rethrow()
	}()
	s, err := openTerminal(in, out)
	if err != nil {
		return err
	}
	// Before the wait above: what reads a database may take a while to end.
	defer func() { err = errors.Join(err, s.close()) }()
	input, err := cancelreader.NewReader(in)
	if err != nil {
		return fmt.Errorf("read the terminal: %w", err)
	}
	work.ctx, work.events = ctx, make(chan any)
	reading := make(chan struct{})
	go func() {
		defer close(reading)
		work.read(input)
	}()
	defer func() {
		cancel()
		if input.Cancel() {
			<-reading
		}
		_ = input.Close() // of the means to cancel, not of the terminal
	}()
	return loop(ctx, NewModel(ctx, r), s, &work)
}

// loop shows the Model and hands events to it.
func loop(ctx context.Context, m *Model, s *terminal, work *beside) error {
	var keys decoder
	var more <-chan time.Time
	resized, stop := s.changes()
	defer stop()
	show := func(event any) error {
		for _, command := range m.Update(event) {
			work.start(command)
		}
		return s.draw(m.View())
	}
	if err := show(s.size()); err != nil {
		return err
	}
	for !m.Done() {
		var pressed []Key
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-more:
			pressed = keys.flush()
		case size, there := <-resized:
			if !there {
				return ErrClosed
			}
			s.forget()
			err = show(size)
		case event := <-work.events:
			switch e := event.(type) {
			case []byte:
				pressed = keys.feed(e)
			case closed:
				return ErrClosed
			case crashed:
				return nil // which says it again
			default:
				err = show(event)
			}
		}
		more = nil
		if len(keys.pending) > 0 {
			more = time.After(lone)
		}
		for _, key := range pressed {
			if key.Name == "ctrl+l" {
				s.forget()
			}
			if err == nil && !m.Done() {
				err = show(key)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// beside is the work that goes on beside the loop.
type beside struct {
	ctx     context.Context
	events  chan any
	running sync.WaitGroup
	mu      sync.Mutex
	crash   *crashed
}

// crashed is a panic of a Command, closed the end of the terminal's input.
type (
	crashed struct {
		cause any
		stack []byte
	}
	closed struct{}
)

func (b *beside) send(event any) {
	select {
	case b.events <- event:
	case <-b.ctx.Done():
	}
}

func (b *beside) start(c Command) {
	b.running.Go(func() {
		defer func() {
			if cause := recover(); cause != nil {
				b.mu.Lock()
				b.crash = &crashed{cause, debug.Stack()}
				b.mu.Unlock()
				b.send(crashed{})
			}
		}()
		c(b.send)
	})
}

// rethrow panics as a Command did, now that the terminal is as it was.
func (b *beside) rethrow() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.crash != nil {
		panic(fmt.Sprintf("%v\n\n%s", b.crash.cause, b.crash.stack))
	}
}

// read sends what is typed, until the reader is cancelled.
func (b *beside) read(input cancelreader.CancelReader) {
	for {
		buffer := make([]byte, 256)
		n, err := input.Read(buffer)
		if n > 0 {
			b.send(buffer[:n])
		}
		if err != nil || b.ctx.Err() != nil {
			b.send(closed{})
			return
		}
	}
}
