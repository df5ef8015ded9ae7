package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// within makes a plan under limits.
func (w *world) within(limits config.Limits) (*plan.Plan, error) {
	w.Helper()
	o := w.options()
	o.Limits = limits
	// What is not broken off never ends.
	ctx, cancel := context.WithTimeout(w.Context(), 2*time.Minute)
	defer cancel()
	p, err := plan.Make(ctx, w.load(), o)
	w.now = w.now.Add(time.Minute)
	return p, err
}

// wantLimit asserts that a limit does not let a plan be made, which then leaves nothing behind.
func (w *world) wantLimit(limits config.Limits, limit string, want ...string) {
	w.Helper()
	before := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("plan"))
	p, err := w.within(limits)
	var exceeded *plan.LimitError
	if err == nil {
		w.Fatalf("%s lets a plan be made (%s)", limit, counts(p))
	}
	if !errors.As(err, &exceeded) || exceeded.Limit != limit {
		w.Fatalf("want an error of %s, got %v", limit, err)
	}
	for _, part := range append(want, "nothing was planned", "raise "+limit+" in the limits block") {
		if !strings.Contains(err.Error(), part) {
			w.Errorf("the error lacks %q: %v", part, err)
		}
	}
	for _, table := range []string{"operation", "finding"} {
		if left := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable(table)+" AS o WHERE NOT EXISTS (SELECT 1 FROM "+w.registerTable("plan")+" AS p WHERE p.id = o.plan_id)"); left[0] != "0" {
			w.Errorf("%s rows were left in the register: %s", left[0], table)
		}
	}
	if after := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("plan")); after[0] != before[0] {
		w.Error("a plan that a limit ended is in the register")
	}
	w.wantNoStages()
}

// Each way of reading a source counts its rows: the last that is allowed, and one more.
func TestMaxRows(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, mapping := range []string{"row.title", "upper(row.title)"} { // relayed and decoded
			w := courses(t, e, retiring)
			w.edit("title = row.title", "title = "+mapping)
			for i := range 5 {
				w.course(fmt.Sprintf("C%d", i), "Course", 1)
			}
			p, err := w.within(config.Limits{MaxRows: 5})
			w.must(err)
			w.wantCounts(p, "insert 5")
			w.wantLimit(config.Limits{MaxRows: 4}, "max_rows", "sync.courses: source."+e.name+".main has more rows than the 4 that max_rows allows")
			// The tighter of two counts, wherever it stands.
			w.write("limits.hcl", "registrar {\n  limits {\n    max_rows = 3\n  }\n}\n")
			w.wantLimit(config.Limits{MaxRows: 4}, "max_rows", "than the 3 that")
			w.write("limits.hcl", "registrar {\n  limits {\n    max_rows = 9\n  }\n}\n")
			w.wantLimit(config.Limits{MaxRows: 4}, "max_rows", "than the 4 that")
			w.write("limits.hcl", "")
			// A part of the source would have the rest removed.
			w.apply(w.plan())
			w.wantLimit(config.Limits{MaxRows: 4}, "max_rows")
			w.settled()
		}
	})
}

// The rows of all tasks are those of the sync.
func TestMaxRowsOfTasks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := byTask(t, e, retiring)
		for i := range 3 {
			w.say("insert", fmt.Sprintf("C%d", i), "Course", 1)
			w.say("update", fmt.Sprintf("D%d", i), "Course", 1)
		}
		_, err := w.within(config.Limits{MaxRows: 6})
		w.must(err)
		w.wantLimit(config.Limits{MaxRows: 5}, "max_rows")
	})
}

func TestMaxRowsInPlace(t *testing.T) {
	w := inPlace(t)
	w.exec(w.dest, "INSERT INTO src (code) SELECT 'R' || n FROM generate_series(1, 5) AS n")
	p, err := w.within(config.Limits{MaxRows: 5})
	w.must(err)
	w.wantCounts(p, "insert 5")
	if _, staged := w.planStaging(); len(staged) > 0 {
		t.Fatalf("%v were staged", staged)
	}
	w.wantLimit(config.Limits{MaxRows: 4}, "max_rows", "sync.rooms: source.postgres.main has more rows than the 4")
}

// A check that finds no end does not either.
func TestMaxRowsOfChecks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		for i := range 5 {
			w.course(fmt.Sprintf("C%d", i), "Course", 1)
		}
		w.edit(`table = "src_course"`, `query = "SELECT * FROM src_course WHERE code = 'C1'"`)
		w.write("check.hcl", fmt.Sprintf("check \"all\" {\n  source  = source.%s.main\n  query   = \"SELECT code FROM src_course\"\n  message = row.code\n}\n", e.name))
		_, err := w.within(config.Limits{MaxRows: 5})
		w.must(err)
		w.wantLimit(config.Limits{MaxRows: 4}, "max_rows", "check.all: source."+e.name+".main has more rows")
	})
}

