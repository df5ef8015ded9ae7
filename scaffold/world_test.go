package scaffold_test

import (
	"bytes"
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/registrar-sync/registrar/internal/cli"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/oracle"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

var update = flag.Bool("update", false, "rewrite the expected files")

// world is a folder in which commands are run as by people.
type world struct {
	*testing.T
	dir string
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{T: t, dir: t.TempDir(), now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) write(name, text string) {
	w.Helper()
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	w.must(os.MkdirAll(filepath.Dir(path), 0o700))
	w.must(os.WriteFile(path, []byte(text), 0o600))
}

func (w *world) read(name string) string {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, filepath.FromSlash(name)))
	w.must(err)
	return string(text)
}

// edit replaces parts of a file, each of which must be there.
func (w *world) edit(name string, changes ...string) {
	w.Helper()
	text := w.read(name)
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			w.Fatalf("%s has no %s:\n%s", name, changes[i], text)
		}
		text = strings.ReplaceAll(text, changes[i], changes[i+1])
	}
	w.write(name, text)
}

// run runs a command that must end with a code, and returns both outputs.
func (w *world) run(code int, args ...string) (stdout, stderr string) {
	w.Helper()
	var out, err bytes.Buffer
	w.now = w.now.Add(time.Minute)
	now := w.now
	got := cli.Run(w.Context(), cli.Environment{
		Args: args, Dir: w.dir, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err, Author: "tester@example", Version: "0.1.0",
		Now: func() time.Time { return now }, NewID: uuid.NewString,
		Environ:   []string{"REGISTRAR_VAR_orm_oracle_password=x", "REGISTRAR_VAR_orm_default_password=x"},
		Providers: []providers.Provider{export.New(csv.New(), sqlite.New()), oracle.New(), postgres.New(), sqlite.New()},
	})
	if got != code {
		w.Fatalf("%v: exit code %d, want %d\n%s%s", args, got, code, &out, &err)
	}
	return out.String(), err.String()
}

// applied plans, applies, and plans again, which must find nothing to do; summary is what the first plan says.
func (w *world) applied(summary string) {
	w.Helper()
	out, _ := w.run(0, "plan", "--out", "tfplan")
	if !strings.Contains(out, summary) {
		w.Errorf("the plan does not say %q:\n%s", summary, out)
	}
	w.run(0, "apply", "tfplan")
	if out, _ := w.run(0, "plan", "--detailed-exitcode"); !strings.Contains(out, "No changes") {
		w.Errorf("the plan after the apply:\n%s", out)
	}
}

// database opens an SQLite file of the folder, or a PostgreSQL database by its URL.
func (w *world) database(name string) *sql.DB {
	w.Helper()
	driver, dsn := "pgx", name
	if !strings.Contains(name, "://") {
		driver, dsn = "sqlite", filepath.Join(w.dir, name)
	}
	db, err := sql.Open(driver, dsn)
	w.must(err)
	w.Cleanup(func() { db.Close() })
	return db
}

func (w *world) exec(db *sql.DB, statements string) {
	w.Helper()
	_, err := db.ExecContext(w.Context(), statements)
	w.must(err)
}

// rows returns a query's rows, their values joined by |, NULL as ∅.
func (w *world) rows(db *sql.DB, query string) string {
	w.Helper()
	rows, err := db.QueryContext(w.Context(), query)
	w.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	w.must(err)
	var lines []string
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		w.must(rows.Scan(into...))
		texts := make([]string, len(values))
		for i, v := range values {
			if texts[i] = v.String; !v.Valid {
				texts[i] = "∅"
			}
		}
		lines = append(lines, strings.Join(texts, "|"))
	}
	w.must(rows.Err())
	return strings.Join(lines, "\n")
}

// golden compares a file of the folder with the expected one.
func (w *world) golden(name, expected string) {
	w.Helper()
	path := filepath.Join("testdata", expected)
	if *update {
		w.must(os.WriteFile(path, []byte(w.read(name)), 0o600))
	}
	want, err := os.ReadFile(path)
	w.must(err)
	if diff := cmp.Diff(string(want), w.read(name)); diff != "" {
		w.Errorf("%s (-want +got):\n%s", expected, diff)
	}
	w.run(0, "fmt", "--check", name)
}
