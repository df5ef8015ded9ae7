//go:build !unix

package main

import "os"

// hangups catches nothing: this system has no such signal.
func hangups() (signals <-chan os.Signal, stop func()) { return nil, func() {} }

// brokenPipes does nothing: this system has no such signal either.
func brokenPipes() (stop func()) { return func() {} }
