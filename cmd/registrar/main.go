// Command registrar keeps a university's databases in step, as declared in files.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/google/uuid"
	"golang.org/x/term"

	"github.com/registrar-sync/registrar/examples"
	"github.com/registrar-sync/registrar/internal/cli"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/mssql"
	"github.com/registrar-sync/registrar/providers/mysql"
	"github.com/registrar-sync/registrar/providers/oracle"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/providers/xlsx"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if _, given := os.LookupEnv("GOGC"); !given {
		debug.SetGCPercent(cli.GarbagePercent)
	}
	os.Exit(cli.Run(ctx, environment()))
}

func environment() cli.Environment {
	width, _, _ := term.GetSize(int(os.Stdout.Fd()))
	return cli.Environment{
		Args: os.Args[1:], Environ: os.Environ(), Dir: ".", Width: width,
		Stdin: os.Stdin, StdinIsTerminal: term.IsTerminal(int(os.Stdin.Fd())),
		Stdout: os.Stdout, StdoutIsTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		Stderr: os.Stderr, StderrIsTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Now: time.Now, NewID: uuid.NewString, Examples: examples.FS, Hangups: hangups, BrokenPipes: brokenPipes,
		Providers: []providers.Provider{bundle.New(), export.New(csv.New(), sqlite.New()), mssql.New(), mysql.New(), oracle.New(), postgres.New(), sqlite.New(), export.New(xlsx.New(), sqlite.New())},
	}
}
