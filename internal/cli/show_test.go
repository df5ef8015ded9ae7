package cli

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
)

// heapWatch throws away what is written to it, and measures what is in use meanwhile.
type heapWatch struct {
	written, measured int
	most              uint64 // octets in use, at most
}

func (h *heapWatch) Write(p []byte) (int, error) {
	const every = 2 << 20
	if h.written += len(p); h.written-h.measured >= every {
		h.measured = h.written
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		h.most = max(h.most, stats.HeapAlloc)
	}
	return len(p), nil
}

// Operations are shown as they are read: a plan of 50,000 leaves nothing behind on the way,
// which would be 50 MB.
func TestShowKeepsNoOperation(t *testing.T) {
	c := newConsole(t)
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(c.Dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var rows strings.Builder
	rows.WriteString("code,name,mail\n")
	for i := range 50_000 {
		fmt.Fprintf(&rows, "P%d,A person of the name %d,person%d@example.org\n", i, i, i)
	}
	write("data/person.csv", rows.String())
	write("main.hcl", `source "csv" "files" {
  directory = "data"
}
destination "sqlite" "main" {
  path   = "a.db"
  create = true
}
sync "people" {
  source {
    from  = source.csv.files
    table = "person"
  }
  destination {
    into       = destination.sqlite.main
    table      = "person"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
    mail = row.mail
  }
}
`)
	db, err := sql.Open("sqlite", filepath.Join(c.Dir, "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "CREATE TABLE person (code TEXT PRIMARY KEY, name TEXT, mail TEXT)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init"}, {"plan", "--out", "tf"}} {
		if code := c.run(t.Context(), args...); code != 0 {
			t.Fatalf("%q ends with %d: %s", args, code, c.err.String())
		}
	}
	for _, args := range [][]string{{"show", "--all", "tf"}, {"show", "--all", "--json", "tf"}} {
		watch := &heapWatch{}
		c.Stdout = watch
		var before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		if code := c.run(t.Context(), args...); code != 0 {
			t.Fatalf("%q ends with %d: %s", args, code, c.err.String())
		}
		const limit = 16 << 20
		if watch.measured == 0 || watch.most > before.HeapAlloc+limit {
			t.Errorf("%q: %d octets written, %d MB in use meanwhile, before %d", args, watch.written, watch.most>>20, before.HeapAlloc>>20)
		}
	}
	a := &app{env: c.Environment}
	cfg, err := a.load()
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.openFile("tf", "")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := a.openStored(t.Context(), cfg, p)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stored.close() }()
	// A document asks for no more than it can show.
	for format, most := range map[outputFormat]int{formatHTML: view.MostOnPage, formatMarkdown: view.MostInMarkdown(0), formatText: 7, formatJSON: 50_000} {
		a.output = format
		text := 0
		if format == formatText {
			text = 7
		}
		read := 0
		for _, s := range p.Syncs() {
			if err := stored.changes(t.Context(), p, a.mostShown(text))(&s, func(*plan.Change) error { read++; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if read != most {
			t.Errorf("%s reads %d operations, want %d", format, read, most)
		}
	}
}
