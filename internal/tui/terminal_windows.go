package tui

import (
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// prepare lets the console understand sequences.
func prepare(out *os.File) (restore func() error, err error) {
	console := windows.Handle(out.Fd())
	var before uint32
	if err := windows.GetConsoleMode(console, &before); err != nil {
		return nil, err
	}
	if err := windows.SetConsoleMode(console, before|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING); err != nil {
		return nil, err
	}
	return func() error { return windows.SetConsoleMode(console, before) }, nil
}

// changes sends sizes as they change, until stop is called.
func (t *terminal) changes() (sizes <-chan Size, stop func()) {
	out, done, ended := make(chan Size), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(250 * time.Millisecond)
		defer ticker.Stop()
		last := t.size()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			size := t.size()
			if size == last {
				continue
			}
			select {
			case <-done:
				return
			case out <- size:
				last = size
			}
		}
	}()
	return out, func() {
		close(done)
		<-ended
	}
}
