package run_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // to look at what was written
	"go.uber.org/goleak"
	_ "modernc.org/sqlite" // likewise

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a configuration of csv sources and one destination, and what its runs use.
type world struct {
	testing.TB
	dir  string
	dest *sql.DB
	now  time.Time
	ids  int
	// slept are the waits before retries; asleep happens in each of them.
	slept  []time.Duration
	asleep func()
	// adapt changes the configuration after it was read.
	adapt func(*config.Config)
	opts  run.Options
}

const connections = `
source "csv" "files" { directory = "data" }

destination %q "main" { %s }

faculty "arts" { name = "Arts" }
faculty "law" { name = "Law" }
`

// newWorld makes an empty destination with the tables room, site and person, and its register.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := bareWorld(t)
	w.dest = w.open("sqlite", "file:"+filepath.Join(w.dir, "main.db")+"?_pragma=busy_timeout(10000)")
	w.write("connections.hcl", fmt.Sprintf(connections, "sqlite", `path = "main.db"`))
	w.exec("CREATE TABLE room (code TEXT PRIMARY KEY, name TEXT)", "CREATE TABLE site (code TEXT PRIMARY KEY, name TEXT)",
		"CREATE TABLE person (code TEXT PRIMARY KEY, name TEXT)")
	w.initRegister("destination.sqlite.main")
	return w
}

// newPostgresWorld is newWorld in PostgreSQL.
func newPostgresWorld(t testing.TB) *world {
	t.Helper()
	w := bareWorld(t)
	url := pgtest.New(t)
	w.dest = w.open("pgx", url)
	w.write("connections.hcl", fmt.Sprintf(connections, "postgres", fmt.Sprintf("url = %q", url)))
	w.exec("CREATE TABLE room (code text PRIMARY KEY, name text)", "CREATE TABLE site (code text PRIMARY KEY, name text)",
		"CREATE TABLE person (code text PRIMARY KEY, name text)")
	w.initRegister("destination.postgres.main")
	return w
}

func bareWorld(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, dir: t.TempDir(), now: time.Date(2026, 9, 1, 2, 30, 0, 0, time.UTC)}
	w.opts = run.Options{
		Providers: known(), Parallelism: 2, LockTimeout: 20 * time.Second, StartedBy: "tester@example", GitCommit: strings.Repeat("0", 40),
		Now: func() time.Time { return w.now },
		NewID: func() string {
			w.ids++
			return fmt.Sprintf("00000000-0000-4000-8000-%012d", w.ids)
		},
		Sleep: func(ctx context.Context, d time.Duration) error {
			w.slept = append(w.slept, d)
			w.now = w.now.Add(d)
			if w.asleep != nil {
				w.asleep()
			}
			return ctx.Err()
		},
	}
	return w
}

func known() []providers.Provider {
	return []providers.Provider{export.New(csv.New(), sqlite.New()), postgres.New(), sqlite.New()}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) open(driver, dsn string) *sql.DB {
	w.Helper()
	db, err := sql.Open(driver, dsn)
	w.must(err)
	w.Cleanup(func() { db.Close() })
	w.must(db.PingContext(w.Context()))
	return db
}

func (w *world) exec(statements ...string) {
	w.Helper()
	for _, statement := range statements {
		_, err := w.dest.ExecContext(w.Context(), statement)
		w.must(err)
	}
}

func (w *world) write(name, content string) {
	w.Helper()
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	w.must(os.MkdirAll(filepath.Dir(path), 0o700))
	w.must(os.WriteFile(path, []byte(content), 0o600))
}

// sync declares a sync of a file to a table; more are further lines of its block.
func (w *world) sync(name, table string, more ...string) {
	w.Helper()
	w.write(name+".hcl", fmt.Sprintf(`
sync %q {
  source {
    from  = source.csv.files
    table = %q
  }
  destination {
    into       = %s
    table      = %q
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
  }
  lifecycle { on_missing = "delete" }
  %s
}
`, name, name, w.into(), table, strings.Join(more, "\n  ")))
}

func (w *world) into() string {
	text, err := os.ReadFile(filepath.Join(w.dir, "connections.hcl"))
	w.must(err)
	if strings.Contains(string(text), `"postgres"`) {
		return "destination.postgres.main"
	}
	return "destination.sqlite.main"
}

// rows replaces the records of a source: "R1,Hall".
func (w *world) rows(name string, records ...string) {
	w.Helper()
	w.write("data/"+name+".csv", strings.Join(append([]string{"code,name"}, records...), "\n")+"\n")
}

