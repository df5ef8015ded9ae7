package transfer_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/transfer"
)

// leaving is a bundle that was exported and confirmed, as an import elsewhere does.
type leaving struct {
	*server
	manifest, confirmation string
	lines                  []transfer.Confirmed
}

func (s *server) leave(o transfer.ExportOptions) *leaving {
	s.Helper()
	r, err := transfer.Export(s.Context(), s.load(), o)
	must(s, err)
	l := &leaving{server: s, manifest: r.Manifest, confirmation: filepath.Join(o.Dir, "move-confirmation.csv")}
	for _, f := range r.Faculties {
		l.lines = append(l.lines, transfer.Confirmed{
			IDExport: f.IDExport, IDImport: "THERE", Name: f.Name, Rows: f.Live + f.Archived, Plan: "p", ExecutedOn: s.now, Target: "elsewhere", Bundle: r.SHA256,
		})
	}
	must(s, transfer.WriteConfirmation(l.confirmation, l.lines))
	return l
}

// retirement opens it at a server; p is a saved plan, or nil.
func (l *leaving) retirement(at *server, p *plan.Plan, without ...string) (*transfer.Retirement, error) {
	l.Helper()
	r, err := transfer.OpenRetirement(l.Context(), at.load(), l.confirmation, transfer.Options{
		Providers: exporters(), LockTimeout: 20 * time.Second, Manifest: l.manifest, Plan: p, Without: without,
	})
	if err == nil {
		l.Cleanup(func() { must(l, r.Close()) })
	}
	return r, err
}

func (l *leaving) plan(without ...string) (*transfer.Retirement, *plan.Plan, error) {
	l.Helper()
	r, err := l.retirement(l.server, nil, without...)
	must(l, err)
	p, err := r.Plan(l.Context(), l.planOptions())
	return r, p, err
}

func says(t testing.TB, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error says %q", words)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error does not say %q:\n%v", word, err)
		}
	}
}

func TestRetireElsewhere(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.leave(s.options("hss"))
	_, err := l.retirement(newServer(t), nil)
	says(t, err, "destination.sqlite.app is not the database that", "Retire the faculty at its origin")

	l.lines[0].Rows--
	must(t, transfer.WriteConfirmation(l.confirmation, l.lines))
	_, err = l.retirement(s, nil)
	says(t, err, "confirms 4 rows", "the bundle has 5: it is not of this bundle")
}

// What nobody maps is not in the plan: only a second look finds that it changed while it was made.
func TestRetireChangedWhilePlanned(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.leave(s.options("hss"))
	r, err := l.retirement(s, nil)
	must(t, err)
	o := s.planOptions()
	id := o.NewID
	o.NewID = func() string {
		exec(t, s.dest, "UPDATE staff SET note = 'meanwhile' WHERE code = '9'")
		return id()
	}
	p, err := r.Plan(t.Context(), o)
	if _, ok := errors.AsType[*transfer.ChangedError](err); !ok || p != nil {
		t.Errorf("%v is no *transfer.ChangedError, or there is a plan", err)
	}
}

// Rows of another faculty refer to those that leave, and no foreign key says so.
func TestRetireReferred(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	exec(t, s.dest,
		"CREATE TABLE staff2 (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT, department_id INTEGER, faculty TEXT, note TEXT, deleted_on TIMESTAMPTZ)",
		"INSERT INTO staff2 SELECT id, code, name, department_id, faculty, note, deleted_on FROM staff", "DROP TABLE staff", "ALTER TABLE staff2 RENAME TO staff")
	l := s.leave(s.options("hss"))
	r, p, err := l.plan()
	must(t, err)
	everything := "SELECT code || coalesce(department_id, '') FROM staff UNION ALL SELECT code FROM department ORDER BY 1"
	const refer = "UPDATE staff SET department_id = (SELECT id FROM department WHERE code = 'D1') WHERE code = '20'"
	exec(t, s.dest, refer)
	before := s.texts(everything)
	_, _, err = l.plan()
	if _, ok := errors.AsType[*transfer.ReferredError](err); !ok {
		t.Errorf("%v is no *transfer.ReferredError", err)
	}
	says(t, err, `1 rows of table "staff", by column "department_id", to rows of sync.departments["hss"]`, "nothing was removed")
	_, err = r.Apply(t.Context(), p, s.applyOptions())
	says(t, err, `1 rows of table "staff"`)
	if diff := cmp.Diff(before, s.texts(everything)); diff != "" {
		t.Errorf("(-before +behind):\n%s", diff)
	}
	// One whose faculty is not known stays, too.
	exec(t, s.dest, "UPDATE staff SET department_id = NULL WHERE code = '20'", "INSERT INTO staff (code, department_id) SELECT 'X', id FROM department WHERE code = 'D2'")
	_, _, err = l.plan()
	says(t, err, `1 rows of table "staff"`)
	exec(t, s.dest, "DELETE FROM staff WHERE code = 'X'")
	_, err = r.Apply(t.Context(), p, s.applyOptions())
	must(t, err)
}

