//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// hangups catches SIGHUP, which would end the process otherwise.
func hangups() (signals <-chan os.Signal, stop func()) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	return caught, func() { signal.Stop(caught) }
}

// brokenPipes catches SIGPIPE, which would end the process where nobody reads its output any more. It is not ignored: the
// programs that are started would inherit that.
func brokenPipes() (stop func()) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGPIPE)
	return func() { signal.Stop(caught) }
}