func (w *world) load() *config.Config {
	w.Helper()
	cfg, diags := hcl.Load(w.dir, hcl.Options{Providers: known(), Version: "0.1.0"})
	w.must(diags.Err())
	if w.adapt != nil {
		w.adapt(cfg)
	}
	return cfg
}

func (w *world) run(request run.Request) *run.Result {
	w.Helper()
	result, err := run.Run(w.Context(), w.load(), request, w.opts)
	w.must(err)
	w.now = w.now.Add(time.Minute)
	return result
}

func (w *world) runAll() *run.Result {
	w.Helper()
	return w.run(run.Request{Trigger: run.Manual})
}

// session opens a destination and its register.
func (w *world) session(destination string, work func(reg register.Register, tx *sql.Tx)) {
	w.Helper()
	cfg := w.load()
	i := slices.IndexFunc(cfg.Destinations, func(c *config.Connection) bool { return c.Address == destination })
	d, err := plan.OpenDestination(w.Context(), known(), cfg.Destinations[i], cfg.Dir)
	w.must(err)
	defer d.Close()
	conn, err := d.Conn(w.Context())
	w.must(err)
	defer conn.Close()
	tx, err := d.Begin(w.Context(), conn, 10*time.Second)
	w.must(err)
	work(register.New(d.Dialect()), tx)
	w.must(tx.Commit())
}

func (w *world) initRegister(destination string) {
	w.Helper()
	w.session(destination, func(reg register.Register, tx *sql.Tx) {
		_, _, err := reg.Init(w.Context(), tx, w.now, false)
		w.must(err)
	})
}

// records lists the runs of the register, oldest first: "unit status attempt".
func (w *world) records() []string {
	w.Helper()
	var all []string
	w.session(w.into(), func(reg register.Register, tx *sql.Tx) {
		w.must(reg.Runs(w.Context(), tx, time.Time{}, 0, func(r *register.Run) error {
			if (r.Status == register.RunRunning) != r.EndedOn.IsZero() {
				w.Errorf("the run of %s is %s and ended on %s", r.Unit, r.Status, r.EndedOn)
			}
			all = append(all, fmt.Sprintf("%s %s %d", r.Unit, r.Status, r.Attempt))
			return nil
		}))
	})
	slices.Sort(all)
	return all
}

func (w *world) wantRecords(want ...string) {
	w.Helper()
	if got := w.records(); !slices.Equal(got, want) {
		w.Errorf("the register has the runs %q, want %q", got, want)
	}
}

// table lists a table's rows: "R1 Hall".
func (w *world) table(name string) []string {
	w.Helper()
	rows, err := w.dest.QueryContext(w.Context(), "SELECT code, name FROM "+name+" ORDER BY code")
	w.must(err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var code, text string
		w.must(rows.Scan(&code, &text))
		all = append(all, code+" "+text)
	}
	w.must(rows.Err())
	return all
}

func (w *world) wantTable(name string, want ...string) {
	w.Helper()
	if got := w.table(name); !slices.Equal(got, want) {
		w.Errorf("%s has %q, want %q", name, got, want)
	}
}

// wantUnits compares what became of the units: "sync.rooms applied".
func (w *world) wantUnits(result *run.Result, want ...string) {
	w.Helper()
	var got []string
	for _, u := range result.Units {
		got = append(got, fmt.Sprintf("%s %s", u.Unit, u.Outcome))
	}
	if !slices.Equal(got, want) {
		for _, u := range result.Units {
			w.Logf("%s: %s", u.Unit, u.Message)
		}
		w.Errorf("the units are %q, want %q", got, want)
	}
}

func (w *world) wantMessage(u run.UnitResult, parts ...string) {
	w.Helper()
	for _, part := range parts {
		if !strings.Contains(u.Message, part) {
			w.Errorf("%s says %q, want %q in it", u.Unit, u.Message, part)
		}
	}
}

// onMessage is a log that does something when a message comes.
func onMessage(message string, do func()) *slog.Logger { return slog.New(&watch{message, do}) }

type watch struct {
	message string
	do      func()
}

func (*watch) Enabled(context.Context, slog.Level) bool { return true }
func (h *watch) WithAttrs([]slog.Attr) slog.Handler     { return h }
func (h *watch) WithGroup(string) slog.Handler          { return h }

func (h *watch) Handle(_ context.Context, r slog.Record) error {
	if r.Message == h.message {
		h.do()
	}
	return nil
}