// What an export left out is nowhere else.
func TestRetireWithout(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	o := s.options("hss")
	o.Without = []string{"staff.note", "building_id"}
	l := s.leave(o)
	_, _, err := l.plan()
	if _, ok := errors.AsType[*transfer.LostError](err); !ok {
		t.Errorf("%v is no *transfer.LostError", err)
	}
	says(t, err, `sync.staff["hss"]: column "note" of table "staff" holds a value in 1 rows`, "--without COLUMN")
	if strings.Contains(err.Error(), "building_id") {
		t.Errorf("a column without values is named: %v", err)
	}
	_, _, err = l.plan("nothing")
	says(t, err, "--without nothing: no such column was left out")
	for _, name := range []string{"note", "staff.note"} {
		_, _, err = l.plan(name, "building_id")
		must(t, err)
	}
}

const twoDestinations = `
source "sqlite" "hr" {
  path = "source.db"
}

destination "sqlite" "a" {
  path = "app.db"
}

destination "sqlite" "b" {
  path = "b.db"
}

faculty "f" {
  name = "Faculty"
}

sync "rooms" {
  faculty = faculty.f
  source {
    from  = source.sqlite.hr
    table = "rooms"
  }
  destination {
    into  = destination.sqlite.a
    table = "room"
    key   = ["code"]
    scope = { faculty = "f" }
  }
  columns {
    code = row.code
  }
}

sync "doors" {
  faculty = faculty.f
  source {
    from  = source.sqlite.hr
    table = "rooms"
  }
  destination {
    into  = destination.sqlite.b
    table = "door"
    key   = ["code"]
    scope = { faculty = "f" }
  }
  columns {
    code = row.code
  }
}
`

// A plan over two destinations was applied to one of them only: what is left is planned again.
func TestRetireHalfDone(t *testing.T) {
	t.Parallel()
	s := &server{TB: t, dir: t.TempDir(), now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
	s.source, s.dest = openSQLite(t, filepath.Join(s.dir, "source.db")), openSQLite(t, filepath.Join(s.dir, "app.db"))
	other := openSQLite(t, filepath.Join(s.dir, "b.db"))
	s.write("main.hcl", twoDestinations)
	exec(t, s.source, "CREATE TABLE rooms (code TEXT)", "INSERT INTO rooms VALUES ('1'), ('2')")
	exec(t, s.dest, "CREATE TABLE room (code TEXT PRIMARY KEY, faculty TEXT)")
	exec(t, other, "CREATE TABLE door (code TEXT PRIMARY KEY, faculty TEXT)")
	s.init("")
	s.apply()
	o := s.options("f")
	l := s.leave(o)
	if r, err := transfer.Verify(t.Context(), l.manifest); err != nil || r.Faculties[0].History.Plans != 1 {
		t.Errorf("one plan over two destinations: %+v, %v", r.Faculties[0].History, err)
	}
	r, first, err := l.plan()
	must(t, err)
	options := s.applyOptions()
	cut := errors.New("cut off")
	options.BeforeCommit = func(_ context.Context, destination string, _ *sql.Tx) error {
		if destination == "destination.sqlite.b" {
			return cut
		}
		return nil
	}
	if _, err := r.Apply(t.Context(), first, options); !errors.Is(err, cut) {
		t.Fatalf("the apply: %v", err)
	}
	if again, err := l.retirement(s, first); err != nil || len(again.Done) > 0 {
		t.Errorf("the plan that is half applied cannot be gone on with: %v, %v", again, err)
	}
	exec(t, other, "INSERT INTO door VALUES ('3', 'f')")
	_, _, err = l.plan()
	says(t, err, "nothing else was removed", "destination.sqlite.a: its rows were removed already, by plan "+first.ID, "sync.doors")
	exec(t, other, "DELETE FROM door WHERE code = '3'")

	r, second, err := l.plan()
	must(t, err)
	if len(r.Done) != 1 || !strings.Contains(r.Done[0], "destination.sqlite.a") {
		t.Errorf("done are %q", r.Done)
	}
	saved, err := l.retirement(s, second)
	must(t, err)
	_, err = saved.Apply(t.Context(), second, s.applyOptions())
	must(t, err)
	var left int
	must(t, other.QueryRowContext(t.Context(), "SELECT count(*) + (SELECT count(*) = 0 FROM registrar_pause) FROM door").Scan(&left))
	if left != 0 {
		t.Error("rows are left, or the sync is not paused")
	}
	_, _, err = l.plan()
	says(t, err, "was retired already, by plan")
	saved, err = l.retirement(s, second)
	must(t, err)
	_, err = saved.Apply(t.Context(), second, s.applyOptions())
	if _, ok := errors.AsType[*apply.AppliedError](err); !ok {
		t.Errorf("%v is no *apply.AppliedError", err)
	}
}
