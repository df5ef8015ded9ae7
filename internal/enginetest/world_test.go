// Package enginetest holds the tests of the whole engine: configurations in the
// language, real databases, plan and apply. They run on every destination that the
// tests can start.
package enginetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/internal/mysqltest"
	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/mysql"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/register"
)

// engine is a database that can be a source and a destination.
type engine struct {
	name string
	// open creates an empty database and returns the arguments of a source or
	// destination block for it, and a connection of the test's own.
	open func(t testing.TB, dir, file string) (arguments string, db *sql.DB)
	// types are declared types by the name that tests use: id is a key that the database gives,
	// exact a number of any size, and cast what CAST calls a text.
	types map[string]string
	param func(n int) string
	// oneDatabase spares the tests a second one for the source: it takes long to make.
	oneDatabase bool
	sequences   bool // it has them
	// partialIndex: an index may be over some rows only.
	partialIndex bool
	// locksTables: an apply can keep all others from writing to a table.
	locksTables bool
	// setsDefault: a foreign key may set what refers to a default.
	setsDefault bool
	// rowByRow: foreign keys are checked with each row, not when the statement has written all of them.
	rowByRow bool
	// deferrable: foreign keys may be checked when a transaction ends.
	deferrable bool
	// numericBool: true and false are 1 and 0.
	numericBool bool
	// padded: blanks at the end of a CHAR do not count.
	padded bool
	// exactNumbers: a number has as many digits as its type says.
	exactNumbers bool
	// ignoringCase stands behind a type of text for which a and A are equal; prepare, if there is any, makes that known.
	ignoringCase, ignoringCasePrepare string
	// member is an expression of the text of a document's member.
	member func(document, name string) string
	// failing is an expression that cannot be computed for rows that fulfil a condition.
	failing func(condition string) string
	// retype changes a column's type; nil where it cannot be.
	retype func(table, column, kind string) string
	// narrow are the types with fewer digits of a second than those of the same name.
	narrow map[string]string
	// stages lists the staging tables that others than their own connection see, newStage makes one; "" where
	// there are none such.
	stages, newStage string
	// shout makes what is inserted into table room capitals, veto keeps the row R2 from being inserted; nil where
	// a trigger cannot do it silently.
	shout, veto []string
	// dropIndex drops an index of a table of the register.
	dropIndex func(index, table string) string
	// anotherName is a second name of the table room.
	anotherName string
	// instants are those of a column for instants, where there are limits to them.
	instants []any
	// slow: its server makes each small plan cost much, so that what is tried at random is tried less often.
	slow bool
	// many is how many rows show that a plan does not keep them in memory.
	many int
}

