package enginetest

import (
	"strings"
	"testing"
)

// asserting is courses with asserts, of which the source holds any text for the hours.
func asserting(t testing.TB, e engine, asserts string) *world {
	t.Helper()
	w := courses(t, e, retiring)
	w.exec(w.source, "DROP TABLE src_course")
	w.define("src_course", "code text", "title text", "hours text")
	w.edit("  guard {", asserts+"  guard {")
	return w
}

// put sets a record of the source; nil for NULL.
func (w *world) put(code string, title, hours any) {
	w.Helper()
	w.exec(w.source, "DELETE FROM src_course WHERE code = "+w.engine.param(1), code)
	w.exec(w.source, "INSERT INTO src_course (code, title, hours) VALUES ("+w.engine.param(1)+", "+w.engine.param(2)+", "+w.engine.param(3)+")", code, title, hours)
}

func TestAsserts(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := asserting(t, e, `
  assert "titled" {
    condition = row.title != null
    message   = "${row.code} has no title, but ${row.hours} hours"
  }
  assert "short" {
    condition  = length(row.title) <= 10
    message    = "the title of ${row.code} is long"
    on_failure = "warn"
  }
`)
		w.put("A", "Algebra", "1")
		w.put("B", "Botany", "1")
		w.put("C", nil, "1")
		w.put("D", "Discrete mathematics", "1")
		w.put("E", nil, nil)
		p := w.plan()
		w.wantCounts(p, "insert 3")
		if s := p.Syncs()[0]; s.Rejected != 2 || s.Warned != 1 {
			t.Errorf("%d rejected and %d warned, want 2 and 1", s.Rejected, s.Warned)
		}
		w.wantNoticed(p, "sync.courses",
			"rejected code=C: titled: C has no title, but 1 hours", "rejected code=E: titled: E has no title, but null hours", "warned code=D: short: the title of D is long")
		w.apply(p)
		w.settled()
		// What is rejected is left as it is: neither changed, nor missing.
		w.put("A", nil, "9")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'B'")
		w.applied("archive 1")
		w.wantCourses("A|Algebra|1|∅|∅|OURS|-|-", "B|Botany|1|∅|∅|OURS|-|d", "D|Discrete mathematics|1|∅|∅|OURS|-|-")
		// Nor does an archived one come back.
		w.put("B", nil, "2")
		w.settled()
		w.put("B", "Biology", "2")
		w.applied("undelete 1")
	})
}

func TestAssertStops(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := asserting(t, e, `
  assert "titled" {
    condition  = row.title != null
    message    = "${row.code} has no title"
    on_failure = "stop"
  }
`)
		w.put("A", "Algebra", "1")
		w.put("B", nil, "1")
		w.put("C", nil, "1")
		text := w.planError("main.hcl:", "Assert stops the plan", "B has no title", "C has no title", "2 records of 3 do not obey it")
		if strings.Contains(text, `"A"`) {
			t.Errorf("A is named: %s", text)
		}
		w.wantCourses()
	})
}

// A condition that is NULL is not fulfilled; one that cannot be evaluated is none either.
func TestAssertOfNull(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := asserting(t, e, `
  assert "taught" {
    condition = to_number(row.hours) > 0
    message   = "hours"
  }
`)
		w.put("A", "Algebra", "1")
		w.put("B", "Botany", nil)
		w.put("C", "Chemistry", "0")
		w.put("D", "Drawing", "many")
		p := w.plan()
		w.wantCounts(p, "insert 1")
		notices := w.noticed(p, "sync.courses")
		if len(notices) != 3 || notices[0] != "rejected code=B: taught: hours" || notices[1] != "rejected code=C: taught: hours" ||
			!strings.HasPrefix(notices[2], "rejected code=D: hours: ") || !strings.Contains(notices[2], "taught: cannot be evaluated: ") {
			t.Errorf("findings = %q", notices)
		}
	})
}

// Values that do not fit leave their rows as they are, alive, archived or to be purged; and a
// record that was renamed besides is not renamed, and missing under neither key.
func TestConversionFailures(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := asserting(t, e, "")
		w.edit("stamps     =", "purge_after = \"30d\"\n    stamps     =")
		for code := range strings.FieldsSeq("ALIVE ARCHIVED MOVED OLD") {
			w.put(code, code, "1")
		}
		w.applied("insert 4")
		w.exec(w.dest, "UPDATE course SET gone_on = '2026-08-31 00:00:00Z' WHERE code = 'ARCHIVED'")
		w.exec(w.dest, "UPDATE course SET gone_on = '2020-01-01 00:00:00Z' WHERE code = 'OLD'")
		before := w.rows(w.dest, courseRows)
		w.exec(w.source, "UPDATE src_course SET title = 'Changed', hours = 'a few'")
		w.exec(w.source, "UPDATE src_course SET code = 'NEW' WHERE code = 'MOVED'")
		w.moved("MOVED NEW")
		w.put("FINE", "Fine", "2")
		p := w.plan()
		w.wantCounts(p, "insert 1")
		const why = `: hours: "a few" does not fit `
		for i, code := range strings.Fields("ALIVE ARCHIVED NEW OLD") {
			if notice := w.noticed(p, "sync.courses")[i]; !strings.HasPrefix(notice, "rejected code="+code+why) {
				t.Errorf("finding %q, want one of %s", notice, code)
			}
		}
		w.apply(p)
		w.settled()
		w.exec(w.dest, "DELETE FROM course WHERE code = 'FINE'")
		w.wantRowsOf(courseRows, before...)
		// The day the source is right again, all of it happens.
		w.exec(w.source, "UPDATE src_course SET hours = '3'")
		w.wantCounts(w.plan(), "insert 1, update 1, undelete 2, rename 1")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'OLD'")
		w.applied("insert 1, update 1, undelete 1, rename 1, purge 1")
	})
}

// A column that takes no NULL: from the source, from a computation, from a lookup's key.
func TestNullForNotNull(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.define("src_team", "code text", "course text", "size int")
		w.define("course", "id id", "code text NOT NULL UNIQUE")
		w.define("team", "code text PRIMARY KEY", "course_id int NOT NULL", "size int NOT NULL")
		w.exec(w.dest, "INSERT INTO course (code) VALUES ('A')")
		w.write("main.hcl", `
sync "teams" {
  source {
    from  = source.`+e.name+`.main
    table = "src_team"
  }
  destination {
    into       = destination.`+e.name+`.main
    table      = "team"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code      = row.code
    course_id = lookup("course", "id", { code = row.course })
    size      = row.size + 1
  }
  guard {
    max_reject = "100%"
  }
}
`)
		w.exec(w.source, "INSERT INTO src_team VALUES ('T1', 'A', 1), ('T2', NULL, 1), ('T3', 'A', NULL)")
		p := w.plan()
		w.wantCounts(p, "insert 1")
		w.wantNoticed(p, "sync.teams", "rejected code=T2: course_id: is NULL, but its column is NOT NULL", "rejected code=T3: size: is NULL, but its column is NOT NULL")
		w.apply(p)
		w.settled()
		w.exec(w.source, "UPDATE src_team SET size = NULL")
		w.settled()
		w.wantRowsOf("SELECT code, size FROM team", "T1|2")
	})
}
