//go:build !windows

package tui

import (
	"os"
	"os/signal"
	"syscall"
)

// prepare has nothing to do: terminals understand sequences.
func prepare(*os.File) (restore func() error, err error) { return func() error { return nil }, nil }

// changes sends sizes as they change, until stop is called. The channel is closed when the terminal goes away.
func (t *terminal) changes() (sizes <-chan Size, stop func()) {
	signals, out, done := make(chan os.Signal, 1), make(chan Size), make(chan struct{})
	signal.Notify(signals, syscall.SIGWINCH, syscall.SIGHUP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case s := <-signals:
				if s == syscall.SIGHUP {
					close(out)
					return
				}
			}
			select {
			case <-done:
				return
			case out <- t.size():
			}
		}
	}()
	return out, func() {
		signal.Stop(signals)
		close(done)
		<-ended
	}
}
