package enginetest

import (
	"strings"
	"testing"
)

// hooked is courses with hooks that write into a table of the destination.
func hooked(t testing.TB, e engine) *world {
	t.Helper()
	w := courses(t, e, retiring)
	w.define("log", "seq id", "what text", "courses int")
	w.edit("  guard {", `
  before_apply = ["INSERT INTO log (what, courses) SELECT 'before', count(*) FROM course", "UPDATE course SET note = 'seen'"]
  after_apply  = "INSERT INTO log (what, courses) SELECT 'after', count(*) FROM course"
  guard {`)
	return w
}

const logRows = "SELECT what, courses FROM log ORDER BY seq"

func TestHooks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := hooked(t, e)
		w.exec(w.dest, "INSERT INTO course (code, origin) VALUES ('H', 'HAND')")
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		p := w.plan()
		w.wantRowsOf(logRows) // a plan runs none
		w.wantNoticed(p, "sync.courses")
		w.apply(p)
		w.wantRowsOf(logRows, "before|1", "after|3")
		w.wantNoticed(p, "sync.courses",
			"hook : after_apply, statement 1: 1 rows (sql=INSERT INTO log (what, courses) SELECT 'after', count(*) FROM course)",
			"hook : before_apply, statement 1: 1 rows (sql=INSERT INTO log (what, courses) SELECT 'before', count(*) FROM course)",
			"hook : before_apply, statement 2: 1 rows (sql=UPDATE course SET note = 'seen')")
		// Without operations there is nothing to run them for.
		p = w.plan()
		w.wantCounts(p, "nothing")
		w.apply(p)
		w.wantRowsOf(logRows, "before|1", "after|3")
	})
}

// What a hook did goes with the transaction, and a hook that fails takes the transaction with it.
func TestHooksRollBack(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := hooked(t, e)
		w.course("A", "Algebra", 1)
		p := w.plan()
		w.exec(w.dest, "INSERT INTO course (code, origin) VALUES ('A', 'HAND')")
		if _, err := w.tryApply(p); err == nil {
			t.Fatal("a stale plan was applied")
		}
		w.wantRowsOf(logRows)
		w.wantRowsOf("SELECT code, note, origin FROM course", "A|∅|HAND")

		w.exec(w.dest, "DELETE FROM course")
		p = w.plan()
		w.exec(w.dest, "ALTER TABLE log RENAME COLUMN what TO gone")
		if _, err := w.tryApply(p); err == nil || !strings.Contains(err.Error(), "before_apply (main.hcl:") || !strings.Contains(err.Error(), "nothing was kept") {
			t.Errorf("apply with a failing hook: %v", err)
		}
		w.exec(w.dest, "ALTER TABLE log RENAME COLUMN gone TO what")
		w.edit("INSERT INTO log (what, courses) SELECT 'after'", "INSERT INTO nosuch (what, courses) SELECT 'after'")
		p = w.plan()
		if _, err := w.tryApply(p); err == nil || !strings.Contains(err.Error(), "after_apply (main.hcl:") {
			t.Errorf("apply with a failing hook: %v", err)
		}
		w.wantRowsOf(logRows)
		w.wantCourses()
		w.wantRowsOf("SELECT count(*) FROM "+w.registerTable("finding"), "0")
		w.wantRowsOf("SELECT count(*) FROM "+w.registerTable("execution"), "0")
	})
}

// A before_apply that changes a row which the plan is about makes the plan stale: it was reviewed
// with another.
func TestHookChangesPlannedRow(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.course("A", "Algebra", 1)
		w.applied("insert 1")
		w.edit("  guard {", "  before_apply = \"UPDATE course SET title = 'Hooked'\"\n  guard {")
		w.exec(w.source, "UPDATE src_course SET title = 'Analysis'")
		if _, err := w.tryApply(w.plan()); err == nil || strings.Contains(err.Error(), "trigger") ||
			!strings.Contains(err.Error(), "sync.courses: update: 1 rows were to be written, the database wrote 0: they themselves or the rows that they refer to were no longer as the plan saw them") {
			t.Errorf("applied over what the hook wrote: %v", err)
		}
		w.wantCourses("A|Algebra|1|∅|∅|OURS|-|-")
	})
}
