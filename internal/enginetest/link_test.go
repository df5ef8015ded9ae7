package enginetest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/register"
)

var linkStudents = tableSync{name: "student", key: `"code"`, columns: "    code = row.code", lifecycle: archivedOn}

var linkCourses = tableSync{name: "course", key: `"code"`, columns: "    code = row.code", lifecycle: archivedOn}

var linkEnrolments = tableSync{
	name: "enrolment", key: `"student_id", "course_id"`,
	columns: `
    course_id  = lookup("course", "id", { code = row.course })
    student_id = lookup("student", "id", { code = row.student })
    mark       = row.mark`,
	lifecycle: archivedOn,
}

// links is a world with students, courses, and enrolments, whose key is made of lookups.
func links(t testing.TB, e engine) *world {
	w := newWorld(t, e)
	w.create(
		w.source,
		"CREATE TABLE src_student (code {text})",
		"CREATE TABLE src_course (code {text})",
		"CREATE TABLE src_enrolment (student {text}, course {text}, mark {int})",
	)
	w.create(
		w.dest,
		"CREATE TABLE student (id {id}, code {text} NOT NULL UNIQUE, deleted_on {tstz})",
		"CREATE TABLE course (id {id}, code {text} NOT NULL UNIQUE, deleted_on {tstz})",
		`CREATE TABLE enrolment (student_id {int} NOT NULL REFERENCES student (id), course_id {int} NOT NULL REFERENCES course (id), mark {int}, deleted_on {tstz},
			PRIMARY KEY (student_id, course_id))`,
		"INSERT INTO course (id, code) VALUES (70, 'X')",
		"DELETE FROM course",
	)
	w.configure(linkEnrolments, linkStudents, linkCourses) // the order is found
	w.values("src_student", "S1", "S2", "S3")
	w.values("src_course", "C1", "C2")
	w.values("src_enrolment", "S1|C1|10", "S2|C1|12", "S3|C2|∅")
	w.night("insert 8")
	return w
}

const linkState = `SELECT s.code, c.code, l.mark, CASE WHEN l.deleted_on IS NULL THEN '-' ELSE 'd' END FROM enrolment AS l
JOIN student AS s ON s.id = l.student_id JOIN course AS c ON c.id = l.course_id ORDER BY s.code, c.code`

func TestLinks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := links(t, e)
		w.wantRows(linkState, "S1|C1|10|-", "S2|C1|12|-", "S3|C2|∅|-")

		// Changed, archived, and added to parents old and new.
		w.exec(w.source, "UPDATE src_enrolment SET mark = 11 WHERE student = 'S1'")
		w.exec(w.source, "DELETE FROM src_enrolment WHERE student = 'S2'")
		w.values("src_student", "S4")
		w.values("src_course", "C3")
		w.values("src_enrolment", "S4|C3|14", "S4|C1|15", "S1|C3|16")
		p := w.plan()
		w.wantCounts(p, "insert 5, update 1, archive 1")
		key := func(member string) string { return e.member("key", member) }
		id := func(table, code string) string {
			return w.rows(w.dest, "SELECT id FROM "+table+" WHERE code = '"+code+"'")[0]
		}
		want := []string{
			"archive|S2|C1|" + id("student", "S2") + "|" + id("course", "C1"), "insert|S1|C3|" + id("student", "S1") + "|∅",
			"insert|S4|C1|∅|" + id("course", "C1"), "insert|S4|C3|∅|∅", "update|S1|C1|" + id("student", "S1") + "|" + id("course", "C1"),
		}
		got := w.members(p, "sync.enrolment", key("student_id.code"), key("course_id.code"), key("student_id"), key("course_id"))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("planned (-want +got):\n%s", diff)
		}
		w.apply(p)
		w.wantRows(linkState, "S1|C1|11|-", "S1|C3|16|-", "S2|C1|12|d", "S3|C2|∅|-", "S4|C1|15|-", "S4|C3|14|-")
		result := w.members(p, "sync.enrolment", key("student_id.code"), key("course_id.code"), e.member("result", "student_id"), e.member("result", "course_id"), e.member("result", "mark"))
		if want := "insert|S4|C3|" + id("student", "S4") + "|" + id("course", "C3") + "|14"; !slices.Contains(result, want) {
			t.Errorf("the results %q lack %q", result, want)
		}
		w.settled()

		// Back again.
		w.values("src_enrolment", "S2|C1|13")
		w.night("undelete 1")
		w.wantRows(linkState, "S1|C1|11|-", "S1|C3|16|-", "S2|C1|13|-", "S3|C2|∅|-", "S4|C1|15|-", "S4|C3|14|-")
	})
}