func engines() []engine {
	return []engine{
		{
			name: "sqlite",
			open: func(t testing.TB, dir, file string) (string, *sql.DB) {
				path := filepath.Join(dir, file+".db")
				db := openDB(t, "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)")
				return fmt.Sprintf("path = %q", path), db
			},
			types: map[string]string{
				"text": "TEXT", "int": "INTEGER", "num": "DECIMAL(12,2)", "big": "TEXT", "real": "REAL", "bool": "BOOLEAN",
				"date": "DATE", "stamp": "TIMESTAMP", "tstz": "TIMESTAMPTZ", "bytes": "BLOB",
				"id": "INTEGER PRIMARY KEY", "exact": "numeric", "cast": "TEXT",
			},
			param:        func(int) string { return "?" },
			deferrable:   true,
			partialIndex: true,
			locksTables:  true,
			setsDefault:  true,
			ignoringCase: " COLLATE NOCASE",
			member:       arrow,
			failing: func(condition string) string {
				return "CASE WHEN " + condition + " THEN abs(-9223372036854775807 - 1) ELSE 1 END"
			},
			shout:       []string{"CREATE TRIGGER shout AFTER INSERT ON room BEGIN UPDATE room SET name = upper(name) WHERE code = NEW.code; END"},
			veto:        []string{"CREATE TRIGGER veto BEFORE INSERT ON room WHEN NEW.code = 'R2' BEGIN SELECT RAISE(IGNORE); END"},
			dropIndex:   func(index, _ string) string { return "DROP INDEX " + index },
			anotherName: "ROOM",
			many:        400_000,
		},
		{
			name: "postgres",
			open: func(t testing.TB, _, _ string) (string, *sql.DB) {
				url := pgtest.New(t)
				return fmt.Sprintf("url = %q", url), openDB(t, "pgx", url)
			},
			types: map[string]string{
				"text": "text", "int": "bigint", "num": "numeric(12,2)", "big": "numeric", "real": "double precision", "bool": "boolean",
				"date": "date", "stamp": "timestamp", "tstz": "timestamptz", "bytes": "bytea",
				"id": "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "exact": "numeric", "cast": "text",
			},
			param:               func(n int) string { return fmt.Sprintf("$%d", n) },
			oneDatabase:         true,
			sequences:           true,
			deferrable:          true,
			partialIndex:        true,
			locksTables:         true,
			setsDefault:         true,
			padded:              true,
			exactNumbers:        true,
			ignoringCase:        " COLLATE NOCASE",
			ignoringCasePrepare: "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
			member:              arrow,
			failing:             func(condition string) string { return "1 / (CASE WHEN " + condition + " THEN 0 ELSE 1 END)" },
			retype: func(table, column, kind string) string {
				return "ALTER TABLE " + table + " ALTER COLUMN " + column + " TYPE " + kind
			},
			narrow:   map[string]string{"stamp": "timestamp(0)", "tstz": "timestamptz(3)"},
			stages:   "SELECT tablename FROM pg_tables WHERE schemaname = 'registrar' AND tablename LIKE 'stage%'",
			newStage: "CREATE UNLOGGED TABLE registrar.%s (a int)",
			shout: []string{
				"CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.name := upper(NEW.name); RETURN NEW; END'",
				"CREATE TRIGGER shout BEFORE INSERT ON room FOR EACH ROW EXECUTE FUNCTION shout()",
			},
			veto: []string{
				"CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.code = ''R2'' THEN RETURN NULL; END IF; RETURN NEW; END'",
				"CREATE TRIGGER veto BEFORE INSERT ON room FOR EACH ROW EXECUTE FUNCTION veto()",
			},
			dropIndex:   func(index, _ string) string { return "DROP INDEX registrar." + index },
			anotherName: "public.room",
			many:        400_000,
		},
		{
			name: "mysql",
			open: openMySQL,
			types: map[string]string{
				"text": "varchar(190)", "int": "bigint", "num": "decimal(12,2)", "big": "varchar(100)", "real": "double", "bool": "boolean",
				"date": "date", "stamp": "datetime(6)", "tstz": "timestamp(6)", "bytes": "varbinary(190)",
				"id": "bigint AUTO_INCREMENT PRIMARY KEY", "exact": "decimal(40,2)", "cast": "char",
			},
			param:        func(int) string { return "?" },
			oneDatabase:  true,
			sequences:    true,
			numericBool:  true,
			rowByRow:     true,
			padded:       true,
			exactNumbers: true,
			ignoringCase: " COLLATE utf8mb4_general_ci",
			member:       func(document, name string) string { return "json_value(\"" + document + "\", '$.\"" + name + "\"')" },
			failing: func(condition string) string {
				return "(SELECT 1 UNION SELECT 2 FROM (SELECT 1 AS one) AS two WHERE " + condition + ")"
			},
			retype: func(table, column, kind string) string {
				return "ALTER TABLE " + table + " MODIFY " + column + " " + kind
			},
			narrow:      map[string]string{"stamp": "datetime", "tstz": "timestamp(3)"},
			stages:      "SELECT table_name FROM information_schema.tables WHERE table_schema = concat(database(), '_registrar_stage')",
			newStage:    "CREATE TABLE $database_registrar_stage.%s (a int)",
			shout:       []string{"CREATE TRIGGER shout BEFORE INSERT ON room FOR EACH ROW SET NEW.name = upper(NEW.name)"},
			dropIndex:   func(index, table string) string { return "DROP INDEX " + index + " ON " + table },
			anotherName: "`room`",
			instants:    []any{nil, "1970-01-01 00:00:01Z", "2026-10-25 00:30:00Z", "2026-10-25 01:30:00.5Z", "2026-03-29 01:00:00.000001Z", "2038-01-19 03:14:07Z"},
			many:        100_000,
			slow:        true,
		},
	}
}