// endless is a query that yields rows for ever.
const endless = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'C' || i AS code, 'Title' AS title, i AS hours FROM n`

// The reading is broken off, not only judged when it has come to its end.
func TestMaxRowsBreaksOff(t *testing.T) {
	t.Parallel()
	for _, e := range engines()[:2] { // the third computes the whole of such a query before its first row
		for name, mapping := range map[string]string{"plain": "row.title", "computed": "upper(row.title)"} {
			t.Run(e.name+" "+name, func(t *testing.T) {
				t.Parallel()
				w := courses(t, e, retiring)
				w.edit(`table = "src_course"`, fmt.Sprintf("query = %q", endless))
				w.edit("title = row.title", "title = "+mapping)
				w.wantLimit(config.Limits{MaxRows: 3000}, "max_rows")
			})
		}
	}
}

// many are so many combinations that to look at all of them takes for ever.
const (
	createMany = "CREATE TABLE many AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i FROM n"
	many       = "many a, many b, many c, many d, many e, many f WHERE a.i + b.i + c.i + d.i + e.i + f.i = 0"
)

// forEver is a query that takes for ever and yields nothing.
func (w *world) forEver() string {
	w.Helper()
	if w.engine.name == "postgres" {
		return `SELECT 'C' AS code, 'Title' AS title, 1 AS hours FROM (SELECT pg_sleep(600)) AS s`
	}
	w.exec(w.source, createMany)
	return "SELECT 'C' AS code, 'Title' AS title, a.i AS hours FROM " + many
}

func TestStatementTimeoutOfSources(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, mapping := range []string{"row.title", "upper(row.title)"} {
			w := courses(t, e, retiring)
			w.edit(`table = "src_course"`, fmt.Sprintf("query = %q", w.forEver()))
			w.edit("title = row.title", "title = "+mapping)
			w.wantLimit(config.Limits{StatementTimeout: 400 * time.Millisecond}, "statement_timeout",
				"sync.courses: reading source."+e.name+".main took longer than the 400ms that statement_timeout allows")
		}
		w := courses(t, e, retiring)
		slow := w.forEver()
		w.write("check.hcl", fmt.Sprintf("check \"slow\" {\n  source  = source.%s.main\n  query   = %q\n  message = row.code\n}\n", e.name, slow))
		w.wantLimit(config.Limits{StatementTimeout: 400 * time.Millisecond}, "statement_timeout", "check.slow: reading source."+e.name+".main")
		w.write("check.hcl", fmt.Sprintf("check \"slow\" {\n  destination = destination.%s.main\n  query   = %q\n  message = row.code\n}\n", e.name, slow))
		if !e.oneDatabase {
			w.exec(w.dest, createMany)
		}
		w.wantLimit(config.Limits{StatementTimeout: 400 * time.Millisecond}, "statement_timeout", "check.slow: reading destination."+e.name+".main")
	})
}

// slowDestination lets the first operation of a plan take for ever.
func slowDestination(t testing.TB, e engine) *world {
	w := courses(t, e, retiring)
	w.course("A", "Algebra", 1)
	table := w.registerTable("operation")
	switch e.name {
	case "sqlite":
		w.exec(w.dest, createMany)
		w.exec(w.dest, "CREATE TRIGGER slow AFTER INSERT ON "+table+" BEGIN SELECT count(*) FROM "+many+"; END")
	case "postgres":
		w.exec(w.dest, "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN NEW; END'")
		w.exec(w.dest, "CREATE TRIGGER slow BEFORE INSERT ON "+table+" FOR EACH ROW EXECUTE FUNCTION slow()")
	default:
		w.exec(w.dest, "CREATE TRIGGER slow BEFORE INSERT ON "+table+" FOR EACH ROW SET @slow = sleep(600)")
	}
	return w
}

func TestStatementTimeoutOfDestinations(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := slowDestination(t, e)
		w.wantLimit(config.Limits{StatementTimeout: time.Second}, "statement_timeout", "a statement in destination."+e.name+".main took longer than the 1s")
	})
}

func TestPlanTimeout(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := slowDestination(t, e)
		w.wantLimit(config.Limits{PlanTimeout: time.Second}, "plan_timeout", "the plan took longer than the 1s that plan_timeout allows")
		// The tighter one is the one that is told.
		w.wantLimit(config.Limits{PlanTimeout: time.Second, StatementTimeout: time.Hour}, "plan_timeout")
		w = courses(t, e, retiring)
		w.edit(`table = "src_course"`, fmt.Sprintf("query = %q", w.forEver()))
		w.write("limits.hcl", "registrar {\n  limits {\n    plan_timeout = \"1s\"\n  }\n}\n")
		w.wantLimit(config.Limits{PlanTimeout: time.Hour}, "plan_timeout", "the 1s that plan_timeout")
	})
}
