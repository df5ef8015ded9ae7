package enginetest

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/plan"
)

// numbered runs INSERT INTO … with a query over the numbers n.i from 1 to last.
func (w *world) numbered(db *sql.DB, into, query string, last int) {
	w.Helper()
	statement := fmt.Sprintf("INSERT INTO %s WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) %s", into, last, query)
	if _, err := db.ExecContext(w.Context(), statement); err != nil {
		w.Fatalf("%s: %v", statement, err)
	}
}

// soon plans in a minute, which comparing each row with each would exceed many times.
func (w *world) soon(want string) *plan.Plan {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	p, err := plan.Make(ctx, w.load(), w.options())
	w.must(err)
	w.now = w.now.Add(time.Minute)
	w.wantCounts(p, want)
	if p.Held() {
		w.Fatalf("the plan is held: %+v", p.Syncs())
	}
	return p
}

// Many parents are deleted with all that refers to them.
func TestManyRelativesDeleted(t *testing.T) {
	const n = 20_000
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(
			w.source,
			"CREATE TABLE src_student (code {text})",
			"CREATE TABLE src_course (code {text})",
			"CREATE TABLE src_enrolment (student {text}, course {text}, mark {int})",
		)
		w.create(
			w.dest,
			"CREATE TABLE student (id {id}, code {text} NOT NULL UNIQUE)",
			"CREATE TABLE course (id {id}, code {text} NOT NULL UNIQUE)",
			`CREATE TABLE enrolment (student_id {int} NOT NULL REFERENCES student (id), course_id {int} NOT NULL REFERENCES course (id), mark {int},
			PRIMARY KEY (student_id, course_id))`,
			"CREATE INDEX enrolment_course ON enrolment (course_id)",
		)
		enrolments, students, courses := linkEnrolments, linkStudents, linkCourses
		enrolments.lifecycle, students.lifecycle, courses.lifecycle = removing, removing, removing
		w.configure(enrolments, students, courses)
		w.numbered(w.dest, "student (id, code)", "SELECT i, 'S' || i FROM n", n)
		w.numbered(w.dest, "course (id, code)", "SELECT i, 'C' || i FROM n", n)
		w.numbered(w.dest, "enrolment (student_id, course_id)", "SELECT i, i FROM n", n)
		w.apply(w.soon(fmt.Sprintf("delete %d", 3*n)))
		w.wantRows("SELECT (SELECT count(*) FROM student), (SELECT count(*) FROM course), (SELECT count(*) FROM enrolment)", "0|0|0")
	})
}

// A tree comes, and goes.
func TestManyRowsInOneTree(t *testing.T) {
	const n, depth = 10_000, 10
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := teams(t, e, deleting(teamSync))
		w.create(w.dest, "CREATE INDEX team_parent ON team (parent_id)")
		w.numbered(w.source, "src_team (code, name, parent)", fmt.Sprintf("SELECT 'T' || i, 'x', CASE WHEN i > %[1]d THEN 'T' || (i - %[1]d) END FROM n", n/depth), n)
		w.apply(w.soon(fmt.Sprintf("insert %d", n)))
		w.soon("nothing")
		w.exec(w.source, "DELETE FROM src_team")
		w.apply(w.soon(fmt.Sprintf("delete %d", n)))
		w.wantRows("SELECT count(*) FROM team", "0")
	})
}

// Each row wants the unique value of the next, and the last one that of a row whose removal is held
// back.
func TestLongChainHeldBack(t *testing.T) {
	const n = 5_000
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_seat (code {text}, place {text})")
		w.create(w.dest, "CREATE TABLE seat (code {text} PRIMARY KEY, place {text} UNIQUE)")
		w.configure(tableSync{name: "seat", key: `"code"`, columns: "code = row.code\nplace = row.place", lifecycle: removing, guard: `on_breach = "hold_deletes"`})
		w.edit(`max_delete      = "100%"`, "max_delete = 0")
		w.numbered(w.dest, "seat", "SELECT 'S' || i, 'p' || i FROM n", n+1)
		w.numbered(w.source, "src_seat", "SELECT 'S' || i, 'p' || (i + 1) FROM n", n)
		p := w.soon("nothing")
		if want := fmt.Sprintf("sync.seat: delete 1, update %d", n); back(p) != want {
			t.Errorf("held back %q, want %q", back(p), want)
		}
	})
}
