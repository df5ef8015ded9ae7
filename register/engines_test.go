package register_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/mysqltest"
	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mysql"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/register"
)

// world is an empty database and its register.
type world struct {
	testing.TB
	engine string
	d      providers.Destination
	conn   *sql.Conn
	r      register.Register
}

// engines open an empty database each.
var engines = map[string]func(tb testing.TB) (providers.Destination, error){
	"sqlite": func(tb testing.TB) (providers.Destination, error) {
		return sqlite.New().OpenDestination(tb.Context(), providers.Attributes{"path": "a.db", "create": true}, tb.TempDir())
	},
	"mysql": func(tb testing.TB) (providers.Destination, error) {
		database := mysqltest.New(tb)
		return mysql.New().OpenDestination(tb.Context(), providers.Attributes{
			"host": database.Host, "port": int64(database.Port), "database": database.Name, "user": database.User, "password": database.Password, "tls": "disable",
		}, "")
	},
	"postgres": func(tb testing.TB) (providers.Destination, error) {
		return postgres.New().OpenDestination(tb.Context(), providers.Attributes{"url": pgtest.New(tb)}, "")
	},
}

// onEveryEngine runs a test on each engine, in parallel.
func onEveryEngine(t *testing.T, test func(w *world)) {
	t.Helper()
	for engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(newWorld(t, engine))
		})
	}
}

func newWorld(tb testing.TB, engine string) *world {
	tb.Helper()
	d, err := engines[engine](tb)
	if err != nil {
		tb.Fatal(err)
	}
	w := &world{TB: tb, engine: engine, d: d, r: register.New(d.Dialect())}
	tb.Cleanup(func() {
		var err error
		if w.conn != nil {
			err = w.conn.Close()
		}
		if err := errors.Join(err, d.Close()); err != nil {
			tb.Error(err)
		}
	})
	w.conn, err = d.Conn(tb.Context())
	w.must(err)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// init creates the register, or brings an older one to the present version.
func (w *world) init(upgrade bool) register.Outcome {
	w.Helper()
	tx, err := w.d.Begin(w.Context(), w.conn, time.Second)
	w.must(err)
	_, outcome, err := w.r.Init(w.Context(), tx, time.Date(2026, 9, 1, 2, 30, 0, 0, time.UTC), upgrade)
	w.must(errors.Join(err, tx.Commit()))
	return outcome
}

// exec runs a statement in which {plan} stands for the register's table of plans.
func (w *world) exec(statement string) {
	w.Helper()
	if _, err := w.conn.ExecContext(w.Context(), w.named(statement)); err != nil {
		w.Fatalf("%v\n%.2000s", err, statement)
	}
}

var registerTables = []string{"meta", "plan", "operation", "finding", "execution", "override", "import_reg", "run", "run_beat", "pause", "author", "approval", "disclosure", "redaction"}

func (w *world) named(statement string) string {
	for _, table := range registerTables {
		statement = strings.ReplaceAll(statement, "{"+table+"}", w.d.Dialect().RegisterTable(table))
	}
	return statement
}

// rows returns a query's rows, the cells joined by a bar, NULL as nothing.
func (w *world) rows(query string) []string {
	w.Helper()
	found, err := w.conn.QueryContext(w.Context(), w.named(query))
	if err != nil {
		w.Fatalf("%v\n%s", err, query)
	}
	defer found.Close()
	columns, err := found.Columns()
	w.must(err)
	var all []string
	for found.Next() {
		cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		w.must(found.Scan(into...))
		texts := make([]string, len(columns))
		for i, cell := range cells {
			texts[i] = cell.String
		}
		all = append(all, strings.Join(texts, "|"))
	}
	w.must(found.Err())
	return all
}

// plan writes a plan, applied at a time unless that is zero.
func (w *world) plan(id string, applied time.Time, syncs ...register.SyncSummary) {
	w.Helper()
	p := &register.Plan{
		ID: id, CreatedOn: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), CreatedBy: "ada", ConfigDigest: "c", ExpiresOn: time.Date(2026, 9, 4, 0, 0, 0, 0, time.UTC),
		Status: register.Held, Digest: "d", Syncs: syncs,
	}
	w.must(w.r.InsertPlan(w.Context(), w.conn, p))
	if !applied.IsZero() {
		w.must(w.r.InsertExecution(w.Context(), w.conn, register.Execution{PlanID: id, ExecutedOn: applied, ExecutedBy: "ada"}))
	}
}

var day = time.Date(2026, 9, 2, 12, 0, 0, 123456000, time.UTC)