// arrow is the operator of those who have one.
func arrow(document, name string) string { return `"` + document + `" ->> '` + name + "'" }

// openMySQL is not strict: an instant is written with its Z everywhere, of which the server only warns then.
func openMySQL(t testing.TB, _, _ string) (string, *sql.DB) {
	database := mysqltest.New(t)
	mysqltest.LoadZones(t, "Europe/Paris")
	config := database.Config()
	config.Params = map[string]string{
		"sql_mode":  "'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'",
		"time_zone": "'+00:00'", "sql_select_limit": "18446744073709551615", "group_concat_max_len": "1000000",
	}
	var version string
	if err := database.Open(t).QueryRow("SELECT version()").Scan(&version); err != nil {
		t.Fatal(err)
	}
	exact := "utf8mb4_nopad_bin"
	if strings.Contains(version, "MariaDB") {
		config.Params["max_recursive_iterations"] = "1000000" // beyond, a query just ends
	} else {
		config.Params["cte_max_recursion_depth"] = "1000000"
		exact = "utf8mb4_0900_bin"
	}
	// What keys do whose case does not count is for tests that say so.
	if _, err := database.Open(t).Exec("ALTER DATABASE COLLATE " + exact); err != nil {
		t.Fatal(err)
	}
	connector, err := driver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return fmt.Sprintf("host = %q\n  port = %d\n  database = %q\n  user = %q\n  password = %q\n  tls = \"disable\"",
		database.Host, database.Port, database.Name, database.User, database.Password), db
}

func openDB(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	return db
}

// onEveryEngine runs a test on each engine, beside others: much of it is waiting for connections.
func onEveryEngine(t *testing.T, test func(t *testing.T, e engine)) {
	t.Helper()
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			test(t, e)
		})
	}
}

// takes spreads the cases of a test over the engines, the i-th from 0: each on SQLite, which is quick, and on one of the servers.
func (e engine) takes(i int) bool {
	return e.name == "sqlite" || (i%2 == 0) == (e.name == "postgres")
}

// world is a configuration, its destination and its source.
type world struct {
	testing.TB
	engine engine
	dir    string
	dest   *sql.DB
	source *sql.DB
	now    time.Time
	target []string
}

var planIDs atomic.Int64

// newWorld creates an empty destination and source, named main in the configuration, and
// the register.
func newWorld(t testing.TB, e engine) *world {
	t.Helper()
	w := &world{TB: t, engine: e, dir: t.TempDir(), now: time.Date(2026, 9, 1, 2, 30, 0, 123456789, time.UTC)}
	var into, from string
	into, w.dest = e.open(t, w.dir, "destination")
	if e.oneDatabase {
		from, w.source = into, w.dest
	} else {
		from, w.source = e.open(t, w.dir, "source")
	}
	w.write("connections.hcl", fmt.Sprintf("destination %q \"main\" {\n  %s\n}\n\nsource %q \"main\" {\n  %s\n}\n", e.name, into, e.name, from))
	w.initRegister()
	return w
}

func (w *world) initRegister() {
	w.Helper()
	cfg := w.load()
	d, err := plan.OpenDestination(w.Context(), known(), cfg.Destinations[0], cfg.Dir)
	w.must(err)
	defer d.Close()
	conn, err := d.Conn(w.Context())
	w.must(err)
	defer conn.Close()
	tx, err := d.Begin(w.Context(), conn, time.Second)
	w.must(err)
	_, _, err = register.New(d.Dialect()).Init(w.Context(), tx, w.now, false)
	w.must(err)
	w.must(tx.Commit())
}

