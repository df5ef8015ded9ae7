package enginetest

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
)

// redact redacts what the register holds of a key, and returns how many operations that was, and what it is known of.
func (w *world) redact(key string, syncs ...string) (operations int64, person *plan.Person) {
	w.Helper()
	cfg := w.load()
	into := cfg.Destinations[0]
	w.must(plan.WithRegister(w.Context(), known(), into, cfg.Dir, func(o *plan.Opened) error {
		sought := plan.Sought{Config: cfg, Syncs: syncs, Key: key}
		var err error
		if person, err = sought.Everywhere(w.Context(), o, into); err != nil {
			return err
		}
		touched, err := o.Register.Touches(w.Context(), o.Conn, person.Matches)
		if err != nil {
			return err
		}
		var counted int64
		for _, one := range touched {
			counted += one.Operations
		}
		if operations, _, err = o.Register.Redact(w.Context(), o.Conn, person.Matches); operations != counted {
			w.Errorf("%d operations were announced, and %d redacted", counted, operations)
		}
		return err
	}))
	return operations, person
}

// What was deleted, given back and taken again is redacted at each step, of rows that refer to somebody by their key and of others.
func TestForgetFollowsReverts(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_student (code {text}, name {text})", "CREATE TABLE src_enrolment (student {text}, course {text}, note {text})",
			"CREATE TABLE src_badge (number {text}, student {text}, note {text})")
		w.create(w.dest, "CREATE TABLE student (id {id}, code {text} NOT NULL UNIQUE, name {text})",
			"CREATE TABLE enrolment (student_id {int} NOT NULL REFERENCES student (id), course {text} NOT NULL, note {text}, PRIMARY KEY (student_id, course))",
			"CREATE TABLE badge (number {text} NOT NULL UNIQUE, student_id {int} REFERENCES student (id), note {text})")
		const removed = `on_missing = "delete"`
		student := `lookup("student", "id", { code = row.student })`
		w.configure(
			tableSync{name: "student", key: `"code"`, columns: "    code = row.code\n    name = row.name", lifecycle: `on_missing = "keep"`},
			tableSync{name: "enrolment", key: `"student_id", "course"`, columns: "    student_id = " + student + "\n    course = row.course\n    note = row.note", lifecycle: removed},
			tableSync{name: "badge", key: `"number"`, columns: "    number = row.number\n    student_id = " + student + "\n    note = row.note", lifecycle: removed},
		)
		w.values("src_student", "S1|MARK Ada", "S2|STAY Bob")
		w.values("src_enrolment", "S1|C1|MARK one", "S1|C2|MARK two", "S2|C1|STAY one")
		w.values("src_badge", "B1|S1|MARK badge", "B2|S2|STAY badge", "B3|S1|MARK third")
		w.night("insert 8")
		w.exec(w.source, "DELETE FROM src_enrolment WHERE course = 'C1'")
		w.exec(w.source, "DELETE FROM src_badge WHERE number <> 'B3'")
		w.exec(w.source, "UPDATE src_badge SET note = 'MARK again'")
		second := w.night("update 1, delete 4")
		back := w.revert(second)
		w.apply(back)
		w.apply(w.revert(back))
		w.exec(w.source, "UPDATE src_student SET name = 'MARK Adah' WHERE code = 'S1'")
		pending := w.plan()
		if n := strings.Count(w.registered(), "MARK"); n < 10 {
			t.Fatalf("the register names it %d times", n)
		}
		w.redact("S1")
		all := w.registered()
		if strings.Contains(all, "MARK") || strings.Contains(all, `"S1"`) {
			t.Errorf("left:\n%s", all)
		}
		for _, stays := range []string{"STAY Bob", "STAY one", "STAY badge", `"S2"`, `"B1"`, `"B3"`} {
			if !strings.Contains(all, stays) {
				t.Errorf("%s is gone", stays)
			}
		}
		if n, _ := w.redact("S1"); n != 0 {
			t.Errorf("again %d operations", n)
		}
		if _, err := w.tryApply(pending); !errorIs[*apply.RefusedError](err) || !strings.Contains(err.Error(), "its operations was redacted by `registrar forget`") {
			t.Errorf("what was planned: %v", err)
		}
	})
}

// What the destination takes for the same key is the same one, however it is spelt: in its own table, and where it is looked up.
func TestForgetAsColumnsCompare(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		if e.ignoringCasePrepare != "" {
			w.exec(w.dest, e.ignoringCasePrepare)
		}
		w.create(w.source, "CREATE TABLE src_student (code {text}, name {text})", "CREATE TABLE src_enrolment (student {text}, course {text}, note {text})")
		w.create(w.dest, "CREATE TABLE student (id {id}, code {text}"+e.ignoringCase+" NOT NULL UNIQUE, name {text})",
			"CREATE TABLE enrolment (student_id {int} NOT NULL REFERENCES student (id), course {text} NOT NULL, note {text}, PRIMARY KEY (student_id, course))")
		w.configure(
			tableSync{name: "student", key: `"code"`, columns: "    code = row.code\n    name = row.name", lifecycle: `on_missing = "keep"`},
			tableSync{name: "enrolment", key: `"student_id", "course"`, columns: `    student_id = lookup("student", "id", { code = row.student })
    course = row.course
    note = row.note`, lifecycle: `on_missing = "keep"`},
		)
		w.values("src_student", "ZSecretA|MARK", "ZOther|STAY")
		w.values("src_enrolment", "ZSECRETA|C1|MARK", "ZOTHER|C1|STAY")
		w.night("insert 4")
		w.exec(w.source, "UPDATE src_student SET code = 'ZSECRETA' WHERE name = 'MARK'")
		w.night("update 1")
		operations, person := w.redact("zsecreta")
		all := w.registered()
		if operations != 3 || strings.Contains(all, "MARK") || strings.Contains(strings.ToLower(all), "zsecret") || !strings.Contains(all, "STAY") {
			t.Errorf("%d operations; left:\n%s", operations, all)
		}
		if person.Others != 0 || len(person.Values) != 3 {
			t.Errorf("%d other keys; messages that name %v", person.Others, person.Values)
		}
		if n, _ := w.redact("zother", "sync.enrolment"); n != 0 {
			t.Errorf("a part of a key redacts %d operations", n)
		}
		if n, _ := w.redact("code=zother"); n != 2 {
			t.Errorf("by a column %d operations", n)
		}
	})
}
