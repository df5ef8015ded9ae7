// Package cli is the command line: a file per command, each of which turns flags
// into a struct, calls the packages that do the work, and hands the result to
// package view.
//
// Nothing here reads the process's own state or ends it: main passes everything in
// as an Environment, so that tests run commands as main does.
package cli

import (
	"context"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/registrar-sync/registrar/providers"
)

// Environment is all that a command knows of the process that it runs in.
type Environment struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Whether these are terminals. Colours, questions and progress bars are for
	// terminals only.
	StdinIsTerminal, StdoutIsTerminal, StderrIsTerminal bool
	// Width of the terminal in columns, 0 if unknown.
	Width   int
	Environ []string // as os.Environ returns it
	// Dir is the working directory, where relative paths of the command line
	// start; "." is the process's own.
	Dir   string
	Now   func() time.Time
	NewID func() string // of plans: a UUID
	// Author is recorded with plans and executions; "": user@host, as the system
	// tells.
	Author string
	// Sleep waits, or returns the context's error; nil: by the clock.
	Sleep func(ctx context.Context, d time.Duration) error
	// Version of the program; "": as the build recorded it.
	Version string
	// ProgressInterval is the time between two lines of progress where there is no
	// terminal; 0: five seconds.
	ProgressInterval time.Duration
	// Hangups begins to catch the signals that ask a service to reload, until stop is called; nil where the
	// system has none.
	Hangups func() (signals <-chan os.Signal, stop func())
	// BrokenPipes makes writing to a pipe that nobody reads an error like others, which would end the process otherwise, until
	// stop is called; nil where the system does so by itself.
	BrokenPipes func() (stop func())
	Providers   []providers.Provider
	// Examples has a folder per example.
	Examples fs.FS
}

// The exit codes.
const (
	exitError   = 1
	exitChanges = 2 // only with --detailed-exitcode
	exitHeld    = 3
)

// Run executes one command line and returns the exit code. Everything that it
// started has ended when it returns; only where ctx was cancelled during a
// question may the reading of Stdin still be pending.
func Run(ctx context.Context, env Environment) int {
	a := &app{env: env}
	root := a.root()
	if env.Args == nil {
		env.Args = []string{} // cobra would take the process's own
	}
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = a.out().Err()
	}
	return a.report(ctx, command, err)
}
