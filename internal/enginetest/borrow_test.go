package enginetest

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/plan"
)

const (
	inPlaceSource      = "CREATE TABLE src (code text NOT NULL, name varchar(10), seats integer, price numeric(8,2), opened date, seen timestamptz, extra text)"
	inPlaceDestination = "CREATE TABLE room (code text PRIMARY KEY, title varchar(10), seats integer, price numeric(8,2), opened date, seen timestamptz, deleted_on timestamptz)"
	inPlaceSync        = `
sync "rooms" {
  source {
    from  = source.postgres.main
    table = "src"
  }
  destination {
    into  = destination.postgres.main
    table = "room"
    key   = ["code"]
    owns_table = true
  }
  columns {
    code   = row.code
    title  = row.name
    seats  = row.seats
    price  = row.price
    opened = row.opened
    seen   = row.seen
  }
  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
  }
}
`
)

// inPlace is a world of one sync from a table of the destination's own database, with the same columns.
func inPlace(t testing.TB) *world {
	t.Helper()
	w := newWorld(t, engines()[1])
	w.exec(w.dest, inPlaceSource)
	w.exec(w.dest, inPlaceDestination)
	w.write("main.hcl", inPlaceSync)
	return w
}

// planStaging makes a plan and says which syncs were staged for it.
func (w *world) planStaging() (*plan.Plan, []string) {
	w.Helper()
	var mu sync.Mutex
	var staged []string
	o := w.options()
	o.Progress = func(p plan.Progress) {
		mu.Lock()
		defer mu.Unlock()
		if p.Phase == plan.Staging && !slices.Contains(staged, p.Sync) {
			staged = append(staged, p.Sync)
		}
	}
	p, err := plan.Make(w.Context(), w.load(), o)
	w.must(err)
	w.now = w.now.Add(time.Minute)
	slices.Sort(staged)
	return p, staged
}

// A table that is read in place gives the plan that its staged rows give, whatever they hold.
func TestInPlaceIsNotNoticed(t *testing.T) {
	w := inPlace(t)
	random := rand.New(rand.NewPCG(9, 1789))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	for round := range 12 {
		for _, table := range []string{"src", "room"} {
			w.exec(w.dest, "DELETE FROM "+table)
			for i := range 12 {
				if random.IntN(3) == 0 {
					continue
				}
				last := pick("NULL", "'2026-01-01 00:00:00Z'")
				w.exec(w.dest, fmt.Sprintf("INSERT INTO %s VALUES ('%s%d', %s, %s, %s, %s, %s, %s)", table, pick("R", "é", " "), i,
					pick("NULL", "''", "'One'", "'éèêëéèêëéè'", "'a '"), pick("NULL", "0", "-5"), pick("NULL", "1.50", "0.00", "'NaN'"),
					pick("NULL", "'2026-02-28'", "'infinity'", "'0001-01-01'"), pick("NULL", "'2026-03-29 01:30:00.123456Z'", "'-infinity'"), last))
			}
		}
		here, staged := w.planStaging()
		if len(staged) > 0 {
			t.Fatalf("round %d: %v were staged", round, staged)
		}
		w.edit(`table = "src"`, `query = "SELECT * FROM src"`)
		there, staged := w.planStaging()
		if len(staged) != 1 {
			t.Fatalf("round %d: %v were staged", round, staged)
		}
		w.edit(`query = "SELECT * FROM src"`, `table = "src"`)
		if here.Destinations[0].Digest != there.Destinations[0].Digest || counts(here) != counts(there) {
			t.Fatalf("round %d: in place the plan does %s, staged %s", round, counts(here), counts(there))
		}
		if here.Syncs()[0].SourceRows != there.Syncs()[0].SourceRows || here.Syncs()[0].LiveRows != there.Syncs()[0].LiveRows {
			t.Fatalf("round %d: summaries %+v, %+v", round, here.Syncs()[0], there.Syncs()[0])
		}
		if round == 0 {
			w.apply(here)
			w.settled()
			w.wantNoStages()
		}
	}
}

