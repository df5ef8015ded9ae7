package examples_test

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/examples"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/mssql"
	"github.com/registrar-sync/registrar/providers/mysql"
	"github.com/registrar-sync/registrar/providers/oracle"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/providers/xlsx"
	"github.com/registrar-sync/registrar/register"
)

// world is a copy of an example with its destination in its earlier state.
type world struct {
	testing.TB
	dir         string
	destination *sql.DB
	environ     []string
	now         time.Time
}

// september is a moment in the academic year of the examples.
var september = time.Date(2026, 9, 7, 4, 15, 0, 0, time.UTC)

func known() []providers.Provider {
	return []providers.Provider{
		bundle.New(), export.New(csv.New(), sqlite.New()), export.New(xlsx.New(), sqlite.New()), mssql.New(), mysql.New(), oracle.New(), postgres.New(), sqlite.New(),
	}
}

// extract copies an example's folder to a temporary directory.
func extract(t testing.TB, name string) string {
	t.Helper()
	folder, err := fs.Sub(examples.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, folder); err != nil {
		t.Fatal(err)
	}
	return dir
}

// onSQLite prepares an example whose destination is the SQLite file of that name.
func onSQLite(t testing.TB, name, file string) *world {
	t.Helper()
	w := &world{TB: t, dir: extract(t, name), now: september}
	w.destination = w.open("sqlite", "file:"+filepath.ToSlash(filepath.Join(w.dir, file))+"?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)")
	w.script("setup.sql")
	return w
}

// onPostgres prepares the example postgres, with one database for source and
// destination.
func onPostgres(t testing.TB) *world {
	t.Helper()
	url := pgtest.New(t)
	w := &world{TB: t, dir: extract(t, "postgres"), now: september}
	w.environ = []string{"REGISTRAR_VAR_apogee_url=" + url, "REGISTRAR_VAR_timetable_url=" + url}
	w.destination = w.open("pgx", url)
	w.script("setup-source.sql")
	w.script("setup.sql")
	return w
}

func (w *world) open(driver, dsn string) *sql.DB {
	w.Helper()
	db, err := sql.Open(driver, dsn)
	w.must(err)
	w.Cleanup(func() { db.Close() })
	return db
}

func (w *world) script(name string) {
	w.Helper()
	w.exec(readFile(w, filepath.Join(w.dir, name)))
}

func (w *world) exec(statement string) {
	w.Helper()
	_, err := w.destination.ExecContext(w.Context(), statement)
	w.must(err)
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// load compiles the configuration, which must not even give a warning.
func (w *world) load() *config.Config {
	w.Helper()
	cfg, diags := hcl.Load(w.dir, hcl.Options{Providers: known(), Environ: w.environ, Version: "0.1.0"})
	for _, d := range diags {
		w.Errorf("%s: %s: %s: %s", d.Subject, d.Severity, d.Summary, d.Detail)
	}
	if diags.HasErrors() {
		w.FailNow()
	}
	return cfg
}

// init creates the register, as registrar init does.
func (w *world) init(cfg *config.Config) {
	w.Helper()
	for _, connection := range cfg.Destinations {
		destination, err := plan.OpenDestination(w.Context(), known(), connection, cfg.Dir)
		w.must(err)
		defer destination.Close()
		conn, err := destination.Conn(w.Context())
		w.must(err)
		defer conn.Close()
		tx, err := destination.Begin(w.Context(), conn, 10*time.Second)
		w.must(err)
		_, outcome, err := register.New(destination.Dialect()).Init(w.Context(), tx, w.now, false)
		w.must(err)
		w.must(tx.Commit())
		if outcome != register.Created {
			w.Fatalf("init: %s, want created", outcome)
		}
	}
}

func (w *world) tryPlan(cfg *config.Config) (*plan.Plan, error) {
	w.Helper()
	return plan.Make(w.Context(), cfg, plan.Options{
		Providers: known(), Parallelism: 2, LockTimeout: 10 * time.Second, CreatedBy: "test",
		Now: func() time.Time { return w.now }, NewID: uuid.NewString,
		Warn: func(diags config.Diagnostics) { w.Errorf("plan warns: %+v", diags) },
	})
}

func (w *world) plan(cfg *config.Config) *plan.Plan {
	w.Helper()
	p, err := w.tryPlan(cfg)
	w.must(err)
	if p.Held() {
		w.Fatalf("a guard holds the plan: %+v", p.Syncs())
	}
	return p
}

func (w *world) apply(cfg *config.Config, p *plan.Plan) {
	w.Helper()
	w.now = w.now.Add(time.Minute)
	_, err := apply.Apply(w.Context(), cfg, p, apply.Options{
		Providers: known(), LockTimeout: 10 * time.Second, AppliedBy: "test", Now: func() time.Time { return w.now },
	})
	w.must(err)
}

// counts is what a sync plans, by operation; "ignored" counts as one.
type counts map[string]int64

// run loads, inits, plans, applies, and plans again, which must find nothing to do.
func (w *world) run(want map[string]counts) *plan.Plan {
	w.Helper()
	w.init(w.load())
	return w.again(want)
}

// again is run where there is a register already.
func (w *world) again(want map[string]counts) *plan.Plan {
	w.Helper()
	cfg := w.load()
	first := w.plan(cfg)
	if diff := cmp.Diff(want, planned(first)); diff != "" {
		w.Errorf("the plan (-want +got):\n%s", diff)
	}
	w.apply(cfg, first)
	w.now = w.now.Add(time.Hour)
	second := w.plan(cfg)
	if second.Changes() {
		w.Errorf("the plan after the apply still has operations: %v", planned(second))
	}
	return first
}

func planned(p *plan.Plan) map[string]counts {
	all := map[string]counts{}
	for _, s := range p.Syncs() {
		all[s.Sync] = counts{}
		for operation, n := range s.Counts {
			all[s.Sync][string(operation)] = n
		}
		if s.Ignored > 0 {
			all[s.Sync]["ignored"] = s.Ignored
		}
	}
	return all
}

// rows returns a query's rows, their values joined by |, NULL as ∅.
func (w *world) rows(query string) []string {
	w.Helper()
	rows, err := w.destination.QueryContext(w.Context(), query)
	if err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	w.must(err)
	var out []string
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		w.must(rows.Scan(into...))
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = "∅"
			if v.Valid {
				texts[i] = v.String
			}
		}
		out = append(out, strings.Join(texts, "|"))
	}
	w.must(rows.Err())
	return out
}

func (w *world) want(query string, want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.rows(query)); diff != "" {
		w.Errorf("%s (-want +got):\n%s", query, diff)
	}
}
