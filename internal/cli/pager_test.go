package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/tui"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// planMany saves a plan of n inserts as tf, and returns the app that may open it.
func planMany(t *testing.T, n int) (*console, *app) {
	t.Helper()
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
	for i := range n {
		fmt.Fprintf(&rows, "P%06d,A person of the name %d,person%d@example.org\n", i, i, i)
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
  sensitive = ["mail"]
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
	return c, &app{env: c.Environment}
}

// A plan of 100,000 operations is looked through, to its end and by its search, in the memory of what is on the screen; what is
// masked is found by nobody.
func TestReviewOfManyOperations(t *testing.T) {
	_, a := planMany(t, 100_000)
	opened, err := a.openReview(t.Context(), pagerOptions{file: "tf"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := opened.close(); err != nil {
			t.Error(err)
		}
	}()
	if opened.cut != "" {
		t.Fatalf("the registers are not read: %s", opened.cut)
	}
	m := tui.NewModel(t.Context(), tui.Review{Plan: opened.plan, Source: opened.source, Words: view.Words{Now: a.env.Now()}})
	most := uint64(0)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	reports := 0
	press := func(events ...any) {
		for len(events) > 0 {
			commands := m.Update(events[0])
			events = events[1:]
			for _, command := range commands {
				command(func(event any) {
					if reports++; reports%10 == 0 {
						var stats runtime.MemStats
						runtime.GC()
						runtime.ReadMemStats(&stats)
						most = max(most, stats.HeapAlloc)
					}
					events = append(events, event)
				})
			}
		}
	}
	text := func(query string) {
		for _, r := range query {
			press(tui.Key{Name: string(r), Rune: r})
		}
		press(tui.Key{Name: "enter"})
	}
	look := func(want string) {
		t.Helper()
		if screen := strings.Join(m.View(), "\n"); !strings.Contains(screen, want) {
			t.Errorf("expected %q:\n%s", want, screen)
		}
	}
	press(tui.Size{Width: 100, Height: 30})
	look(`> + insert   "P000000"`)
	press(tui.Key{Name: "end"})
	look(`> + insert   "P099999"  name = "A person of the name 99999"  mail = (sensitive)`)
	press(tui.Key{Name: "home"})
	text("/of the name 8765")
	look("11 matches")
	look(`> + insert   "P008765"`)
	text("/person8765@")
	look("0 matches")
	text("/A person")
	look("the first 10000 matches")
	press(tui.Key{Name: "N"})
	look(`> + insert   "P008764"`)
	const limit = 16 << 20
	if reports < 100 || most > before.HeapAlloc+limit {
		t.Errorf("%d reports, %d MB in use meanwhile, before %d", reports, most>>20, before.HeapAlloc>>20)
	}
}

// A read that is given up ends, and harms no other.
func TestReviewGivesUp(t *testing.T) {
	_, a := planMany(t, 5000)
	opened, err := a.openReview(t.Context(), pagerOptions{file: "tf"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.close() }()
	s := &opened.plan.Destinations[0].Syncs[0]
	ctx, cancel := context.WithCancel(t.Context())
	read := 0
	err = opened.source.Changes(ctx, s, 0, 0, func(*plan.Change) error {
		if read++; read == 100 {
			cancel()
		}
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) || read != 100 {
		t.Errorf("%d operations were read: %v", read, err)
	}
	read = 0
	if err := opened.source.Changes(t.Context(), s, 4000, 10, func(c *plan.Change) error {
		if want := fmt.Sprintf("P%06d", 4000+read); c.Key[0].Text != want {
			t.Errorf("operation %d is of %s, want %s", 4000+read, c.Key[0].Text, want)
		}
		read++
		return nil
	}); err != nil || read != 10 {
		t.Errorf("%d operations were read: %v", read, err)
	}
}

// Where the registers cannot be reached the file's excerpt is shown, and why; where they hold another plan, nothing is.
func TestReviewWithoutRegisters(t *testing.T) {
	c, a := planMany(t, 70)
	if err := os.Rename(filepath.Join(c.Dir, "main.hcl"), filepath.Join(c.Dir, "main.txt")); err != nil {
		t.Fatal(err)
	}
	opened, err := a.openReview(t.Context(), pagerOptions{file: "tf"})
	if err != nil {
		t.Fatal(err)
	}
	s := &opened.plan.Destinations[0].Syncs[0]
	if n := opened.source.Counts(s)["insert"]; n != 50 || !strings.Contains(opened.cut, "No configuration files") {
		t.Errorf("%d operations, cut for %q", n, opened.cut)
	}
	if n := opened.source.Found(s, register.Rejected); n != 0 {
		t.Errorf("%d findings", n)
	}
	read := 0
	if err := opened.source.Changes(t.Context(), s, 45, 10, func(*plan.Change) error { read++; return nil }); err != nil || read != 5 {
		t.Errorf("%d operations were read: %v", read, err)
	}
	if err := opened.close(); err != nil {
		t.Error(err)
	}
	if err := os.Rename(filepath.Join(c.Dir, "main.txt"), filepath.Join(c.Dir, "main.hcl")); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(c.Dir, "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `UPDATE registrar_operation SET "after" = replace("after", 'person7@', 'other@')`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.openReview(t.Context(), pagerOptions{file: "tf"}); err == nil || !strings.Contains(err.Error(), "are not those that were planned") {
		t.Errorf("operations that were changed: %v", err)
	}
}
