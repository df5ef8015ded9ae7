package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/internal/cli"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// registrar is the program itself, as cmd/registrar runs it, with one provider
// more.
func registrar(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if _, given := os.LookupEnv("GOGC"); !given {
		debug.SetGCPercent(cli.GarbagePercent)
	}
	code := cli.Run(ctx, cli.Environment{
		Args: args, Environ: os.Environ(), Dir: ".",
		Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr,
		Now: time.Now, NewID: uuid.NewString,
		Providers: []providers.Provider{csv.New(), postgres.New(), sqlite.New(), generator{}},
	})
	if code != 0 {
		return fmt.Errorf("registrar %s: exit code %d", strings.Join(args, " "), code)
	}
	return nil
}

// The blocks of a configuration. A database's URL comes from the environment.
const (
	fromPostgres = `
variable "source_url" {
  type      = string
  sensitive = true
}

source "postgres" "rows" {
  url = var.source_url
}
`
	intoPostgres = `
variable "destination_url" {
  type      = string
  sensitive = true
}

destination "postgres" "register" {
  url = var.destination_url
}
`
	references = `
    code       = row.code
    name       = row.name
    first_name = row.first_name
    email      = row.email
    note       = row.note
    born       = row.born
    fees       = row.fees
    seen       = row.seen
`
	archiving = `
  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
    stamps     = { created_on = "insert", updated_on = "update" }
  }
`
)

func intoSQLite(path string) string {
	return fmt.Sprintf("\ndestination \"sqlite\" \"register\" {\n  path = %q\n}\n", path)
}

func fromSQLite(path string) string {
	return fmt.Sprintf("\nsource \"sqlite\" \"rows\" {\n  path = %q\n}\n", path)
}

func fromCSV(dir string) string {
	return fmt.Sprintf(`
source "csv" "rows" {
  directory = %q

  types = {
    born = "date"
    fees = "decimal"
    seen = "timestamptz"
  }
}
`, dir)
}

func fromGenerator(rows int, repeated bool) string {
	return fmt.Sprintf("\nsource \"generator\" \"rows\" {\n  rows     = %d\n  repeated = %t\n}\n", rows, repeated)
}

// provider is the label of a block: source "csv" "rows".
var provider = regexp.MustCompile(`(?m)^(?:source|destination) "([a-z]+)"`)

// configure writes the configuration of one sync into a folder of its own.
// read says what the source reads: table = "…" or query = "…".
func (l *lab) configure(name, source, destination, read, mapping string) (dir string, err error) {
	return l.write(name, source+destination+fmt.Sprintf(`
sync "students" {
  source {
    from  = source.%s.rows
    %s
  }

  destination {
    into       = destination.%s.register
    table      = "student"
    key        = ["code"]
    owns_table = true
  }

  columns {%s  }
%s}
`, provider.FindStringSubmatch(source)[1], read, provider.FindStringSubmatch(destination)[1], mapping, archiving))
}

func (l *lab) write(name, configuration string) (dir string, err error) {
	dir = filepath.Join(l.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(configuration), 0o600)
}
