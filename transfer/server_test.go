package transfer_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/transfer"
)

func exporters() []providers.Provider {
	return []providers.Provider{bundle.New(), postgres.New(), sqlite.New()}
}

// server is a server that faculties are exported from: a source and a destination, both of SQLite unless a test says otherwise.
type server struct {
	testing.TB
	dir          string
	source, dest *sql.DB
	now          time.Time
	plans        int
}

const serverConnections = `
source "sqlite" "hr" {
  path = "source.db"
}

destination "sqlite" "app" {
  path   = "app.db"
  create = true
}
`

const serverFaculties = `
notify "email" "office" {
  on   = ["failure"]
  to   = ["office@example.org", "The dean <dean@example.org>"]
  smtp = "smtp://mail.example.org:587"
}

notify "webhook" "it" {
  on  = ["failure"]
  url = "https://chat.example.org/hook"
}

faculty "hss" {
  name   = "Lettres; \"sciences\" humaines"
  code   = "SHS"
  notify = [notify.email.office, notify.webhook.it]
}

faculty "sci" {
  name = "Sciences"
}

faculty "law" {
  name = "Droit"
  code = "DRT"
}

locals {
  kept = { for label, f in faculty : label => f if label != "law" }
}
`

const serverSyncs = `
sync "staff" {
  for_each = local.kept
  faculty  = each.value
  source {
    from   = source.sqlite.hr
    query  = "SELECT * FROM staff WHERE faculty = :faculty"
    params = { faculty = each.value.label }
  }
  destination {
    into  = destination.sqlite.app
    table = "staff"
    key   = ["code"]
    scope = { faculty = each.value.label }
  }
  columns {
    code          = row.code
    name          = row.name
    department_id = lookup("department", "id", { code = row.department })
  }
  sensitive = ["name"]
  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
  }
  guard {
    max_delete      = "100%"
    max_reject      = "100%"
    min_source_rows = 0
  }
}

sync "departments" {
  for_each = local.kept
  faculty  = each.value
  source {
    from   = source.sqlite.hr
    query  = "SELECT * FROM department WHERE faculty = :faculty"
    params = { faculty = each.value.label }
  }
  destination {
    into  = destination.sqlite.app
    table = "department"
    key   = ["code"]
    scope = { faculty = each.value.label }
  }
  columns {
    code  = row.code
    label = row.label
  }
  guard {
    max_delete      = "100%"
    max_reject      = "100%"
    min_source_rows = 0
  }
}
`

// newServer makes a server whose first plan was applied, and a second that archived one of the staff and found a record without its
// department.
func newServer(t testing.TB) *server {
	t.Helper()
	s := &server{TB: t, dir: t.TempDir(), now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
	s.source, s.dest = openSQLite(t, filepath.Join(s.dir, "source.db")), openSQLite(t, filepath.Join(s.dir, "app.db"))
	s.write("connections.hcl", serverConnections)
	s.write("faculties.hcl", serverFaculties)
	s.write("syncs.hcl", serverSyncs)
	exec(t, s.source,
		"CREATE TABLE department (code TEXT, label TEXT, faculty TEXT)", "CREATE TABLE staff (code TEXT, name TEXT, department TEXT, faculty TEXT)",
		"INSERT INTO department VALUES ('D1', 'Lettres', 'hss'), ('D2', '', 'hss'), ('M1', 'Maths', 'sci')",
		"INSERT INTO staff VALUES ('9', 'Ann', 'D1', 'hss'), ('10', 'Bob', 'D2', 'hss'), ('é', 'Eve', NULL, 'hss'), ('20', 'Sam', 'M1', 'sci')",
	)
	exec(t, s.dest,
		"CREATE TABLE building (id INTEGER PRIMARY KEY, label TEXT)", "INSERT INTO building VALUES (5, 'North')",
		"CREATE TABLE department (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, label TEXT, faculty TEXT, building_id INTEGER REFERENCES building (id))",
		`CREATE TABLE staff (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT, department_id INTEGER REFERENCES department (id), faculty TEXT, note TEXT, upper_name TEXT GENERATED ALWAYS AS (upper(name)), deleted_on TIMESTAMPTZ)`,
		"INSERT INTO department (id, code, faculty) VALUES (99, 'X', 'others')",
	)
	s.init("")
	s.apply()
	exec(t, s.dest, "UPDATE staff SET note = 'a, \"b\"' WHERE code = '9'")
	exec(t, s.source, "DELETE FROM staff WHERE code = '10'", "INSERT INTO staff VALUES ('11', 'Zoe', 'D9', 'hss')")
	s.apply()
	return s
}

func openSQLite(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)")
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func exec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, one := range statements {
		if _, err := db.ExecContext(t.Context(), one); err != nil {
			t.Fatalf("%s: %v", one, err)
		}
	}
}

