package enginetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
)

// Who plans can add operations to the register, also to those of a plan that was applied: nothing of it is given to rows.
func TestRevertOfForgedPlanIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := undoable(t, e)
		w.exec(w.dest, "INSERT INTO course (code, title, origin) VALUES ('X', 'Mine', 'HAND')")
		r := w.revert(p)
		w.forge(p, "update")
		w.wantForged("an operation is added to the plan that is undone", r, "are not those that were applied")
		w.wantUndone(plan.RevertOptions{PlanID: p.ID}, "are not those that were applied")
	})
}

// forge adds a copy of a plan's operation, on the row X.
func (w *world) forge(p *plan.Plan, operation string) {
	w.Helper()
	cast := func(document string) string {
		switch w.engine.name {
		case "postgres":
			return "CAST(replace(CAST(" + document + ` AS text), '"A"', '"X"') AS json)`
		default:
			return "replace(" + document + `, '"A"', '"X"')`
		}
	}
	w.exec(w.dest, fmt.Sprintf(`INSERT INTO %[1]s (plan_id, seq, sync, table_name, operation, "key", "before", "after")
		SELECT plan_id, (SELECT max(m.seq) FROM %[1]s m WHERE m.plan_id = '%[2]s') + 1, sync, table_name, operation, %[3]s, %[4]s, %[5]s FROM %[1]s WHERE plan_id = '%[2]s' AND operation = '%[6]s'`,
		w.registerTable("operation"), p.ID, cast(`"key"`), cast(`"before"`), cast(`"after"`), operation))
}

// A revert does what follows from the plan that it undoes and from the rows as they are, and nothing else, whatever its
// documents, its counts and its digest say.
func TestForgedRevertIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := undoable(t, e)
		r := w.revert(p)
		w.wantCounts(r, "update 1, delete 1, undelete 1")
		const forged = "are not those that undo the other plan"
		try := func(what, operation, column, from, to, reason string) {
			t.Helper()
			where := "plan_id = '" + r.ID + "' AND operation = '" + operation + "'"
			held := w.rows(w.dest, fmt.Sprintf(`SELECT "%s" FROM %s WHERE %s`, column, w.registerTable("operation"), where))[0]
			if !strings.Contains(held, from) {
				t.Fatalf("%s: the document has no %s: %s", what, from, held)
			}
			w.set("operation", column, where, strings.Replace(held, from, to, 1))
			w.wantForged(what, w.seal(r), reason)
			w.set("operation", column, where, held)
			r = w.seal(r)
		}
		try("another value is written", "update", "after", `"Algebra"`, `"EVIL"`, forged)
		try("another column is written", "update", "after", `"OURS"`, `"EVIL"`, forged)
		try("a member too many", "undelete", "after", `{`, `{"more": "x", `, "are not as registrar writes them")

		// The plan is another one's undoing, or nobody's.
		row := "id = '" + r.ID + "'"
		summary := w.rows(w.dest, "SELECT summary FROM "+w.registerTable("plan")+" WHERE "+row)[0]
		other := w.rows(w.dest, "SELECT plan_id FROM "+w.registerTable("execution")+" WHERE plan_id <> '"+p.ID+"'")[0]
		w.set("plan", "summary", row, strings.ReplaceAll(summary, p.ID, other))
		w.wantForged("it undoes another plan than the file says", r, "for another purpose than the file")
		again, err := w.recall(r.ID)
		w.must(err)
		if _, err := w.tryApply(again); !errorIs[*apply.RefusedError](err) {
			t.Errorf("it undoes another plan: apply = %v", err)
		}
		w.set("plan", "summary", row, strings.ReplaceAll(summary, `"kind":"revert"`, `"kind":"other"`))
		again, err = w.recall(r.ID)
		w.must(err)
		w.wantForged("it is no revert", again, "are not as registrar writes them")
		w.set("plan", "summary", row, summary)

		// As it was, it is applied, once.
		again, err = w.recall(r.ID)
		w.must(err)
		w.apply(again)
		w.wantCourses("A|Algebra|10|∅|∅|OURS|-|-", "B|Botany|20|∅|∅|OURS|-|-")
		if _, err := w.tryApply(again); !errorIs[*apply.AppliedError](err) {
			t.Errorf("applied again: %v", err)
		}
	})
}

// An apply that ends before its commit leaves neither rows nor a pause.
func TestRevertRollsBack(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := undoable(t, e)
		before := w.dump("course")
		r := w.revert(p)
		o := w.applyOptions()
		failure := errors.New("the power is gone")
		o.BeforeCommit = func(context.Context, string, *sql.Tx) error { return failure }
		if _, err := apply.Apply(t.Context(), w.load(), r, o); !errors.Is(err, failure) {
			t.Fatalf("apply = %v", err)
		}
		w.wantDump("rolled back", map[string][]string{"course": before})
		if len(w.pauses()) > 0 {
			t.Error("the sync is paused")
		}
		w.apply(r)
	})
}

