package transfer_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/transfer"
)

// Groups lie in groups, links between groups and people have no mark of their own, and what they are looked up by tells whose they are:
// CODE is the faculty's, which differs between the servers.
const relationsConfig = `
source "sqlite" "hr" {
  path = "source.db"
}

destination "sqlite" "app" {
  path = "app.db"
}

faculty "f" {
  name = "Faculty"
  code = "CODE"
}

sync "groups" {
  faculty = faculty.f
  source {
    from  = source.sqlite.hr
    table = "groups"
  }
  destination {
    into  = destination.sqlite.app
    table = "grp"
    key   = ["code", "year"]
    scope = { faculty = "CODE" }
  }
  columns {
    code      = row.code
    year      = row.year
    parent_id = lookup("grp", "id", { code = row.parent, year = row.year, faculty = "CODE" })
  }
  lifecycle {
    on_missing = "archive"
    archive    = { state = "gone" }
    archived   = dest.state == "gone"
    restore    = { state = "open" }
    protect    = dest.code == "ROOT"
  }
}

sync "members" {
  faculty = faculty.f
  source {
    from  = source.sqlite.hr
    table = "members"
  }
  destination {
    into  = destination.sqlite.app
    table = "member"
    key   = ["group_id", "person"]
    scope = { group_id = in_parent("grp", "id", { faculty = "CODE" }) }
  }
  columns {
    group_id = lookup("grp", "id", { code = row.code, year = row.year, faculty = "CODE" })
    person   = row.person
    since    = row.since
  }
  lifecycle {
    on_missing = "delete"
  }
}

sync "notes" {
  faculty = faculty.f
  source {
    from  = source.sqlite.hr
    table = "notes"
  }
  destination {
    into  = destination.sqlite.app
    table = "note"
    key   = ["number"]
    scope = { group_id = in_parent("grp", "id", { faculty = "CODE" }) }
  }
  columns {
    number   = row.number
    group_id = lookup("grp", "id", { code = row.code, year = 2026 })
  }
}
`

