package examples_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/register"
)

// The queries of docs/register.md find something in the quickstart's register, what
// the page says where it says so. They are PostgreSQL's, and SQLite's but for the names.
func TestDocumentedQueries(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, "quickstart", "timetable.db")
	cfg := w.load()
	w.init(cfg)
	w.apply(cfg, w.plan(cfg))
	w.plan(cfg)
	w.rows("INSERT INTO registrar_approval (id, digest, plan_id, approved_on, expires_on, approved_by) " +
		"SELECT 'a', p.digest, p.id, p.created_on, p.expires_on, 'grace@example.org' FROM registrar_plan AS p JOIN registrar_execution AS e ON e.plan_id = p.id RETURNING id")
	p := onPostgres(t)
	p.init(p.load())

	queries := 0
	all := fences(t, "../docs/register.md")
	for i, f := range all {
		if f.language != "sql" {
			continue
		}
		queries++
		p.rows(f.text)
		got := w.rows(strings.ReplaceAll(f.text, "registrar.", "registrar_"))
		if len(got) == 0 {
			t.Errorf("line %d: the query finds nothing", f.line)
		}
		if i+1 < len(all) && all[i+1].language == "text" {
			want := strings.Split(strings.TrimSuffix(strings.ReplaceAll(all[i+1].text, " | ", "|"), "\n"), "\n")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("line %d (-want +got):\n%s", f.line, diff)
			}
		}
	}
	if queries == 0 {
		t.Error("register.md has no query")
	}
}

// docs/register.md names every table and column of the register, and no others, and
// the version.
func TestDocumentedTables(t *testing.T) {
	t.Parallel()
	w := onPostgres(t)
	w.init(w.load())

	page := readFile(t, "../docs/register.md")
	var documented []string
	for _, section := range strings.Split(page, "\n### registrar.")[1:] {
		section, _, _ = strings.Cut(section, "\n## ")
		table, body, _ := strings.Cut(section, "\n")
		for line := range strings.SplitSeq(body, "\n") {
			cells := strings.Split(line, "|")
			if len(cells) < 3 || !strings.Contains(cells[1], "`") {
				continue
			}
			for column := range strings.SplitSeq(cells[1], ",") {
				documented = append(documented, table+"."+strings.Trim(column, " `"))
			}
		}
	}
	slices.Sort(documented)
	existing := w.rows("SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'registrar'")
	slices.Sort(existing)
	if diff := cmp.Diff(existing, documented); diff != "" {
		t.Errorf("the columns (-register +documentation):\n%s", diff)
	}
	if !strings.Contains(page, fmt.Sprintf("writes version %d.", register.Version)) {
		t.Errorf("register.md does not say version %d", register.Version)
	}
}