func (s *server) write(name, content string) {
	s.Helper()
	must(s, os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o600))
}

func (s *server) load() *config.Config {
	s.Helper()
	cfg, diags := hcl.Load(s.dir, hcl.Options{Providers: exporters(), Version: "0.1.0"})
	must(s, diags.Err())
	return cfg
}

// init makes the register of a destination; "" for the only one.
func (s *server) init(address string) {
	s.Helper()
	cfg := s.load()
	for _, c := range cfg.Destinations {
		if address != "" && c.Address != address {
			continue
		}
		d, err := plan.OpenDestination(s.Context(), exporters(), c, cfg.Dir)
		must(s, err)
		conn, err := d.Conn(s.Context())
		must(s, err)
		tx, err := d.Begin(s.Context(), conn, time.Second)
		must(s, err)
		_, _, err = register.New(d.Dialect()).Init(s.Context(), tx, s.now, false)
		must(s, err)
		must(s, errors.Join(tx.Commit(), conn.Close(), d.Close()))
	}
}

// apply plans and applies, and time passes.
func (s *server) apply() {
	s.Helper()
	s.plans++
	p, err := plan.Make(s.Context(), s.load(), plan.Options{
		Providers: exporters(), Parallelism: 1, LockTimeout: 20 * time.Second, CreatedBy: "planner",
		Now: func() time.Time { return s.now }, NewID: func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", s.plans) },
	})
	must(s, err)
	s.now = s.now.Add(time.Minute)
	now := s.now
	_, err = apply.Apply(s.Context(), s.load(), p, apply.Options{Providers: exporters(), LockTimeout: 20 * time.Second, AppliedBy: "applier", Now: func() time.Time { return now }})
	must(s, err)
	s.now = s.now.Add(24 * time.Hour)
}

func (s *server) options(faculties ...string) transfer.ExportOptions {
	out := s.TempDir()
	return transfer.ExportOptions{
		Faculties: faculties, Dir: out, Name: "move", Providers: exporters(), Now: s.now, By: "exporter@host", LockTimeout: 10 * time.Second,
	}
}

func (s *server) export(o transfer.ExportOptions) *bundle.Bundle {
	s.Helper()
	r, err := transfer.Export(s.Context(), s.load(), o)
	must(s, err)
	b, err := bundle.Open(s.Context(), r.Manifest)
	must(s, err)
	s.Cleanup(func() { must(s, b.Close()) })
	return b
}

// rendered are the rows of a sync of a bundle, each with | between its values.
func rendered(t testing.TB, b *bundle.Bundle, f *bundle.Faculty, s *bundle.Sync) []string {
	t.Helper()
	r, err := b.Rows(f, s)
	must(t, err)
	defer r.Close()
	var all []string
	for {
		cells, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		must(t, err)
		parts := make([]string, len(cells))
		for i, c := range cells {
			if parts[i] = c.Text; c.Null {
				parts[i] = "∅"
			}
		}
		all = append(all, strings.Join(parts, "|"))
	}
}