// What is not surely the same is staged, and planned as ever.
func TestNotInPlace(t *testing.T) {
	for name, test := range map[string]struct {
		prepare   string
		edit      []string // what to replace, by what
		want      string   // what the plan does; "insert 1" unless set
		unchanged bool     // read in place all the same
	}{
		"as it is":         {unchanged: true},
		"archived":         {edit: []string{`on_missing = "archive"`, `on_missing = "keep"`}, unchanged: true},
		"partitions":       {prepare: "ALTER TABLE src RENAME TO old; CREATE TABLE src (LIKE old INCLUDING ALL) PARTITION BY HASH (code); CREATE TABLE src0 PARTITION OF src FOR VALUES WITH (MODULUS 1, REMAINDER 0); INSERT INTO src SELECT * FROM old", unchanged: true},
		"nullable key":     {prepare: "ALTER TABLE src ALTER code DROP NOT NULL"},
		"required column":  {prepare: "ALTER TABLE room ALTER title SET NOT NULL"},
		"longer text":      {prepare: "ALTER TABLE src ALTER name TYPE varchar(11)"},
		"another number":   {prepare: "ALTER TABLE src ALTER seats TYPE bigint"},
		"another scale":    {prepare: "ALTER TABLE src ALTER price TYPE numeric(8,1)"},
		"another sorting":  {prepare: `ALTER TABLE src ALTER code TYPE text COLLATE "C"`},
		"padded":           {prepare: "ALTER TABLE src ALTER name TYPE char(10); ALTER TABLE room ALTER title TYPE char(10)"},
		"a domain":         {prepare: "CREATE DOMAIN label AS varchar(10) CHECK (VALUE <> ''); ALTER TABLE src ALTER name TYPE label"},
		"a view":           {prepare: "ALTER TABLE src RENAME TO old; CREATE VIEW src AS SELECT * FROM old"},
		"a function":       {prepare: "ALTER TABLE src RENAME TO old; CREATE FUNCTION spy() RETURNS text LANGUAGE plpgsql AS 'BEGIN INSERT INTO room (code) VALUES (''spy''); RETURN ''x''; END'; CREATE VIEW src AS SELECT code, name, seats, price, opened, seen, CASE WHEN seats > 5 THEN spy() END AS extra FROM old"},
		"heirs":            {prepare: "CREATE TABLE heir () INHERITS (src); INSERT INTO heir (code) VALUES ('H')", want: "insert 2"},
		"foreign heirs":    {prepare: "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE f () INHERITS (src) SERVER files OPTIONS (program 'true')"},
		"policies":         {prepare: "ALTER TABLE src ENABLE ROW LEVEL SECURITY; ALTER TABLE src FORCE ROW LEVEL SECURITY", unchanged: true}, // the role is above them
		"an expression":    {edit: []string{"row.name", "trim(row.name)"}},
		"an assert":        {edit: []string{"  lifecycle {", "  assert \"seats\" {\n    condition = row.seats != 7\n    message   = \"x\"\n  }\n  lifecycle {"}},
		"a task":           {edit: []string{`table = "src"`, `query = "SELECT * FROM src WHERE true"`}},
		"adoption":         {edit: []string{"owns_table = true", "scope = { price = 2 }\n    adopt = true", "    price  = row.price\n", ""}},
		"others' rows":     {edit: []string{"owns_table = true", "scope = { price = 2 }", "    price  = row.price\n", ""}, prepare: "INSERT INTO room (code, price) VALUES ('R1', 3)", want: "nothing"},
		"another table":    {prepare: "CREATE TABLE \"Odd %s $1 table\" AS SELECT * FROM src; ALTER TABLE \"Odd %s $1 table\" ALTER code SET NOT NULL", edit: []string{`table = "src"`, `table = "Odd %s $1 table"`}, unchanged: true},
		"a sync beside it": {prepare: "CREATE TABLE other (code text PRIMARY KEY)", edit: []string{"sync \"rooms\" {", "sync \"other\" {\n  source {\n    from  = source.postgres.main\n    query = \"SELECT code FROM src\"\n  }\n  destination {\n    into  = destination.postgres.main\n    table = \"other\"\n    key   = [\"code\"]\n    owns_table = true\n  }\n  columns { code = row.code }\n  lifecycle { on_missing = \"keep\" }\n}\nsync \"rooms\" {"}, want: "insert 2"},
		"a check":          {edit: []string{"sync \"rooms\" {", "check \"any\" {\n  source   = source.postgres.main\n  query    = \"SELECT code FROM src WHERE seats < 0\"\n  severity = \"warning\"\n  message  = row.code\n}\nsync \"rooms\" {"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := inPlace(t)
			w.exec(w.dest, "INSERT INTO src (code, name, seats) VALUES ('R1', 'One', 1)")
			if test.prepare != "" {
				w.exec(w.dest, test.prepare)
			}
			if len(test.edit) > 0 {
				w.write("main.hcl", strings.NewReplacer(test.edit...).Replace(string(w.load().Files["main.hcl"])))
			}
			if test.want == "" {
				test.want = "insert 1"
			}
			p, staged := w.planStaging()
			if (len(staged) == 0) != test.unchanged {
				t.Errorf("staged are %v", staged)
			}
			w.wantCounts(p, test.want)
			w.wantNoStages()
		})
	}
}

