package postgres_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// engine runs the engine's own statements on a table of this fixture.
type engine struct {
	*fixture
	target *sqlgen.Target
	plans  int
}

const instant = "2026-09-01 02:30:00Z"

// plan stages the rows and returns how many operations of each kind the diff wrote.
func (e *engine) plan(t *testing.T, rows ...[]value.Value) (id string, operations map[string]int64) {
	t.Helper()
	e.plans++
	id = fmt.Sprint("plan ", e.plans)
	d := e.d.Dialect()
	e.target.Stage = d.StageTable(fmt.Sprint("stage_", e.plans))
	e.target.AsOf = instant
	e.run(t, e.conn, sqlgen.CreateStage(d, e.target))
	for _, row := range rows {
		for i, v := range row {
			fitted, err := e.target.Mapped[i].Type.Fit(v, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			row[i] = fitted
		}
	}
	if _, err := e.d.Load(t.Context(), e.conn, e.target.Stage, e.target.Mapped, feed(rows...)); err != nil {
		t.Fatal(err)
	}
	if duplicates := sqlgen.DuplicateStagedKeys(d, e.target, 10); e.count(t, e.conn, duplicates) != "0" {
		t.Fatal("duplicate keys")
	}
	e.run(t, e.conn, sqlgen.Diff(d, e.target, id, 0))
	e.run(t, e.conn, sqlgen.DropStage(e.d.Dialect(), e.target.Stage))
	operations = map[string]int64{}
	e.each(t, "SELECT operation, count(*) FROM registrar.operation WHERE plan_id = $1 GROUP BY 1", []any{id}, func(row []string) {
		n, err := strconv.ParseInt(row[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		operations[row[0]] = n
	})
	return id, operations
}

// apply executes a plan and demands that each operation affects its rows.
func (e *engine) apply(t *testing.T, id string, operations map[string]int64) {
	t.Helper()
	tx, err := e.d.Begin(t.Context(), e.conn, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	now := func(sqlgen.Column) string { return instant }
	for operation, n := range operations {
		batch := sqlgen.Batch{PlanID: id, Operation: operation, After: 0, Last: 1 << 40}
		if stale := sqlgen.Stale(e.d.Dialect(), e.target, batch, 10); e.count(t, tx, stale) != "0" {
			t.Errorf("%s: stale at once", operation)
		}
		if affected := e.run(t, tx, sqlgen.Execute(e.d.Dialect(), e.target, batch, sqlgen.AllRows, now)); affected != n {
			t.Errorf("%s: %d rows of %d", operation, affected, n)
		}
		if operation == "insert" || operation == "update" {
			e.run(t, tx, sqlgen.RecordResult(e.d.Dialect(), e.target, batch, false))
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func (e *engine) run(t *testing.T, q providers.Querier, s sqlgen.Statement) int64 {
	t.Helper()
	result, err := q.ExecContext(t.Context(), s.SQL, s.Args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
	n, err := result.RowsAffected()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// count counts the rows that a statement yields.
func (e *engine) count(t *testing.T, q providers.Querier, s sqlgen.Statement) string {
	t.Helper()
	return one(t, q, "SELECT count(*) FROM ("+s.SQL+") AS q", s.Args...)
}

// TestEngine plans and applies every type of column: an apply leaves nothing to do,
// whatever the type's own equality.
func TestEngine(t *testing.T) {
	f := newFixture(t, "CREATE EXTENSION citext", "CREATE TYPE mood AS ENUM ('calm', 'wild')", "CREATE DOMAIN code AS char(6) CHECK (VALUE <> '')",
		"CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
		`CREATE TABLE registrar.operation (plan_id text, seq bigint, sync text, table_name text, operation text, "key" json, "before" json, "after" json, result json, PRIMARY KEY (plan_id, seq))`,
		`CREATE TABLE "a""b]c" (code code, "k 2" citext, b boolean, i int, n numeric, p numeric(10,2), r real, f double precision, v varchar(9) COLLATE nocase, x text COLLATE "C",
  y bytea, d date, h time, w timestamp(0), z timestamptz, u uuid, j json, jb jsonb, o mood, l interval, a int[], origin text, made timestamptz(0), gone timestamptz, PRIMARY KEY (code, "k 2"))`,
		`INSERT INTO "a""b]c" (code, "k 2", origin) VALUES ('other', 'x', 'MANUAL')`)
	table := f.table(t, `"a""b]c"`)
	column := func(name string) sqlgen.Column {
		c, ok := table.Column(name)
		if !ok {
			t.Fatalf("no column %s", name)
		}
		return c
	}
	ours, gone := "APOGEE", column("gone")
	e := &engine{fixture: f, target: &sqlgen.Target{
		KeyScopes: [][]sqlgen.Set{nil},
		Sync:      "sync.test", TableName: `"a""b]c"`, Table: table, Key: table.Columns[:2], Mapped: table.Columns[:21],
		Scope: []sqlgen.Set{{Column: column("origin"), Text: &ours}}, Missing: "archive", Archive: []sqlgen.Set{{Column: gone, Now: true}},
		Restore: []sqlgen.Set{{Column: gone}}, Archived: &gone, Stamps: map[string][]sqlgen.Column{"insert": {column("made")}, "update": {column("made")}},
	}}
	full := func(key string) []value.Value {
		row := []value.Value{value.OfText(key), value.OfText("Key")}
		for _, text := range []string{
			"true", "-7", "1.10", "1.10", "0.1", "-0", "Api", "a b ", `\x00ff`, "0044-03-15 BC", "24:00", "1815-12-10 01:02:03", "0044-03-15 11:00:00.5Z BC",
			"01234567-89ab-cdef-0123-456789abcdef", `{"b": 1.10, "a" :null}`, `{"b": 1.10, "a" :null}`, "wild", "1 mon", "{1,NULL,3}",
		} {
			row = append(row, value.OfText(text))
		}
		return row
	}
	empty := func(key string) []value.Value {
		row := make([]value.Value, 21)
		row[0], row[1] = value.OfText(key), value.OfText("Key")
		return row
	}
	step := func(want string, rows ...[]value.Value) {
		t.Helper()
		id, operations := e.plan(t, rows...)
		if got := strings.TrimPrefix(fmt.Sprint(operations), "map"); got != want {
			t.Fatalf("planned %s, expected %s: %s", got, want, one(t, e.conn, `SELECT string_agg("before"::text || ' -> ' || "after"::text, e'\n') FROM registrar.operation WHERE plan_id = $1`, id))
		}
		e.apply(t, id, operations)
		if _, again := e.plan(t, rows...); len(again) != 0 {
			t.Fatalf("after an apply there is still %v to do", again)
		}
	}
	step("[insert:3]", full("a"), empty("b"), full("c"))
	// Each column alone, to NULL and back, is one update.
	for i := 2; i < 21; i++ {
		row := full("a")
		row[i] = value.Value{}
		step("[update:1]", row, empty("b"), full("c"))
		step("[update:1]", full("a"), empty("b"), full("c"))
	}
	// What the type itself takes for equal.
	for i, text := range map[int]string{1: "KEY", 4: "1.1", 7: "0", 8: "API", 16: `{"b":1.10,"a":null}`, 17: `{"b": 1.1, "a": null}`, 19: "30 days"} {
		row := full("a")
		row[i] = value.OfText(text)
		step("[update:1]", row, empty("b"), full("c"))
		step("[update:1]", full("a"), empty("b"), full("c"))
	}
	// What is no difference.
	for i, text := range map[int]string{0: "a  ", 5: "1.1", 14: "0044-03-15 12:00:00.5+01 BC"} {
		row := full("a")
		row[i] = value.OfText(text)
		step("[]", row, empty("b"), full("c"))
	}
	step("[archive:2]", full("c"))
	step("[undelete:1 update:1]", full("a"), empty("c"))
	if got := one(t, e.conn, `SELECT string_agg(concat_ws(' ', origin, code, gone::text, made::text), ', ' ORDER BY code) FROM "a""b]c"`); got !=
		"APOGEE a      2026-09-01 02:30:00+00, APOGEE b      2026-09-01 02:30:00+00 2026-09-01 02:30:00+00, APOGEE c      2026-09-01 02:30:00+00, MANUAL other " {
		t.Errorf("the table holds %q", got)
	}

	// A row that changed since is neither overwritten nor passed over.
	id, operations := e.plan(t, empty("a"), empty("c"))
	execute(t, e.beside, "UPDATE "+pgx.Identifier{`a"b]c`}.Sanitize()+` SET v = 'API' WHERE code = 'a'`)
	batch := sqlgen.Batch{PlanID: id, Operation: "update", Last: 1 << 40}
	now := func(sqlgen.Column) string { return instant }
	if n := e.run(t, e.conn, sqlgen.Execute(e.d.Dialect(), e.target, batch, sqlgen.AllRows, now)); n != 0 || operations["update"] != 1 {
		t.Errorf("%d rows of %v are overwritten", n, operations)
	}
	if n := e.count(t, e.conn, sqlgen.Stale(e.d.Dialect(), e.target, batch, 10)); n != "1" {
		t.Errorf("%s stale rows", n)
	}
}
