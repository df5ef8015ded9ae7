package enginetest

import (
	"fmt"
	"strings"
	"testing"
)

// byTask is courses read by a query per task: add, change and gone are tables of their own.
func byTask(t testing.TB, e engine, lifecycle string, tasks ...string) *world {
	t.Helper()
	w := courses(t, e, lifecycle)
	if len(tasks) == 0 {
		tasks = []string{"insert", "update", "delete"}
	}
	queries := ""
	for _, task := range tasks {
		w.define("src_"+task, "code text", "title text", "hours int")
		columns := "code, title, hours"
		if task == "delete" {
			columns = "code"
		}
		queries += fmt.Sprintf("      %s = \"SELECT %s FROM src_%s\"\n", task, columns, task)
	}
	w.edit(`table = "src_course"`, "queries {\n"+queries+"    }")
	return w
}

// say adds a record to the query of a task.
func (w *world) say(task, code, title string, hours int) {
	w.Helper()
	w.exec(w.source, fmt.Sprintf("INSERT INTO src_%s (code, title, hours) VALUES ('%s', '%s', %d)", task, code, title, hours))
}

// forget empties the queries of all tasks.
func (w *world) forget(tasks ...string) {
	w.Helper()
	for _, task := range tasks {
		w.exec(w.source, "DELETE FROM src_"+task)
	}
}

func TestQueriesPerTask(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := byTask(t, e, retiring)
		if p := w.plan(); p.Held() || p.Changes() {
			t.Fatalf("empty queries over an empty scope: held %v, %s", p.Held(), counts(p))
		}
		w.exec(w.dest, "INSERT INTO course (code, title, origin) VALUES ('H', 'By hand', 'HAND')")
		w.say("insert", "A", "Algebra", 1)
		w.say("insert", "B", "Botany", 1)
		w.say("update", "N", "Not there", 1)
		w.say("delete", "M", "Not there", 1)
		w.applied("insert 2")
		w.wantCourses("A|Algebra|1|∅|∅|OURS|-|-", "B|Botany|1|∅|∅|OURS|-|-", "H|By hand|∅|∅|∅|HAND|-|-")

		// What is named by no query stays, and rows to add are not changed where they are.
		w.forget("insert", "update", "delete")
		w.settled()
		w.say("insert", "A", "Another", 9)
		w.say("update", "B", "Biology", 2)
		w.applied("update 1")
		w.forget("insert", "update")
		w.say("delete", "A", "", 0)
		w.say("delete", "H", "", 0)
		p := w.plan()
		w.wantCounts(p, "archive 1")
		w.wantNoticed(p, "sync.courses", "ignored code=H (origin=HAND)")
		w.apply(p)
		w.settled()
		w.wantCourses("A|Algebra|1|∅|∅|OURS|-|d", "B|Biology|2|∅|∅|OURS|u|-", "H|By hand|∅|∅|∅|HAND|-|-")

		// Archived rows count as absent for what is to add, and as present for what is to change.
		w.forget("delete")
		w.say("insert", "A", "Algebra again", 3)
		w.applied("undelete 1")
		w.forget("insert")
		w.say("delete", "A", "", 0)
		w.applied("archive 1")
		w.forget("delete")
		w.say("update", "A", "Algebra changed", 4)
		w.applied("undelete 1")
		w.wantCourses("A|Algebra changed|4|∅|∅|OURS|u|-", "B|Biology|2|∅|∅|OURS|u|-", "H|By hand|∅|∅|∅|HAND|-|-")
	})
}

// A key may be one to add and one to change; nothing else may be there twice.
func TestKeyInTwoTasks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := byTask(t, e, retiring)
		w.say("insert", "A", "Algebra", 1)
		w.say("update", "A", "Algebra", 1)
		w.applied("insert 1")
		w.exec(w.source, "UPDATE src_update SET title = 'Analysis'")
		w.exec(w.source, "UPDATE src_insert SET title = 'Anything'")
		w.applied("update 1")
		// Archived: it comes back once, as it is to be.
		w.exec(w.dest, "UPDATE course SET gone_on = '2020-01-01 00:00:00Z'")
		w.applied("undelete 1")
		w.wantCourses("A|Analysis|1|∅|∅|OURS|u|-")

		for _, task := range []string{"insert", "update"} {
			w.forget("insert", "update", "delete")
			w.say(task, "A", "x", 1)
			w.say("delete", "A", "", 0)
			w.planError("Duplicate keys in the source", `code = "A" (2 times)`)
		}
		for _, task := range []string{"insert", "update", "delete"} {
			w.forget("insert", "update", "delete")
			w.say(task, "A", "x", 1)
			w.say(task, "A", "x", 1)
			w.planError("Duplicate keys in the source", `code = "A" (2 times)`)
		}
	})
}

// Rejected by one query, a record is written by no other that rejects it too, and is never missing.
func TestRejectedByTask(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := byTask(t, e, retiring)
		w.edit("  lifecycle {", "  assert \"taught\" {\n    condition = row.hours > 0\n    message   = \"no hours\"\n  }\n  lifecycle {")
		w.say("insert", "A", "Algebra", 1)
		w.say("insert", "B", "Botany", 1)
		w.say("insert", "C", "Never", 0)
		p := w.plan()
		w.wantCounts(p, "insert 2")
		w.apply(p)
		w.forget("insert")
		w.say("update", "A", "Analysis", 0)
		w.say("update", "B", "Biology", 2)
		p = w.plan()
		w.wantCounts(p, "update 1")
		w.wantNoticed(p, "sync.courses", "rejected code=A: taught: no hours")
	})
}

// Deleting by key, for good; the guard counts it.
func TestDeleteQuery(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := byTask(t, e, `on_missing = "delete"`, "insert", "delete")
		for code := range strings.FieldsSeq("A B C D") {
			w.say("insert", code, code, 1)
		}
		w.applied("insert 4")
		w.forget("insert")
		w.say("delete", "A", "", 0)
		w.say("delete", "B", "", 0)
		w.edit(`max_delete = "100%"`, "max_delete = 1")
		p := w.plan()
		w.wantCounts(p, "delete 2")
		if held := p.Syncs()[0].Held; held != "2 rows would be touched by delete, max_delete allows 1" {
			t.Errorf("held = %q", held)
		}
		w.exec(w.source, "DELETE FROM src_delete WHERE code = 'B'")
		w.applied("delete 1")
		w.wantRowsOf("SELECT code FROM course ORDER BY code", "B", "C", "D")
		// A minimum of records may be asked for all the same.
		w.edit("max_delete = 1", "min_source_rows = 1")
		w.forget("delete")
		if p := w.plan(); !p.Held() {
			t.Error("no record at all, and min_source_rows = 1: want it held")
		}
	})
}

// A query that goes on naming a key to remove does not keep its row from being purged.
func TestPurgeByTask(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := byTask(t, e, retiring+"    purge_after = \"30d\"\n")
		w.say("insert", "A", "Algebra", 1)
		w.say("insert", "B", "Botany", 1)
		w.applied("insert 2")
		w.forget("insert")
		w.say("delete", "A", "", 0)
		w.applied("archive 1")
		w.now = w.now.AddDate(0, 0, 29)
		w.settled()
		w.now = w.now.AddDate(0, 0, 2)
		w.applied("purge 1")
		w.wantRowsOf("SELECT code FROM course", "B")
	})
}