// What was redacted is not given back: nobody knows it any more.
func TestRevertOfRedactedRows(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := undoable(t, e)
		for _, column := range []string{"key", "before", "after"} {
			w.set("operation", column, "plan_id = '"+p.ID+"' AND operation = 'update'", `{"$": "redacted"}`)
		}
		w.wantUndone(plan.RevertOptions{PlanID: p.ID}, ": 1 row was redacted in the register, which")
		r := w.revert(p, skipChanged)
		w.wantCounts(r, "delete 1, undelete 1")
		w.apply(r)
		w.wantCourses("A|Geometry|10|∅|∅|OURS|u|-", "B|Botany|20|∅|∅|OURS|-|-")

		// A revert that knows what was forgotten since is no longer applied.
		r = w.revert(r)
		w.set("operation", "before", "plan_id = '"+r.ID+"' AND operation = 'archive'", `{"$": "redacted"}`)
		if _, err := w.tryApply(r); !errorIs[*apply.RefusedError](err) {
			t.Errorf("apply = %v", err)
		}
	})
}

// A purge is not undone, and says so.
func TestRevertOfPurge(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring+"    purge_after    = \"24h\"\n    archived_since = dest.gone_on\n")
		w.course("A", "Algebra", 10)
		w.course("B", "Botany", 20)
		w.apply(w.plan())
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.applied("archive 1")
		w.now = w.now.AddDate(0, 0, 30)
		w.exec(w.source, "UPDATE src_course SET title = 'Trees'")
		p := w.plan()
		w.wantCounts(p, "update 1, purge 1")
		w.apply(p)
		w.wantUndone(plan.RevertOptions{PlanID: p.ID}, "1 row was purged, which nothing undoes", "--changed skip")
		r := w.revert(p, skipChanged)
		w.wantCounts(r, "update 1")
		w.apply(r)
		w.wantCourses("B|Botany|20|∅|∅|OURS|-|-")
	})
}

// The next plan of an incremental sync reads the source whole: what was undone is older than the watermark.
func TestRevertThenIncremental(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.change("A", "Algebra", "10:00:00")
		w.change("B", "Botany", "11:00:00")
		w.read("full: no plan of the sync has been applied", "insert 2")
		w.change("A", "Geometry", "12:00:00")
		p := w.plan()
		w.wantRead(p, "partial 2")
		w.wantCounts(p, "update 1")
		w.apply(p)
		w.apply(w.revert(p))
		w.read("full: the last applied plan undid another one", "update 1")
		w.wantRead(w.plan(), "partial 1")
	})
}

// A plan that undoes is no measure of the source's size.
func TestRevertIsNoMeasure(t *testing.T) {
	e := engines()[0]
	w, p := undoable(t, e)
	w.edit(`max_delete = "100%"`, `max_delete = "100%"
    min_source_ratio = "50%"`)
	w.apply(w.revert(p))
	w.exec(w.source, "DELETE FROM src_course WHERE code = 'C'")
	if p := w.plan(); p.Held() {
		t.Errorf("held = %q", p.Syncs()[0].Held)
	}
	w.exec(w.source, "DELETE FROM src_course")
	if p := w.plan(); !strings.Contains(p.Syncs()[0].Held, "the last applied plan's had 2") {
		t.Errorf("held = %q, want the size of the source before the revert", p.Syncs()[0].Held)
	}
}

// Every column of a table whose keys are told apart by its scope is written to the right row.
func TestRevertAmongOrigins(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.define("src_room", "code text", "name text")
		w.define("room", "code text NOT NULL", "name text", "note text", "origin text NOT NULL", "PRIMARY KEY (origin, code)")
		w.configure(tableSync{name: "room", key: `"code"`, scope: `origin = "A"`, columns: "    code = row.code\n    name = row.name", lifecycle: `    on_missing = "delete"`})
		w.exec(w.dest, "INSERT INTO room VALUES ('R1', 'One', 'n', 'B'), ('R2', 'Two', 'n', 'B'), ('R3', 'Three', 'n', 'B')")
		w.values("src_room", "R1|One", "R2|Two")
		w.apply(w.plan())
		w.exec(w.source, "DELETE FROM src_room WHERE code = 'R1'")
		w.exec(w.source, "UPDATE src_room SET name = 'Deux'")
		w.values("src_room", "R3|Three")
		before := w.dump("room")
		p := w.plan()
		w.wantCounts(p, "insert 1, update 1, delete 1")
		w.apply(p)
		after := w.dump("room")
		r := w.revert(p)
		w.apply(r)
		w.wantDump("undone", map[string][]string{"room": before})
		w.apply(w.revert(r))
		w.wantDump("done again", map[string][]string{"room": after})
	})
}

