package enginetest

import (
	"strings"
	"testing"
)

// adopting is courses, with rows of others taken over.
func adopting(t testing.TB, e engine, lifecycle string) *world {
	t.Helper()
	w := courses(t, e, lifecycle)
	w.edit(`scope = { origin = "OURS" }`, "scope = { origin = \"OURS\" }\n    adopt = true")
	return w
}

func TestAdopt(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := adopting(t, e, retiring)
		w.exec(w.dest, `INSERT INTO course (id, code, title, hours, note, origin, gone_on) VALUES
			(7, 'A', 'By hand', 5, 'kept', 'HAND', NULL), (8, 'B', 'Gone', 5, 'kept', 'OLD', '2020-01-01 00:00:00Z'), (9, 'C', 'Not ours', 5, 'kept', 'HAND', NULL)`)
		w.course("A", "Algebra", 10)
		w.course("B", "Botany", 20)
		w.course("N", "Numbers", 30)
		p := w.plan()
		w.wantCounts(p, "insert 1, adopt 2")
		w.wantOperations(p, "sync.courses",
			"adopt code=A: origin=HAND title=By hand hours=5 gone_on=∅ updated_on=∅ -> origin=OURS title=Algebra hours=10 gone_on=∅ updated_on=now()",
			"adopt code=B: origin=OLD title=Gone hours=5 gone_on=2020-01-01 00:00:00Z updated_on=∅ -> origin=OURS title=Botany hours=20 gone_on=∅ updated_on=now()",
			"insert code=N:  -> code=N title=Numbers hours=30 origin=OURS gone_on=∅ created_on=now()")
		w.wantNoticed(p, "sync.courses")
		w.apply(p)
		w.wantCourses("A|Algebra|10|∅|kept|OURS|u|-", "B|Botany|20|∅|kept|OURS|u|-", "C|Not ours|5|∅|kept|HAND|-|-", "N|Numbers|30|∅|∅|OURS|-|-")
		w.wantRowsOf("SELECT id, code FROM course WHERE id < 10 AND id > 6 ORDER BY id", "7|A", "8|B", "9|C")
		w.settled()
		// From now on it is a row of ours like any other.
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.applied("archive 1")
	})
}

// An adopted row is still what the plan saw, and still another's.
func TestAdoptStale(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, change := range []string{
			"UPDATE course SET title = 'Changed'", "UPDATE course SET origin = 'OURS'", "UPDATE course SET origin = 'THIRD'", "DELETE FROM course",
			"UPDATE course SET gone_on = '2020-01-01 00:00:00Z'",
		} {
			w := adopting(t, e, retiring)
			w.exec(w.dest, "INSERT INTO course (code, title, hours, origin) VALUES ('A', 'By hand', 5, 'HAND')")
			w.course("A", "Algebra", 10)
			p := w.plan()
			w.wantCounts(p, "adopt 1")
			w.exec(w.dest, change)
			before := w.rows(w.dest, courseRows)
			if _, err := w.tryApply(p); err == nil || !strings.Contains(err.Error(), `Saved plan is stale: rows that it would adopt changed or vanished since: "A"`) {
				t.Errorf("after %s: apply = %v, want a stale plan", change, err)
			}
			w.wantRowsOf(courseRows, before...)
		}
	})
}

// Without adopt the key is reported, and nothing is done.
func TestForeignKeysAreIgnored(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.exec(w.dest, "INSERT INTO course (code, title, hours, origin) VALUES ('A', 'By hand', 5, 'HAND')")
		w.course("A", "Algebra", 10)
		p := w.plan()
		w.wantCounts(p, "nothing")
		w.wantNoticed(p, "sync.courses", "ignored code=A (origin=HAND)")
		if ignored := p.Syncs()[0].Ignored; ignored != 1 {
			t.Errorf("%d keys are ignored, want 1", ignored)
		}
	})
}

// A record that changes faculty: the one archives it, the other adopts it the next night,
// and neither ever takes the other's living row.
func TestRecordChangesFaculty(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.define("src_course", "code text", "title text", "hours int", "faculty text")
		w.define("course", "id id", "code text NOT NULL UNIQUE", "title text", "hours int", "category text", "note text", "origin text NOT NULL", "created_on tstz", "updated_on tstz", "gone_on tstz")
		block := func(name, origin string) string {
			return strings.NewReplacer(`table = "src_course"`, `query = "SELECT code, title, hours FROM src_course WHERE faculty = '`+origin+`'"`,
				`scope = { origin`, "adopt = true\n    scope = { origin").Replace(w.courseSync(name, origin, retiring))
		}
		w.write("main.hcl", block("arts", "ARTS")+block("law", "LAW"))
		w.exec(w.source, "INSERT INTO src_course VALUES ('A', 'Algebra', 1, 'ARTS'), ('B', 'Botany', 1, 'ARTS'), ('L', 'Law', 1, 'LAW'), ('M', 'Maps', 1, 'LAW')")
		w.applied("insert 4")
		// Both sources have it: it stays where it is.
		w.exec(w.source, "INSERT INTO src_course VALUES ('A', 'Theirs', 1, 'LAW')")
		p := w.plan()
		w.wantCounts(p, "nothing")
		w.wantNoticed(p, "sync.law", "ignored code=A (origin=ARTS)")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A' AND faculty = 'ARTS'")
		p = w.plan()
		w.wantCounts(p, "archive 1")
		w.wantNoticed(p, "sync.law", "ignored code=A (origin=ARTS)")
		w.apply(p)
		p = w.plan()
		w.wantCounts(p, "adopt 1")
		w.apply(p)
		w.settled()
		w.wantRowsOf("SELECT code, title, origin FROM course WHERE gone_on IS NULL ORDER BY code", "A|Theirs|LAW", "B|Botany|ARTS", "L|Law|LAW", "M|Maps|LAW")
	})
}

