package transfer_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/transfer"
)

func TestExport(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	b := s.export(s.options("hss", "sci"))
	if len(b.Faculties) != 2 {
		t.Fatalf("faculties %+v", b.Faculties)
	}
	f := &b.Faculties[0]
	if f.IDExport != "SHS" || f.Label != "hss" || f.Name != `Lettres; "sciences" humaines` || f.Contact != "office@example.org; dean@example.org" || f.Destination != "destination.sqlite.app" {
		t.Errorf("the faculty is %+v", f)
	}
	if other := b.Faculties[1]; other.IDExport != "sci" || other.Contact != "" {
		t.Errorf("the other faculty is %+v", other)
	}
	var names []string
	for i := range f.Syncs {
		one := &f.Syncs[i]
		names = append(names, fmt.Sprintf("%s %s %v %d/%d", one.Address, one.Name, one.Key, one.Rows, one.Archived))
	}
	// Departments come first: the staff refer to them.
	if diff := cmp.Diff([]string{`sync.departments["hss"] departments [code] 2/0`, `sync.staff["hss"] staff [code] 3/1`}, names); diff != "" {
		t.Errorf("the syncs (-want +got):\n%s", diff)
	}
	var columns []string
	for _, c := range f.Syncs[1].Columns {
		columns = append(columns, fmt.Sprintf("%s %s %v %s", c.Name, c.Kind, c.Generated, c.Lookup))
	}
	if diff := cmp.Diff([]string{
		"id integer true ", "code text false ", "name text false ", "department_id integer false ", "department_id.code text false department_id", "faculty text false ", "note text false ",
		"upper_name text true ", "deleted_on timestamp with time zone false ",
	}, columns); diff != "" {
		t.Errorf("the columns (-want +got):\n%s", diff)
	}
	if scope := f.Syncs[1].Scope; len(scope) != 1 || scope[0].Column != "faculty" || *scope[0].Text != "hss" {
		t.Errorf("the scope is %+v", scope)
	}
	archived := value(t, s.dest, "SELECT deleted_on FROM staff WHERE code = '10'")
	number := func(code string) string { return value(t, s.dest, "SELECT id FROM staff WHERE code = '"+code+"'") }
	department := func(code string) string {
		return value(t, s.dest, "SELECT id FROM department WHERE code = '"+code+"'")
	}
	if diff := cmp.Diff([]string{
		number("10") + "|10|Bob|" + department("D2") + "|D2|hss|∅|BOB|" + canonicalInstant(t, archived),
		number("9") + "|9|Ann|" + department("D1") + "|D1|hss|a, \"b\"|ANN|∅",
		number("é") + "|é|Eve|∅|∅|hss|∅|EVE|∅",
	}, rendered(t, b, f, &f.Syncs[1])); diff != "" {
		t.Errorf("the staff (-want +got):\n%s", diff)
	}
	if got := rendered(t, b, f, &f.Syncs[0]); len(got) != 2 || !strings.Contains(got[1], "|D2||hss|∅") {
		t.Errorf("the departments are %q", got)
	}
}

func value(t testing.TB, db *sql.DB, query string) string {
	t.Helper()
	var text string
	must(t, db.QueryRowContext(t.Context(), query).Scan(&text))
	return text
}

// canonicalInstant is the canonical text of what SQLite keeps as registrar writes it.
func canonicalInstant(t testing.TB, stored string) string {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, strings.Replace(stored, " ", "T", 1))
	must(t, err)
	return at.UTC().Format("2006-01-02 15:04:05.999999999Z")
}

// The history is that of the faculty's syncs, and of nobody else's.
func TestExportHistory(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	b := s.export(s.options("hss"))
	f := &b.Faculties[0]
	var got []string
	must(t, b.Plans(f, func(p *bundle.HistoryPlan) error {
		got = append(got, fmt.Sprintf("plan %s by %s at %s", p.ID[35:], p.ExecutedBy, p.ExecutedOn.Format(time.DateOnly)))
		for _, summary := range p.Summaries {
			if strings.Contains(summary, `"plan"`) || strings.Contains(summary, `"faculty":"sci"`) {
				t.Errorf("a summary is %s", summary)
			}
		}
		if len(p.Summaries) != 2 {
			t.Errorf("plan %s has %d summaries", p.ID, len(p.Summaries))
		}
		return nil
	}))
	must(t, b.Operations(f, func(o *bundle.HistoryOperation) error {
		got = append(got, fmt.Sprintf("%s %s %s", o.PlanID[35:], o.Operation, o.Key))
		return nil
	}))
	must(t, b.Findings(f, func(one *bundle.HistoryFinding) error {
		got = append(got, fmt.Sprintf("%s %s %s", one.PlanID[35:], one.Kind, *one.Key))
		return nil
	}))
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], " ", "")
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{
		`1insert{"code":"10"}`, `1insert{"code":"9"}`, `1insert{"code":"D1"}`, `1insert{"code":"D2"}`, `1insert{"code":"é"}`,
		`2archive{"code":"10"}`, `2rejected{"code":"11"}`, "plan1byapplierat2026-03-01", "plan2byapplierat2026-03-02",
	}, got); diff != "" {
		t.Errorf("the history (-want +got):\n%s", diff)
	}
	o := s.options("hss")
	o.NoHistory = true
	if b := s.export(o); b.Faculties[0].History != nil {
		t.Errorf("there is a history: %+v", b.Faculties[0].History)
	}
}

// An export leaves the database as it is, octet by octet, and so does one that fails.
func TestExportChangesNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	exec(t, s.dest, "PRAGMA wal_checkpoint(TRUNCATE)")
	before := digest(t, filepath.Join(s.dir, "app.db"))
	first := s.export(s.options("hss"))
	second := s.export(s.options("hss"))
	for i := range first.Faculties[0].Syncs {
		if first.Faculties[0].Syncs[i].Digest != second.Faculties[0].Syncs[i].Digest {
			t.Errorf("two exports of %s differ", first.Faculties[0].Syncs[i].Address)
		}
	}
	o := s.options("hss")
	exec(t, s.dest, "PRAGMA wal_checkpoint(TRUNCATE)")
	if after := digest(t, filepath.Join(s.dir, "app.db")); after != before {
		t.Error("the database's file was changed")
	}
	exec(t, s.dest, "UPDATE department SET building_id = 5 WHERE code = 'D1'")
	if _, err := transfer.Export(t.Context(), s.load(), o); err == nil {
		t.Error("no error")
	}
	entries, err := os.ReadDir(o.Dir)
	must(t, err)
	if len(entries) > 0 {
		t.Errorf("the failed export left %v", entries)
	}
}

func digest(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