func TestLinksDeleted(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := links(t, e)
		enrolments, students := linkEnrolments, linkStudents
		enrolments.lifecycle, students.lifecycle = `on_missing = "delete"`, `on_missing = "delete"`
		w.configure(enrolments, students, linkCourses)
		w.exec(w.source, "DELETE FROM src_enrolment WHERE student = 'S1'")
		p := w.plan()
		w.wantCounts(p, "delete 1")
		before := w.members(p, "sync.enrolment", e.member("before", "student_id.code"), e.member("before", "course_id.code"), e.member("before", "mark"))
		if diff := cmp.Diff([]string{"delete|S1|C1|10"}, before); diff != "" {
			t.Errorf("before (-want +got):\n%s", diff)
		}
		w.apply(p)
		w.settled()
		// A parent with its links.
		w.exec(w.source, "DELETE FROM src_enrolment WHERE student = 'S3'")
		w.exec(w.source, "DELETE FROM src_student WHERE code IN ('S1', 'S3')")
		w.night("delete 3")
		w.wantRows(linkState, "S2|C1|12|-")
		w.wantRows("SELECT code FROM student", "S2")
	})
}

// A link whose keys find nothing is rejected; the row that it was stays.
func TestUnresolvedLinks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := links(t, e)
		states := []string{"S1|C1|10|-", "S2|C1|12|-", "S3|C2|∅|-"}
		// The parent is archived by the same plan, then was before.
		w.exec(w.source, "UPDATE src_enrolment SET mark = 20 WHERE course = 'C2'")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'C2'")
		p := w.night("archive 1")
		w.wantRows(linkState, states...)
		w.wantNotices(p, register.Rejected, `C2, S3: course_id: no row of the looked-up table has code = "C2"`)
		w.wantNotices(w.night("nothing"), register.Rejected, `C2, S3: course_id: no row of the looked-up table has code = "C2"`)
		if w.values("src_course", "C2"); counts(w.plan()) != "update 1, undelete 1" {
			t.Error("the link does not come back to life with its course")
		}
		w.exec(w.source, "UPDATE src_enrolment SET mark = NULL WHERE course = 'C2'")
		w.night("undelete 1")

		// The parent is renamed, and the links' source does not know it yet.
		w.exec(w.source, "UPDATE src_course SET code = 'NEW' WHERE code = 'C1'")
		w.write("moved.hcl", "moved {\n  sync = sync.course\n  from = \"C1\"\n  to   = \"NEW\"\n}\n")
		p = w.night("rename 1")
		w.wantRows(linkState, "S1|NEW|10|-", "S2|NEW|12|-", "S3|C2|∅|-")
		w.wantNotices(w.night("nothing"), register.Rejected, `C1, S1: course_id: no row of the looked-up table has code = "C1"`, `C1, S2: course_id: no row of the looked-up table has code = "C1"`)
		w.wantNotices(p, register.Rejected, `C1, S1: course_id: no row of the looked-up table has code = "C1"`, `C1, S2: course_id: no row of the looked-up table has code = "C1"`)
	})
}

// A name that was given up, and belongs to another row now, is that row's.
func TestLinksOfAReusedName(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := links(t, e)
		w.exec(w.source, "UPDATE src_course SET code = 'NEW' WHERE code = 'C1'")
		w.exec(w.source, "UPDATE src_enrolment SET course = 'NEW' WHERE course = 'C1'")
		w.write("moved.hcl", "moved {\n  sync = sync.course\n  from = \"C1\"\n  to   = \"NEW\"\n}\n")
		w.night("rename 1")
		w.write("moved.hcl", "")
		w.values("src_course", "C1")
		w.exec(w.source, "UPDATE src_enrolment SET course = 'C1' WHERE student = 'S1'")
		p := w.plan()
		w.wantCounts(p, "insert 2, archive 1")
		w.wantNotices(p, register.Rejected)
		w.apply(p)
		w.settled()
		w.wantRows(linkState, "S1|C1|10|-", "S1|NEW|10|d", "S2|NEW|12|-", "S3|C2|∅|-")
	})
}

// Of a parent that nothing is known about, no link can be told: they are missing. The guard is
// what is left.
func TestLinksOfUnknownParents(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := links(t, e)
		enrolments := linkEnrolments
		enrolments.guard = "max_insert = 100"
		w.configure(enrolments, linkStudents, linkCourses)
		w.exec(w.source, "UPDATE src_enrolment SET course = 'NONE' WHERE course = 'C1'")
		p := w.plan()
		if s := p.Syncs()[2]; !strings.Contains(s.Held, "2 of 3 records are rejected") {
			t.Errorf("held: %q", s.Held)
		}
	})
}

// Keys given twice are named as the source knows them.
func TestDuplicateLinks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := links(t, e)
		w.values("src_enrolment", "S1|C1|20")
		w.planError("Duplicate keys in the source", `student_id.code = "S1"`, `course_id.code = "C1"`, "(2 times)")
		w.exec(w.source, "DELETE FROM src_enrolment WHERE mark = 20")
		w.values("src_enrolment", "NEW|C1|20", "NEW|C1|21")
		w.planError("Duplicate keys in the source", `student_id.code = "NEW"`)
		w.exec(w.source, "DELETE FROM src_enrolment WHERE student = 'NEW'")
		w.values("src_enrolment", "∅|C1|20")
		w.planError("Records do not fit", "student_id.code is part of the key and must not be NULL")
	})
}