// A copy of the database, in which the table is the same one in all but its rows, is not taken for it.
func TestInPlaceNeedsOneDatabase(t *testing.T) {
	e := engines()[1]
	original := pgtest.New(t)
	db := openDB(t, "pgx", original)
	for _, statement := range []string{inPlaceSource, "INSERT INTO src (code) VALUES ('copied')"} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	from, err := url.Parse(original)
	if err != nil {
		t.Fatal(err)
	}
	into := *from
	into.Path += "_copy"
	admin := openDB(t, "pgx", pgtest.New(t))
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+into.Path[1:]+" TEMPLATE "+from.Path[1:]); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := admin.ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE "+into.Path[1:]+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	}()
	e.oneDatabase = false
	e.open = func(t testing.TB, _, file string) (string, *sql.DB) {
		address := into.String()
		if file == "source" {
			address = from.String()
		}
		return fmt.Sprintf("url = %q", address), openDB(t, "pgx", address)
	}
	w := newWorld(t, e)
	w.exec(w.dest, inPlaceDestination)
	w.exec(w.source, "INSERT INTO src (code) VALUES ('there')")
	w.write("main.hcl", inPlaceSync)
	p, staged := w.planStaging()
	if len(staged) != 1 {
		t.Errorf("staged are %v", staged)
	}
	w.wantCounts(p, "insert 2")
	w.apply(p)
	w.wantRowsOf("SELECT code FROM room ORDER BY code", "copied", "there")
}

// Somebody empties two tables and fills them again: the plan waits, sees the new rows, and is in nobody's
// way meanwhile. Were its snapshot taken before its locks, it would see empty tables.
func TestInPlaceWaitsForTruncate(t *testing.T) {
	w := inPlace(t)
	w.exec(w.dest, strings.Replace(inPlaceSource, "src", "src2", 1))
	w.exec(w.dest, strings.Replace(inPlaceDestination, "room", "room2", 1))
	w.write("second.hcl", strings.NewReplacer(`"rooms"`, `"rooms2"`, `"src"`, `"src2"`, `"room"`, `"room2"`).Replace(inPlaceSync))
	for _, table := range []string{"src", "src2"} {
		w.exec(w.dest, "INSERT INTO "+table+" (code) VALUES ('R1'), ('R2')")
	}
	p, staged := w.planStaging()
	if len(staged) > 0 {
		t.Errorf("staged are %v", staged)
	}
	w.apply(p)
	tx, err := w.source.BeginTx(t.Context(), nil)
	w.must(err)
	refill := func(table string) {
		for _, statement := range []string{"SET LOCAL lock_timeout = '30s'", "TRUNCATE " + table, "INSERT INTO " + table + " (code) VALUES ('R1'), ('R3')"} {
			_, err := tx.ExecContext(t.Context(), statement)
			w.must(err)
		}
	}
	refill("src2")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	o := w.options()
	o.LockTimeout = time.Millisecond // is about other locks
	var made *plan.Plan
	done := make(chan error, 1)
	cfg := w.load()
	go func() {
		var err error
		made, err = plan.Make(ctx, cfg, o)
		done <- err
	}()
	for ctx.Err() == nil {
		if w.rows(w.dest, "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'src2'::regclass")[0] == "1" {
			break
		}
	}
	refill("src")
	w.must(tx.Commit())
	w.must(<-done)
	w.wantCounts(made, "insert 2, archive 2")
}

// A table that is changed between its description and the comparison is no longer what was described.
func TestInPlaceChanges(t *testing.T) {
	w := inPlace(t)
	w.exec(w.dest, "INSERT INTO src (code) VALUES ('R1')")
	connections := string(w.load().Files["connections.hcl"])
	_, block, _ := strings.Cut(connections, "source \"postgres\" \"main\"")
	w.write("second.hcl", "source \"postgres\" \"second\""+block+`
sync "late" {
  source {
    from  = source.postgres.second
    query = "SELECT 'L' AS code"
  }
  destination {
    into  = destination.postgres.main
    table = "late"
    key   = ["code"]
    owns_table = true
  }
  columns { code = row.code }
  lifecycle { on_missing = "keep" }
}
`)
	w.exec(w.dest, "CREATE TABLE late (code text PRIMARY KEY)")
	p, staged := w.planStaging()
	if len(staged) != 1 || staged[0] != "sync.late" {
		t.Errorf("staged are %v", staged)
	}
	w.wantCounts(p, "insert 2")
	for change, want := range map[string]string{
		"ALTER TABLE src ALTER code DROP NOT NULL":                                        "plan again",
		"ALTER TABLE src RENAME TO gone; CREATE TABLE src (LIKE gone)":                    "plan again",
		"ALTER TABLE src ENABLE ROW LEVEL SECURITY; ALTER TABLE src ALTER name TYPE text": "plan again",
		"DROP TABLE src": "lock table",
	} {
		w.exec(w.dest, "DROP TABLE IF EXISTS src, gone")
		w.exec(w.dest, inPlaceSource)
		var once sync.Once
		o := w.options()
		o.Parallelism = 1
		o.Progress = func(plan.Progress) {
			once.Do(func() {
				if _, err := w.source.ExecContext(t.Context(), change); err != nil {
					t.Error(err)
				}
			})
		}
		if _, err := plan.Make(t.Context(), w.load(), o); err == nil || !strings.Contains(err.Error(), "read the source in place: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", change, err)
		}
	}
}
