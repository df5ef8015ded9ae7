package state_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
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
			db, err := sql.Open("sqlite", fileURI(location))
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

func fileURI(location string) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(location)) + "?_pragma=busy_timeout(10000)"
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
	handled, works := make(chan string), make(chan error, 2)
	o := state.WorkOptions{Jobs: 1, Working: func(err error) { works <- err }, Handle: func(_ context.Context, j state.Job) error {
		handled <- j.RunID
		return nil
	}}
	stop := working(t, first, o)
	if err := receive(t, works, "that it works"); err != nil {
		t.Error(err)
	}
	claim(t, first, job(1))
	receive(t, handled, "the job")

	err := second.Work(t.Context(), o)
	if err == nil || len(works) != 0 {
		t.Fatalf("two work on one file: %v", err)
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
	claim(t, store, job(1), job(2))
	// The one had told for a while that it lives.
	b.exec(t, location, `UPDATE slot SET status = 'running', worker = 'dead', began_on = '2026-01-01T00:00:00.000000Z',
beat_on = CASE WHEN run_id = 'run-2' THEN strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') END`)
	for _, id := range []string{"dead", "me"} {
		if err := store.Beat(t.Context(), state.Replica{ID: id, SeenOn: noon}); err != nil {
			t.Fatal(err)
		}
	}
	handled := make(chan state.Job)
	working(t, store, state.WorkOptions{Jobs: 1, Replica: "me", Handle: func(_ context.Context, j state.Job) error {
		handled <- j
		return nil
	}})
	if j := receive(t, handled, "the job"); !j.Begun || j.Silence < time.Hour {
		t.Errorf("the one that was begun long ago is %+v", j)
	}
	if j := receive(t, handled, "the other job"); !j.Begun || j.Silence > time.Hour {
		t.Errorf("the one whose process died just now is %+v", j)
	}
	waitDone(t, store, job(2))
	if replicas, err := store.Replicas(t.Context(), noon); err != nil || len(replicas) != 1 || replicas[0].ID != "me" {
		t.Errorf("alive are %+v, %v", replicas, err)
	}
}

// The jobs of a process that dies are known to have been worked on until then.
func TestSQLiteTellsThatItWorks(t *testing.T) {
	t.Parallel()
	location := sqliteBackend().location(t)
	store := open(t, location)
	claim(t, store, job(1))
	begun, goOn := make(chan struct{}), make(chan struct{})
	working(t, store, state.WorkOptions{Jobs: 1, Takeover: 100 * time.Millisecond, Handle: func(context.Context, state.Job) error {
		close(begun)
		<-goOn
		return nil
	}})
	defer close(goOn)
	receive(t, begun, "the job")
	db, err := sql.Open("sqlite", fileURI(location))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	eventually(t, "it tells so", func() bool {
		var told bool
		if err := db.QueryRowContext(t.Context(), "SELECT beat_on IS NOT NULL FROM slot").Scan(&told); err != nil {
			t.Fatal(err)
		}
		return told
	})
}

// warnings is a log of which the first warning is kept.
type warnings chan string

func (w warnings) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

func (w warnings) Handle(_ context.Context, r slog.Record) error {
	select {
	case w <- r.Message:
	default:
	}
	return nil
}

func (w warnings) WithAttrs([]slog.Attr) slog.Handler { return w }
func (w warnings) WithGroup(string) slog.Handler      { return w }

// A database that cannot be written to for a while does not end the work.
func TestSQLiteWorkGoesOn(t *testing.T) {
	t.Parallel()
	b := sqliteBackend()
	location := b.location(t)
	store := open(t, location)
	handled, warned := make(chan string, 2), make(warnings, 1)
	working(t, store, state.WorkOptions{Jobs: 1, Log: slog.New(warned), Handle: func(_ context.Context, j state.Job) error {
		handled <- j.RunID
		return nil
	}})
	claim(t, store, job(1))
	receive(t, handled, "the job")
	waitDone(t, store, job(1))
	b.exec(t, location, "ALTER TABLE slot RENAME TO away")
	if got := receive(t, warned, "what the log says"); got != "no job could be looked for" {
		t.Errorf("the log says %q", got)
	}
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