// Different business keys can lead to one row: that, too, is said before the database does.
func TestLinksOfOneRow(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := links(t, e)
		w.create(w.dest, "CREATE TABLE nickname (name {text} PRIMARY KEY, student_id {int} NOT NULL)",
			"INSERT INTO nickname SELECT 'one', id FROM student WHERE code = 'S1'",
			"INSERT INTO nickname SELECT 'uno', id FROM student WHERE code = 'S1'")
		enrolments := linkEnrolments
		enrolments.columns = strings.Replace(enrolments.columns, `lookup("student", "id", { code = row.student })`, `lookup("nickname", "student_id", { name = row.student })`, 1)
		w.configure(enrolments, linkStudents, linkCourses)
		w.exec(w.source, "DELETE FROM src_enrolment WHERE student <> 'S1'")
		w.exec(w.source, "UPDATE src_enrolment SET student = 'one'")
		w.night("archive 2")
		w.values("src_enrolment", "uno|C1|20")
		w.planError("Duplicate keys", `student_id.name = "one"`, `student_id.name = "uno"`)
		w.exec(w.source, "UPDATE src_enrolment SET course = 'C2'")
		w.planError("Duplicate keys", `student_id.name = "one"`, `student_id.name = "uno"`)
	})
}

func TestStaleLinks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for i, test := range []struct {
			name, change string
			key          string
		}{
			{"code of an insert's parent", "UPDATE student SET code = 'X' WHERE code = 'S2'", `"C2", "S2"`},
			{"parent gone", "DELETE FROM student WHERE code = 'S9'", `"C1", "S9"`},
			{"parent archived", "UPDATE student SET deleted_on = '2020-01-01 00:00:00Z' WHERE code = 'S2'", `"C2", "S2"`},
			{"link there already", "INSERT INTO enrolment (student_id, course_id) SELECT s.id, c.id FROM student AS s, course AS c WHERE s.code = 'S2' AND c.code = 'C2'", `"C2", "S2"`},
			{"updated link changed", "UPDATE enrolment SET mark = 5 WHERE mark = 10", `"C1", "S1"`},
			{"archived link gone", "DELETE FROM enrolment WHERE mark = 12", `"C1", "S2"`},
		} {
			if !e.takes(i) {
				continue
			}
			t.Run(test.name, func(t *testing.T) {
				w := links(t, e)
				w.values("src_student", "S9")
				w.night("insert 1")
				w.exec(w.source, "UPDATE src_enrolment SET mark = 11 WHERE mark = 10")
				w.exec(w.source, "DELETE FROM src_enrolment WHERE mark = 12")
				w.values("src_course", "C3")
				w.values("src_enrolment", "S2|C2|16", "S9|C1|17", "S1|C3|18")
				p := w.plan()
				w.wantCounts(p, "insert 4, update 1, archive 1")
				w.exec(w.dest, test.change)
				before := w.rows(w.dest, linkState)
				_, err := w.tryApply(p)
				var stale *apply.StaleError
				if !errors.As(err, &stale) {
					t.Fatalf("apply = %v, want a stale plan", err)
				}
				if diff := cmp.Diff([]string{test.key}, stale.Keys); diff != "" {
					t.Errorf("the stale rows (-want +got):\n%s", diff)
				}
				w.wantRows(linkState, before...)
				w.wantRows("SELECT count(*) FROM course WHERE code = 'C3'", "0")
			})
		}
	})
}

// A query that names links to remove may name those of a parent that goes, too, and
// links that are not there.
func TestLinksRemovedWithTheirParent(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := links(t, e)
		enrolments, students := linkEnrolments, linkStudents
		enrolments.lifecycle, students.lifecycle = `on_missing = "delete"`, `on_missing = "delete"`
		w.configure(enrolments, students, linkCourses)
		w.edit(`table = "src_enrolment"`, "queries {\n      insert = \"SELECT * FROM src_enrolment\"\n      delete = \"SELECT student, course FROM src_gone\"\n    }")
		w.create(w.source, "CREATE TABLE src_gone (student {text}, course {text})")
		w.values("src_gone", "S1|C1", "S9|C1")
		w.exec(w.source, "DELETE FROM src_enrolment WHERE student = 'S1'")
		w.exec(w.source, "DELETE FROM src_student WHERE code = 'S1'")
		p := w.plan()
		w.wantCounts(p, "delete 2")
		w.apply(p)
		w.wantRows(linkState, "S2|C1|12|-", "S3|C2|∅|-")
		w.settled()
	})
}
