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