// What queries.delete names is not adopted, and what both other queries name is adopted once.
func TestAdoptByTask(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := adopting(t, e, retiring)
		w.edit(`table = "src_course"`, `queries {
      insert = "SELECT code, title, hours FROM src_course WHERE hours < 100"
      update = "SELECT code, title, hours FROM src_course WHERE hours < 100"
      delete = "SELECT code FROM src_course WHERE hours >= 100"
    }`)
		w.exec(w.dest, "INSERT INTO course (code, title, hours, origin) VALUES ('A', 'By hand', 5, 'HAND'), ('B', 'By hand', 5, 'HAND')")
		w.course("A", "Algebra", 10)
		w.course("B", "Botany", 100)
		p := w.plan()
		w.wantCounts(p, "adopt 1")
		w.wantNoticed(p, "sync.courses", "ignored code=B (origin=HAND)")
		w.apply(p)
		w.wantCourses("A|Algebra|10|∅|∅|OURS|u|-", "B|By hand|5|∅|∅|HAND|-|-")
	})
}

// Two syncs of one table, of which both adopt: what the one brings back or purges the other leaves
// alone, and what belongs to neither is not taken by both.
func TestAdoptionsDoNotCollide(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, order := range []string{"first", "second"} {
			w := newWorld(t, e)
			w.define("src_course", "code text", "title text", "hours int", "faculty text")
			w.define("course", "id id", "code text NOT NULL UNIQUE", "title text", "hours int", "category text", "note text", "origin text NOT NULL", "created_on tstz", "updated_on tstz", "gone_on tstz")
			block := func(name, origin string) string {
				return strings.NewReplacer(`table = "src_course"`, `query = "SELECT code, title, hours FROM src_course WHERE faculty = '`+origin+`'"`,
					`scope = { origin`, "adopt = true\n    scope = { origin").Replace(w.courseSync(name, origin, retiring+"    purge_after = \"30d\"\n"))
			}
			blocks := []string{block("arts", "ARTS"), block("law", "LAW")}
			if order == "second" {
				blocks[0], blocks[1] = blocks[1], blocks[0]
			}
			w.write("main.hcl", blocks[0]+blocks[1])
			w.exec(w.source, "INSERT INTO src_course VALUES ('Z', 'Zoology', 1, 'ARTS'), ('Y', 'Yachts', 1, 'LAW')")
			w.exec(w.dest, `INSERT INTO course (code, title, hours, origin, gone_on) VALUES
				('BACK', 'x', 1, 'ARTS', '2026-08-31 00:00:00Z'), ('MOVED', 'x', 1, 'ARTS', '2026-08-31 00:00:00Z'), ('OLD', 'x', 1, 'ARTS', '2020-01-01 00:00:00Z')`)
			w.exec(w.source, "INSERT INTO src_course VALUES ('BACK', 'x', 1, 'ARTS'), ('BACK', 'x', 1, 'LAW'), ('MOVED', 'x', 1, 'LAW'), ('OLD', 'x', 1, 'LAW')")
			p := w.plan()
			w.wantCounts(p, "insert 2, undelete 1, adopt 1, purge 1")
			w.wantNoticed(p, "sync.law", "ignored code=BACK (origin=ARTS)", "ignored code=OLD (origin=ARTS)")
			w.apply(p)
			w.applied("insert 1") // what was purged is new
			w.wantRowsOf("SELECT code, origin FROM course ORDER BY code", "BACK|ARTS", "MOVED|LAW", "OLD|LAW", "Y|LAW", "Z|ARTS")

			w.exec(w.dest, "INSERT INTO course (code, title, hours, origin) VALUES ('HAND', 'x', 1, 'HAND')")
			w.exec(w.source, "INSERT INTO src_course VALUES ('HAND', 'x', 1, 'ARTS'), ('HAND', 'x', 1, 'LAW')")
			w.planError("Key inserted twice", "sync.arts", "sync.law", "HAND")
			// The same where removals may be held back.
			w.write("registrar.hcl", "registrar {\n  guard {\n    on_breach = \"hold_deletes\"\n  }\n}\n")
			w.planError("Key inserted twice", "sync.arts", "sync.law", "HAND")
		}
	})
}

// What a sibling did to the row since the plan counts, too.
func TestAdoptedRowComesBack(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := adopting(t, e, retiring)
		w.write("other.hcl", w.courseSync("others", "OTHER", hiding))
		w.exec(w.dest, "INSERT INTO course (code, title, hours, origin, category) VALUES ('A', 'x', 1, 'OTHER', 'ARCHIVE')")
		w.target = []string{"sync.courses"}
		w.course("A", "Algebra", 1)
		p := w.plan()
		w.wantCounts(p, "adopt 1")
		w.exec(w.dest, "UPDATE course SET category = NULL")
		if _, err := w.tryApply(p); err == nil || !strings.Contains(err.Error(), "stale") {
			t.Errorf("apply = %v, want a stale plan", err)
		}
		w.wantRowsOf("SELECT code, origin FROM course", "A|OTHER")
	})
}
