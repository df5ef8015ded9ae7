package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
)

// keyDocuments are the key documents of a plan's operations of enrolments, by operation.
func (w *world) keyDocuments(p *plan.Plan) map[string]string {
	w.Helper()
	found := map[string]string{}
	for _, operation := range []string{"insert", "update", "delete"} {
		list := w.rows(w.dest, fmt.Sprintf(`SELECT "key" FROM %s WHERE plan_id = '%s' AND sync = 'sync.enrolment' AND operation = '%s'`, w.registerTable("operation"), p.ID, operation))
		if len(list) != 1 {
			w.Fatalf("%d operations %s, want 1", len(list), operation)
		}
		found[operation] = list[0]
	}
	return found
}

// What undoes names a row as the sync's own operations do, octet for octet: by its ids, and by what these are looked up by.
func TestRevertKeyDocuments(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := links(t, e)
		enrolments, students := linkEnrolments, linkStudents
		enrolments.lifecycle, students.lifecycle = `on_missing = "delete"`, `on_missing = "delete"`
		w.configure(enrolments, students, linkCourses)
		id := func(code string) string {
			return w.rows(w.dest, "SELECT id FROM student WHERE code = '"+code+"'")[0]
		}
		course := w.rows(w.dest, "SELECT id FROM course WHERE code = 'C1'")[0]
		gone := id("S1")
		before := w.dumps("student", "enrolment")
		w.exec(w.source, "DELETE FROM src_enrolment WHERE student = 'S1'")
		w.exec(w.source, "DELETE FROM src_student WHERE code = 'S1'")
		w.exec(w.source, "UPDATE src_enrolment SET mark = 13 WHERE student = 'S2'")
		w.values("src_student", "S4")
		w.values("src_enrolment", "S4|C1|15")
		p := w.next()
		w.wantCounts(p, "insert 2, update 1, delete 2")
		after := w.dumps("student", "enrolment")
		done := w.keyDocuments(p)

		only := func(o *plan.RevertOptions) { o.Syncs = []string{"sync.enrolment"} }
		for _, key := range []string{
			"S4,C1", "student_id=" + id("S4") + ",course_id=" + course, "course_id=" + course + ",student_id.code=S4",
		} {
			w.wantCounts(w.revert(p, only, keys(key)), "delete 1")
		}
		for _, key := range []string{"S1,C1", "student_id=" + gone + ",course_id=" + course} {
			w.wantCounts(w.revert(p, only, keys(key)), "insert 1")
		}
		w.wantUndone(plan.RevertOptions{PlanID: p.ID, Syncs: []string{"sync.enrolment"}, Keys: []string{"S1,C2"}}, `did nothing to a row of the key "S1,C2"`)
		w.wantUndone(plan.RevertOptions{PlanID: p.ID, Syncs: []string{"sync.enrolment"}, Keys: []string{"student_id=x,course_id=1"}}, `the key's column "student_id"`)

		r := w.revert(p)
		undone := w.keyDocuments(r)
		if undone["update"] != done["update"] || undone["insert"] != done["delete"] {
			t.Errorf("keys of the revert: %v, of the plan: %v", undone, done)
		}
		w.apply(r)
		w.wantDump("undone", before)
		again := w.revert(r)
		if diff := cmp.Diff(map[string]string{"update": undone["update"], "delete": undone["insert"], "insert": undone["delete"]}, w.keyDocuments(again)); diff != "" {
			t.Errorf("keys of the revert's revert (-want +got):\n%s", diff)
		}
		w.wantCounts(w.revert(r, only, keys("S4,C1")), "insert 1")
		w.apply(again)
		w.wantDump("done again", after)
	})
}

// Where what names a row has another name meanwhile, the plan shows a row as nobody knows it any more.
func TestRevertOfRowsNamedOtherwise(t *testing.T) {
	w := links(t, engines()[0])
	w.exec(w.source, "UPDATE src_enrolment SET mark = 13 WHERE student = 'S2'")
	p := w.next()
	r := w.revert(p)
	w.exec(w.dest, "UPDATE student SET code = 'S9' WHERE code = 'S2'")
	_, err := w.tryApply(r)
	if !errorIs[*apply.RefusedError](err) || !strings.Contains(err.Error(), "rows renamed that its rows' keys refer to; plan again") {
		t.Errorf("apply = %v", err)
	}
	w.apply(w.revert(p))
	w.wantRowsOf("SELECT count(*) FROM enrolment WHERE mark = 12", "1")
}

// Who gave keys and several syncs is told which of these to choose from.
func TestRevertKeysOfSeveralSyncs(t *testing.T) {
	w := links(t, engines()[0])
	w.exec(w.source, "DELETE FROM src_enrolment")
	w.exec(w.source, "DELETE FROM src_student")
	w.exec(w.source, "DELETE FROM src_course")
	p := w.next()
	_, err := w.tryRevert(plan.RevertOptions{PlanID: p.ID, Keys: []string{"S1"}, Syncs: []string{"sync.student", "sync.course"}})
	want := []string{"plan " + p.ID + " has operations of sync.student, sync.course: name one", "plan " + p.ID + " has operations of sync.course, sync.student: name one"}
	if err == nil || !slices.ContainsFunc(want, func(part string) bool { return strings.Contains(err.Error(), part) }) {
		t.Errorf("revert = %v", err)
	}
}