func known() []providers.Provider {
	return []providers.Provider{csv.New(), mysql.New(), postgres.New(), sqlite.New(), unrecursive{sqlite.New()}}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) write(name, content string) {
	w.Helper()
	path := filepath.Join(w.dir, name)
	w.must(os.MkdirAll(filepath.Dir(path), 0o700))
	w.must(os.WriteFile(path, []byte(content), 0o600))
}

func (w *world) load() *config.Config {
	w.Helper()
	cfg, diags := hcl.Load(w.dir, hcl.Options{Providers: known(), Version: "0.1.0"})
	w.must(diags.Err())
	return cfg
}

func (w *world) options() plan.Options {
	return plan.Options{
		Providers: known(), Parallelism: 2, LockTimeout: 20 * time.Second, CreatedBy: "test", Targets: w.target,
		Now:   func() time.Time { return w.now },
		NewID: func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", planIDs.Add(1)) },
	}
}

func (w *world) tryPlan() (*plan.Plan, error) {
	w.Helper()
	return plan.Make(w.Context(), w.load(), w.options())
}

// plan makes a plan, and time passes.
func (w *world) plan() *plan.Plan {
	w.Helper()
	p, err := w.tryPlan()
	w.must(err)
	w.now = w.now.Add(time.Minute)
	return p
}

func (w *world) tryApply(p *plan.Plan) (*apply.Result, error) {
	return w.tryApplyAs(w.Context(), p)
}

func (w *world) tryApplyAs(ctx context.Context, p *plan.Plan) (*apply.Result, error) {
	w.Helper()
	now := w.now
	return apply.Apply(ctx, w.load(), p, apply.Options{
		Providers: known(), LockTimeout: 20 * time.Second, AppliedBy: "test", Now: func() time.Time { return now },
	})
}

// apply applies a plan, and time passes.
func (w *world) apply(p *plan.Plan) {
	w.Helper()
	_, err := w.tryApply(p)
	w.must(err)
	w.now = w.now.Add(time.Minute)
}

// counts renders what a plan does: "insert 2, archive 1".
func counts(p *plan.Plan) string {
	total := map[config.Operation]int64{}
	for _, s := range p.Syncs() {
		for operation, n := range s.Counts {
			total[operation] += n
		}
	}
	var parts []string
	for _, operation := range config.Operations {
		if n := total[operation]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", operation, n))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func (w *world) wantCounts(p *plan.Plan, want string) {
	w.Helper()
	if got := counts(p); got != want {
		w.Fatalf("the plan does %s, want %s", got, want)
	}
}

// settled asserts that a new plan has nothing to do.
func (w *world) settled() {
	w.Helper()
	p := w.plan()
	if p.Changes() {
		for _, d := range p.Destinations {
			for _, c := range d.Excerpt {
				w.Logf("%+v", c)
			}
		}
		w.Fatalf("planned again, there is still something to do: %s", counts(p))
	}
}

func (w *world) exec(db *sql.DB, statement string, args ...any) {
	w.Helper()
	if _, err := db.ExecContext(w.Context(), statement, args...); err != nil {
		w.Fatalf("%s: %v", statement, err)
	}
}

// rows returns a query's rows, each rendered with | between its values.
func (w *world) rows(db *sql.DB, query string) []string {
	w.Helper()
	rows, err := db.QueryContext(w.Context(), query)
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
		parts := make([]string, len(values))
		for i, v := range values {
			parts[i] = "∅"
			if v.Valid {
				parts[i] = v.String
			}
		}
		out = append(out, strings.Join(parts, "|"))
	}
	w.must(rows.Err())
	return out
}

// operationTable is the register's table of operations as SQL names it.
func (w *world) registerTable(name string) string {
	if w.engine.name == "postgres" {
		return "registrar." + name
	}
	return "registrar_" + name
}

// asDiagnostics finds diagnostics also where several errors were joined.
func asDiagnostics(err error, into **config.DiagnosticsError) bool { return errors.As(err, into) }
