package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

func examine(t *testing.T, of any) []providers.Finding {
	t.Helper()
	found, err := of.(providers.Examiner).Examine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range found {
		if f.Subject == "version" {
			found[i].Found = f.Found[:len("SQLite ")]
		}
	}
	return found
}

// fileWith makes a database without a write-ahead log.
func fileWith(t *testing.T, statements ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func ok(subject, found string) providers.Finding {
	return providers.Finding{Subject: subject, State: providers.FindingOK, Found: found}
}

func TestExamineSource(t *testing.T) {
	dir := fileWith(t, "PRAGMA encoding = 'UTF-16le'", "CREATE TABLE room (code TEXT)", "CREATE VIEW rooms AS SELECT code FROM room")
	s, err := sqlite.New().OpenSource(t.Context(), providers.Attributes{"path": "a.db"}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := []providers.Finding{
		ok("version", "SQLite "), ok("charset", "UTF-16le"), ok("snapshot", "read only; others wait with writing meanwhile (journal_mode = delete)"),
	}
	if diff := cmp.Diff(want, examine(t, s)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for name, want := range map[string]providers.Finding{
		"ROOMS": ok("privileges", "the file may be read"),
		"romo":  {Subject: "privileges", State: providers.FindingProblem, Found: `no table "romo". Did you mean "room"?`, Remedy: "correct its name in the configuration"},
	} {
		found, err := s.(providers.PrivilegeExaminer).Privileges(t.Context(), providers.Needs{Tables: []providers.TableNeed{{Table: name, Select: true}}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]providers.Finding{want}, found); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestExamineDestination(t *testing.T) {
	dir := fileWith(t, "CREATE TABLE room (code TEXT)")
	open := func(wal bool) (providers.Destination, error) {
		return sqlite.New().OpenDestination(t.Context(), providers.Attributes{"path": "a.db", "wal": wal, "busy_timeout": "1ms"}, dir)
	}
	opened := func() providers.Destination {
		d, err := open(false)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		return d
	}
	before := []providers.Finding{ok("version", "SQLite "), ok("charset", "UTF-8")}
	d := opened()
	if diff := cmp.Diff(append(before, ok("writing", "the file may be written")), examine(t, d)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	conn, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx, err := d.Begin(t.Context(), conn, 0)
	if err != nil {
		t.Fatal(err)
	}
	busy := providers.Finding{
		Subject: "writing", State: providers.FindingWarning, Found: "another process is writing to the file",
		Remedy: "wait until it has ended, or give apply longer with --lock-timeout",
	}
	if diff := cmp.Diff(append(before, busy), examine(t, opened())); diff != "" {
		t.Errorf("while another writes (-want +got):\n%s", diff)
	}
	if err := errors.Join(tx.Rollback(), conn.Close()); err != nil {
		t.Fatal(err)
	}

	// Of a write format that it does not know SQLite opens a file for reading only, whoever asks.
	path := filepath.Join(dir, "a.db")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const writeFormat = 18 // octet of the header
	text[writeFormat] = 3
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	readOnly := providers.Finding{
		Subject: "writing", State: providers.FindingProblem, Found: "the file is read only",
		Remedy: "let the user who runs registrar write the file and its folder",
	}
	if diff := cmp.Diff(append(before, readOnly), examine(t, opened())); diff != "" {
		t.Errorf("read only (-want +got):\n%s", diff)
	}
	d, err = open(true)
	if err == nil {
		t.Fatal("a file that cannot be written has a write-ahead log now", d.Close())
	}
	if got := sqlite.New().Advice(err); got != readOnly.Remedy {
		t.Errorf("%q for: %v", got, err)
	}
}

func TestAdvice(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "text.db"), []byte(strings.Repeat("no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"text.db": "another kind of file", "nosuch.db": "or let the file be there", ".": ""} {
		_, err := sqlite.New().OpenSource(t.Context(), providers.Attributes{"path": path}, dir)
		if err == nil {
			t.Fatal("opened")
		}
		if got := sqlite.New().Advice(err); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%q for: %v", got, err)
		}
	}
}
