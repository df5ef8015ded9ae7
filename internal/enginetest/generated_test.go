package enginetest

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
)

// sequenceOf makes a sequence that begins at 500; false where the engine has none.
func sequenceOf(w *world, name string) bool {
	if !w.engine.sequences {
		return false
	}
	w.exec(w.dest, "CREATE SEQUENCE "+name+" START WITH 500")
	return true
}

// numbered is a department whose id nothing but the configuration gives.
func numbered(t *testing.T, e engine) *world {
	w := newWorld(t, e)
	w.create(w.source, "CREATE TABLE src_department (code {text}, name {text})", "CREATE TABLE src_course (code {text}, department {text})")
	w.create(
		w.dest,
		"CREATE TABLE department (id {int} NOT NULL PRIMARY KEY, code {text} NOT NULL UNIQUE, name {text})",
		"CREATE TABLE course (code {text} NOT NULL PRIMARY KEY, department_id {int} REFERENCES department (id))",
	)
	return w
}

// Rows that a plan inserts are numbered by the sequence when it is applied, others refer to them, and an
// update numbers nothing.
func TestGeneratedBySequence(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := numbered(t, e)
		departments := tableSync{
			name: "department", key: `"code"`, into: `generated = { id = sequence("department_seq") }`,
			columns: "    code = row.code\n    name = row.name", lifecycle: `on_missing = "delete"`,
		}
		courses := tableSync{
			name: "course", key: `"code"`, lifecycle: `on_missing = "delete"`,
			columns: "    code = row.code\n    department_id = lookup(\"department\", \"id\", { code = row.department })",
		}
		w.configure(departments, courses)
		if !sequenceOf(w, "department_seq") {
			_, err := w.tryPlan()
			var diags *config.DiagnosticsError
			if !asDiagnostics(err, &diags) || !strings.Contains(err.Error(), "has no sequences") {
				t.Fatalf("an engine without sequences: %v", err)
			}
			return
		}
		w.values("src_department", "A|Arts", "B|Biology")
		w.values("src_course", "A1|A", "B1|B")
		w.night("insert 4")
		w.wantRows("SELECT min(id), max(id), count(*) FROM department", "500|501|2")
		w.wantRows("SELECT c.code, d.code FROM course c JOIN department d ON d.id = c.department_id ORDER BY c.code", "A1|A", "B1|B")
		// What was given is in the register, for those who undo.
		if got := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("operation")+" WHERE sync = 'sync.department' AND result IS NOT NULL"); got[0] != "2" {
			t.Errorf("%s results were recorded, want 2", got[0])
		}
		w.exec(w.source, "UPDATE src_department SET name = 'Fine arts' WHERE code = 'A'")
		w.night("update 1")
		w.wantRows("SELECT min(id), max(id) FROM department", "500|501")
	})
}

func TestGeneratedByUnknownSequence(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := numbered(t, e)
		w.configure(tableSync{
			name: "department", key: `"code"`, into: `generated = { id = sequence("nothing_of_the_kind") }`,
			columns: "    code = row.code\n    name = row.name", lifecycle: `on_missing = "delete"`,
		})
		_, err := w.tryPlan()
		want := "has no sequences"
		if e.sequences {
			want = `has no sequence "nothing_of_the_kind"`
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	})
}
