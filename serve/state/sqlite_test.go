package state_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/serve/state"
)

func sqliteBackend() backend {
	return backend{
		location: func(t *testing.T) string { return filepath.Join(t.TempDir(), "new folder", "state ?#%41.db") },
		exec: func(t *testing.T, location, statement string) {
			t.Helper()
			db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(location)))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	exercise(t, sqliteBackend())
}

func TestSQLiteFilesArePrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	location := sqliteBackend().location(t)
	store := open(t, location)
	claim(t, store, job(1))
	done := make(chan struct{})
	working(t, store, state.WorkOptions{Jobs: 1, Handle: func(context.Context, state.Job) error {
		close(done)
		return nil
	}})
	receive(t, done, "the job")
	dir := filepath.Dir(location)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("files: %v, %v", files, err)
	}
	for _, file := range append(files, dir) {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %s", file, info.Mode())
		}
	}
}

func TestSQLiteServesOneProcess(t *testing.T) {
	t.Parallel()
	location := sqliteBackend().location(t)
	first, second := open(t, location), open(t, location)
	handled := make(chan string)
	o := state.WorkOptions{Jobs: 1, Handle: func(_ context.Context, j state.Job) error {
		handled <- j.RunID
		return nil
	}}
	stop := working(t, first, o)
	claim(t, first, job(1))
	receive(t, handled, "the job")

	err := second.Work(t.Context(), o)
	if err == nil {
		t.Fatal("two work on one file")
	}
	for _, want := range []string{fmt.Sprintf("process %d on ", os.Getpid()), location, "--state postgres://"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	// Beside it, others may write; what they claim is found.
	if err := second.SaveRun(t.Context(), result("by hand", noon)); err != nil {
		t.Error(err)
	}
	claim(t, second, job(2))
	if got := receive(t, handled, "the other's job"); got != job(2).RunID {
		t.Errorf("%s was handled", got)
	}
	stop()
	working(t, second, o)
	claim(t, second, job(3))
	receive(t, handled, "a job after the first has ended")
}

func TestSQLiteRunsAgainWhatAProcessLeft(t *testing.T) {
	t.Parallel()
	b := sqliteBackend()
	location := b.location(t)
	store := open(t, location)
	claim(t, store, job(1))
	b.exec(t, location, "UPDATE slot SET status = 'running', worker = 'dead', began_on = claimed_on")
	handled := make(chan string)
	working(t, store, state.WorkOptions{Jobs: 1, Handle: func(_ context.Context, j state.Job) error {
		handled <- j.RunID
		return nil
	}})
	receive(t, handled, "the job")
	waitDone(t, store, job(1))
}

// A database that cannot be written to for a while does not end the work.
func TestSQLiteWorkGoesOn(t *testing.T) {
	t.Parallel()
	b := sqliteBackend()
	location := b.location(t)
	store := open(t, location)
	handled := make(chan string, 2)
	working(t, store, state.WorkOptions{Jobs: 1, Handle: func(_ context.Context, j state.Job) error {
		handled <- j.RunID
		return nil
	}})
	claim(t, store, job(1))
	receive(t, handled, "the job")
	waitDone(t, store, job(1))
	b.exec(t, location, "ALTER TABLE slot RENAME TO away")
	time.Sleep(1200 * time.Millisecond) // longer than it polls
	b.exec(t, location, "ALTER TABLE away RENAME TO slot")
	claim(t, store, job(2))
	receive(t, handled, "the next job")
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	b := sqliteBackend()
	other := b.location(t)
	if err := os.MkdirAll(filepath.Dir(other), 0o700); err != nil {
		t.Fatal(err)
	}
	b.exec(t, other, "CREATE TABLE person (id integer)")
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for location, want := range map[string]string{
		"":                                    "the path of a file",
		"mysql://me:geheim@localhost/db":      "not mysql://",
		"postgres://me:geheim@local host:x/":  "not a URL of the form postgres://",
		"postgres://me:geheim@127.0.0.1:1/db": "open the service's state",
		other:                                 "something else",
		text:                                  "not a database",
	} {
		store, err := state.Open(t.Context(), location)
		if err == nil {
			store.Close()
			t.Errorf("%q was opened", location)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: %v", location, err)
		}
	}
}