// Rows that refer to each other come back parents first, and go children first.
func TestRevertOfTree(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.define("src_unit", "code text", "parent text")
		w.define("unit", "code text NOT NULL PRIMARY KEY", "parent text", "note text", "FOREIGN KEY (parent) REFERENCES unit (code)")
		w.configure(tableSync{name: "unit", key: `"code"`, columns: "    code = row.code\n    parent = row.parent", lifecycle: `    on_missing = "delete"`})
		w.values("src_unit", "1|∅", "2|1", "3|2", "4|3")
		deletes := "update 1, delete 3"
		if e.rowByRow { // there a row that refers to itself cannot be deleted
			deletes = "update 1, delete 2"
			w.exec(w.dest, "INSERT INTO unit (code, parent) VALUES ('1', NULL), ('2', '1'), ('3', '2'), ('4', '3')")
		} else {
			w.values("src_unit", "9|9")
		}
		w.apply(w.plan())
		w.exec(w.source, "UPDATE src_unit SET parent = '1' WHERE code = '4'")
		w.exec(w.source, "DELETE FROM src_unit WHERE code IN ('2', '3', '9')")
		before := w.dump("unit")
		p := w.plan()
		w.wantCounts(p, deletes)
		w.apply(p)
		after := w.dump("unit")
		r := w.revert(p)
		w.apply(r)
		w.wantDump("undone", map[string][]string{"unit": before})
		w.apply(w.revert(r))
		w.wantDump("done again", map[string][]string{"unit": after})
	})
}

// A number that the database gives, and nobody else may, is given back where the engine lets it be.
func TestRevertNumbers(t *testing.T) {
	for _, e := range engines() {
		if e.name != "postgres" {
			continue
		}
		w := newWorld(t, e)
		w.define("src_room", "code text", "name text")
		w.exec(w.dest, "CREATE TABLE room (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL UNIQUE, name text, loud text GENERATED ALWAYS AS (upper(name)) STORED)")
		w.configure(tableSync{name: "room", key: `"code"`, columns: "    code = row.code\n    name = row.name", lifecycle: `    on_missing = "delete"`})
		w.values("src_room", "R1|One", "R2|Two")
		w.apply(w.plan())
		w.exec(w.source, "DELETE FROM src_room WHERE code = 'R1'")
		w.exec(w.source, "UPDATE src_room SET name = 'Deux'")
		w.values("src_room", "R3|Three")
		before := w.dump("room")
		p := w.plan()
		w.wantCounts(p, "insert 1, update 1, delete 1")
		w.apply(p)
		after := w.dump("room")
		r := w.revert(p)
		w.apply(r)
		w.wantDump("undone", map[string][]string{"room": before})
		w.apply(w.revert(r))
		w.wantDump("done again", map[string][]string{"room": after})
	}
}

// Undoing needs no more rights than the roles have that plan and apply.
func TestRevertByRoles(t *testing.T) {
	onEngineWithRoles(t, func(t *testing.T, w *shared) {
		w.room("R1", "One", 1)
		w.room("R2", "Two", 2)
		w.must(w.applyAs(w.roles.Apply, w.planAs(w.roles.Plan, false), 0))
		before := w.dump("room")
		w.exec(w.source, "DELETE FROM src WHERE code = 'R2'")
		w.exec(w.source, "UPDATE src SET name = 'Eins'")
		w.room("R3", "Three", 3)
		p := w.planAs(w.roles.Plan, false)
		w.wantCounts(p, "insert 1, update 1, archive 1")
		w.must(w.applyAs(w.roles.Apply, p, 0))
		r, err := plan.Revert(t.Context(), w.loadAs(w.roles.Plan), w.options(), plan.RevertOptions{PlanID: p.ID})
		w.must(err)
		w.now = w.now.Add(time.Minute)
		w.must(w.applyAs(w.roles.Apply, r, 0))
		w.wantDump("undone", map[string][]string{"room": before})
		if got := w.rows(w.dest, "SELECT sync FROM "+w.registerTable("pause")); len(got) != 1 {
			t.Errorf("paused: %q", got)
		}
	})
}

// What is checked of a revert before it is applied takes about as long as the rest, and not each operation as long as all.
func TestRevertOfManyRows(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.numbered(w.source, "src_course (code, title, hours)", "SELECT CONCAT('K', i), 'Course', i FROM n", 5000)
		p := w.plan()
		w.apply(p)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, want := range []string{"delete 5000", "insert 5000"} {
			p = w.revert(p)
			w.wantCounts(p, want)
			_, err := w.tryApplyAs(ctx, p)
			w.must(err)
			w.now = w.now.Add(time.Minute)
		}
	})
}