// newRelations is a server whose faculty has that code. The database numbers its rows from first on.
func newRelations(t testing.TB, code string, first int) *server {
	t.Helper()
	s := &server{TB: t, dir: t.TempDir(), now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
	s.source, s.dest = openSQLite(t, filepath.Join(s.dir, "source.db")), openSQLite(t, filepath.Join(s.dir, "app.db"))
	s.write("main.hcl", strings.ReplaceAll(relationsConfig, "CODE", code))
	exec(t, s.source,
		"CREATE TABLE groups (code TEXT, year INTEGER, parent TEXT)", "CREATE TABLE members (code TEXT, year INTEGER, person TEXT, since TEXT)",
		"CREATE TABLE notes (number TEXT, code TEXT)", "INSERT INTO notes VALUES ('n1', 'A'), ('n2', 'AA')",
		"INSERT INTO groups VALUES ('A', 2026, 'ROOT'), ('ROOT', 2026, NULL), ('AA', 2026, 'A'), ('B', 2026, 'ROOT')",
		"INSERT INTO members VALUES ('AA', 2026, 'p1', '2026-01-01'), ('AA', 2026, 'p2', NULL), ('B', 2026, 'p1', '')",
	)
	exec(t, s.dest,
		"CREATE TABLE grp (id INTEGER PRIMARY KEY, code TEXT NOT NULL, year INTEGER NOT NULL, parent_id INTEGER REFERENCES grp (id), state TEXT NOT NULL, faculty TEXT NOT NULL, UNIQUE (code, year))",
		"CREATE TABLE member (group_id INTEGER NOT NULL REFERENCES grp (id), person TEXT NOT NULL, since TEXT, PRIMARY KEY (group_id, person))",
		"CREATE TABLE note (number TEXT PRIMARY KEY, group_id INTEGER NOT NULL REFERENCES grp (id))",
		fmt.Sprintf("INSERT INTO grp VALUES (%d, 'other', 2026, NULL, 'open', 'OTHER')", first),
		fmt.Sprintf("INSERT INTO member VALUES (%d, 'p1', 'theirs')", first),
	)
	s.init("")
	return s
}

// relations are the rows of all faculties, without the numbers.
func (s *server) relations() []string {
	s.Helper()
	var all []string
	for _, query := range []string{
		"SELECT g.code || '|' || g.year || '|' || coalesce(p.code, '∅') || '|' || g.state || '|' || CASE g.faculty WHEN 'OTHER' THEN 'OTHER' ELSE '·' END FROM grp g LEFT JOIN grp p ON p.id = g.parent_id ORDER BY g.code",
		"SELECT g.code || '|' || m.person || '|' || coalesce(m.since, '∅') FROM member m JOIN grp g ON g.id = m.group_id ORDER BY g.code, m.person",
		"SELECT n.number || '|' || g.code FROM note n JOIN grp g ON g.id = n.group_id ORDER BY n.number",
	} {
		all = append(all, s.texts(query)...)
	}
	return all
}

func (s *server) texts(query string) (all []string) {
	s.Helper()
	rows, err := s.dest.QueryContext(s.Context(), query)
	must(s, err)
	defer rows.Close()
	for rows.Next() {
		var text sql.NullString
		must(s, rows.Scan(&text))
		all = append(all, text.String)
	}
	must(s, rows.Err())
	return all
}

func (s *server) planOptions() plan.Options {
	return plan.Options{Providers: exporters(), Parallelism: 1, LockTimeout: 20 * time.Second, CreatedBy: "planner", Now: func() time.Time { return s.now }, NewID: uuid.NewString}
}

func (s *server) applyOptions() apply.Options {
	s.now = s.now.Add(time.Minute)
	now := s.now
	return apply.Options{Providers: exporters(), LockTimeout: 20 * time.Second, AppliedBy: "applier", Now: func() time.Time { return now }}
}

func TestRelationsMove(t *testing.T) {
	t.Parallel()
	origin, target := newRelations(t, "ONE", 10), newRelations(t, "TWO", 700)
	nothing := target.relations()
	origin.apply()
	exec(t, origin.source, "DELETE FROM groups WHERE code = 'B'", "DELETE FROM members WHERE code = 'B'")
	exec(t, target.source, "DELETE FROM groups WHERE code = 'B'", "DELETE FROM members WHERE code = 'B'")
	origin.apply()
	before := origin.relations()
	if !strings.Contains(strings.Join(before, "\n"), "B|2026|ROOT|gone") {
		t.Fatalf("nothing was archived: %q", before)
	}
	o := origin.options("f")
	r, err := transfer.Export(t.Context(), origin.load(), o)
	must(t, err)
	m := transfer.Options{Providers: exporters(), LockTimeout: 20 * time.Second, Manifest: r.Manifest}
	// Under another code: the scope is another, and so is what the lookups go by.
	manifest := readText(t, r.Manifest)
	writeText(t, r.Manifest, strings.Replace(manifest, "ONE;;", "ONE;TWO;", 1))
	in, err := transfer.OpenImport(t.Context(), target.load(), m)
	must(t, err)
	defer in.Close()
	target.now = origin.now
	p, err := in.Plan(t.Context(), target.planOptions())
	must(t, err)
	_, err = in.Apply(t.Context(), p, target.applyOptions(), false)
	must(t, err)
	if diff := cmp.Diff(before, target.relations()); diff != "" {
		t.Errorf("(-at the origin +at the target):\n%s", diff)
	}
	lines, err := in.Confirm(t.Context(), p)
	must(t, err)
	confirmation := filepath.Join(t.TempDir(), "confirmation.csv")
	must(t, transfer.WriteConfirmation(confirmation, lines))

	next, err := plan.Make(t.Context(), target.load(), target.planOptions())
	must(t, err)
	if next.Changes() || next.Syncs()[0].Rejected > 0 {
		t.Errorf("the next plan has something to do: %+v", next.Syncs())
	}
	out, err := transfer.OpenRetirement(t.Context(), origin.load(), confirmation, m)
	must(t, err)
	defer out.Close()
	p, err = out.Plan(t.Context(), origin.planOptions())
	must(t, err)
	if p.Purpose == nil || p.Purpose.Kind != register.Retire || p.Held() {
		t.Errorf("the plan: %+v", p)
	}
	_, err = out.Apply(t.Context(), p, origin.applyOptions())
	must(t, err)
	if diff := cmp.Diff(nothing, origin.relations()); diff != "" {
		t.Errorf("left at the origin (-wanted +got):\n%s", diff)
	}
}

func readText(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}

func writeText(t testing.TB, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
}
