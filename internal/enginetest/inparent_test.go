package enginetest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// memberships is a world of a link table without an origin: its rows are ours where the
// enrolment method they belong to is "database".
func memberships(t testing.TB, e engine) *world {
	t.Helper()
	w := newWorld(t, e)
	w.define("src_enrol", "code text", "method text")
	w.define("src_member", "enrol text", "student text", "role text")
	w.define("enrol", "id id", "code text NOT NULL UNIQUE", "method text")
	w.define("member", "enrol_id int NOT NULL REFERENCES enrol (id)", "student text NOT NULL", "role text", "PRIMARY KEY (enrol_id, student)")
	w.exec(w.dest, "INSERT INTO enrol (id, code, method) VALUES (1001, 'E1', 'database'), (1002, 'E2', 'database'), (1003, 'M1', 'manual'), (1004, 'X1', NULL)")
	w.exec(w.source, "INSERT INTO src_enrol VALUES ('E1', 'database'), ('E2', 'database')")
	w.write("main.hcl", fmt.Sprintf(`
sync "members" {
  source {
    from  = source.%[1]s.main
    table = "src_member"
  }
  destination {
    into  = destination.%[1]s.main
    table = "member"
    key   = ["enrol_id", "student"]
    scope = { enrol_id = in_parent("enrol", "id", { method = "database" }) }
  }
  columns {
    enrol_id = lookup("enrol", "id", { code = row.enrol })
    student  = row.student
    role     = row.role
  }
  guard {
    max_delete = "100%%"
    max_reject = "100%%"
  }
  lifecycle {
    on_missing = "delete"
  }
}
`, e.name))
	return w
}

// enrols adds a sync of the parents themselves.
func (w *world) enrols() {
	w.Helper()
	w.write("enrols.hcl", fmt.Sprintf(`
sync "enrols" {
  source {
    from  = source.%[1]s.main
    table = "src_enrol"
  }
  destination {
    into       = destination.%[1]s.main
    table      = "enrol"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code   = row.code
    method = row.method
  }
}
`, w.engine.name))
}

const memberRows = "SELECT e.code, m.student, m.role FROM member AS m JOIN enrol AS e ON e.id = m.enrol_id ORDER BY 1, 2"

func TestScopeThroughParent(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := memberships(t, e)
		w.exec(w.dest, "INSERT INTO member VALUES (1003, 'S1', 'teacher'), (1004, 'S9', NULL), (1001, 'S8', 'left')")
		w.exec(w.source, "INSERT INTO src_member VALUES ('E1', 'S1', 'student'), ('E2', 'S1', 'student'), ('E2', 'S2', NULL)")
		p := w.plan()
		// S8 has left; those of other methods are none of ours.
		w.wantCounts(p, "insert 3, delete 1")
		w.apply(p)
		w.wantRowsOf(memberRows, "E1|S1|student", "E2|S1|student", "E2|S2|∅", "M1|S1|teacher", "X1|S9|∅")
		w.settled()
		// A parent that is no longer ours takes its rows with it.
		w.exec(w.dest, "UPDATE enrol SET method = 'manual' WHERE code = 'E2'")
		w.exec(w.source, "DELETE FROM src_member WHERE enrol = 'E2'")
		w.settled()
		w.exec(w.dest, "UPDATE enrol SET method = 'database' WHERE code = 'E2'")
		w.applied("delete 2")
		w.wantRowsOf(memberRows, "E1|S1|student", "M1|S1|teacher", "X1|S9|∅")
	})
}

// A record of a parent that is there and not ours is rejected, its row left as it is.
func TestInsertOutsideScope(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := memberships(t, e)
		w.exec(w.dest, "INSERT INTO member VALUES (1003, 'S1', 'teacher')")
		w.exec(w.source, "INSERT INTO src_member VALUES ('E1', 'S1', 'student'), ('M1', 'S1', 'student'), ('M1', 'S2', 'student'), ('X1', 'S1', 'student')")
		p := w.plan()
		w.wantCounts(p, "insert 1")
		w.wantNoticed(p, "sync.members", // by business keys: a record has no other
			"rejected enrol_id.code=M1 student=S1: its parent's row is outside of the scope",
			"rejected enrol_id.code=M1 student=S2: its parent's row is outside of the scope",
			"rejected enrol_id.code=X1 student=S1: its parent's row is outside of the scope")
		w.apply(p)
		w.wantRowsOf(memberRows, "E1|S1|student", "M1|S1|teacher")
		w.settled()
	})
}

// What a parent inserted by the same plan will be is known only then: nothing is written.
func TestInsertedParentOutsideScope(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := memberships(t, e)
		w.enrols()
		w.exec(w.source, "INSERT INTO src_enrol VALUES ('N1', 'database'), ('N2', 'manual')")
		w.exec(w.source, "INSERT INTO src_member VALUES ('N1', 'S1', 'student'), ('N2', 'S1', 'student')")
		p := w.plan()
		w.wantCounts(p, "insert 4")
		if _, err := w.tryApply(p); err == nil || !strings.Contains(err.Error(), "1 of the rows written refer to parents that are outside of the scope") {
			t.Fatalf("apply = %v, want it refused", err)
		}
		w.wantRowsOf("SELECT count(*) FROM enrol WHERE code LIKE 'N%'", "0")
		w.wantRowsOf(memberRows)
		w.exec(w.source, "DELETE FROM src_member WHERE enrol = 'N2'")
		w.apply(w.plan())
		w.wantRowsOf(memberRows, "N1|S1|student")
		w.settled()
	})
}

// A row of ours that would belong to another's parent: the column is no part of the key.
func TestUpdateLeavesScope(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := memberships(t, e)
		w.enrols()
		w.exec(w.dest, "DROP TABLE member")
		w.define("member", "enrol_id int", "student text NOT NULL PRIMARY KEY", "role text")
		w.edit(`key   = ["enrol_id", "student"]`, `key   = ["student"]`)
		w.exec(w.source, "INSERT INTO src_member VALUES ('E1', 'S1', 'student'), ('E1', 'S2', 'student')")
		w.apply(w.plan())
		w.settled()
		w.exec(w.source, "UPDATE src_member SET enrol = 'M1' WHERE student = 'S2'")
		p := w.plan()
		w.wantCounts(p, "nothing")
		w.wantNoticed(p, "sync.members", "rejected student=S2: its parent's row is outside of the scope")
		w.exec(w.source, "INSERT INTO src_enrol VALUES ('N1', 'database'), ('N2', 'manual')")
		w.exec(w.source, "UPDATE src_member SET enrol = 'N2' WHERE student = 'S2'")
		if _, err := w.tryApply(w.plan()); err == nil || !strings.Contains(err.Error(), "outside of the scope") {
			t.Fatalf("apply = %v, want it refused", err)
		}
		w.wantRowsOf(memberRows, "E1|S1|student", "E1|S2|student")
		w.exec(w.source, "UPDATE src_member SET enrol = 'N1' WHERE student = 'S2'")
		w.apply(w.plan())
		w.wantRowsOf(memberRows, "E1|S1|student", "N1|S2|student")
		w.settled()
		// The key is held by a row of another's parent.
		w.exec(w.dest, "INSERT INTO member VALUES (1003, 'S3', 'teacher')")
		w.exec(w.source, "INSERT INTO src_member VALUES ('E1', 'S3', 'student')")
		p = w.plan()
		w.wantCounts(p, "nothing")
		w.wantNoticed(p, "sync.members", "ignored student=S3 (enrol_id=1003)")
		w.edit("key   = [", "adopt = true\n    key   = [")
		w.applied("adopt 1")
		w.wantRowsOf(memberRows, "E1|S1|student", "E1|S3|student", "N1|S2|student")
	})
}

// Rows that row-level security hides would look absent: also those of other tables than the
// sync's own.
func TestRowSecurityOfOtherTables(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		if e.name != "postgres" {
			return
		}
		role := fmt.Sprintf("limited_%d", time.Now().UnixNano())
		for _, test := range []struct{ secured, scope, want string }{
			{"member", "", `active on table "member"`},
			{"enrol", "", `active on table "enrol"`},
			{"enrol", `owns_table = true`, `Hidden rows would not be found`},
		} {
			w := memberships(t, e)
			if test.scope != "" {
				w.edit(`scope = { enrol_id = in_parent("enrol", "id", { method = "database" }) }`, test.scope)
			}
			for _, statement := range []string{
				"CREATE ROLE %s LOGIN PASSWORD 'x'", "GRANT USAGE, CREATE ON SCHEMA registrar TO %s", "GRANT ALL ON ALL TABLES IN SCHEMA registrar, public TO %s",
			} {
				w.exec(w.dest, fmt.Sprintf(statement, role))
			}
			w.exec(w.dest, "ALTER TABLE "+test.secured+" ENABLE ROW LEVEL SECURITY")
			connections := string(w.load().Files["connections.hcl"])
			_, rest, _ := strings.Cut(connections, "postgres://")
			credentials, _, _ := strings.Cut(rest, "@")
			w.write("connections.hcl", strings.ReplaceAll(connections, credentials+"@", role+":x@"))
			w.planError("Row-level security hides rows", test.want)
			w.exec(w.dest, "ALTER TABLE "+test.secured+" DISABLE ROW LEVEL SECURITY")
			w.exec(w.source, "INSERT INTO src_member VALUES ('E1', 'S1', 'student')")
			w.wantCounts(w.plan(), "insert 1")
			w.exec(w.dest, "DROP OWNED BY "+role)
			w.exec(w.dest, "DROP ROLE "+role)
		}
	})
}

// A parent that leaves the scope by the same plan takes its rows with it: they are not changed any
// more. A parent that comes into it takes new rows at once; those that it has are read from the next
// plan on.
func TestParentChangesScope(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := memberships(t, e)
		w.enrols()
		w.exec(w.source, "INSERT INTO src_enrol VALUES ('M1', 'manual')")
		w.exec(w.source, "INSERT INTO src_member VALUES ('E1', 'S1', 'student'), ('E2', 'S1', 'student'), ('E2', 'S2', 'student'), ('E2', 'S3', 'student')")
		w.apply(w.plan())
		w.settled()
		w.exec(w.source, "UPDATE src_enrol SET method = 'manual' WHERE code = 'E2'")
		w.exec(w.source, "UPDATE src_enrol SET method = 'database' WHERE code = 'M1'")
		w.exec(w.source, "UPDATE src_member SET role = 'teacher'")
		w.exec(w.source, "DELETE FROM src_member WHERE student = 'S3'")
		w.exec(w.source, "INSERT INTO src_member VALUES ('M1', 'S1', 'student'), ('M1', 'S9', 'teacher')")
		w.exec(w.dest, "INSERT INTO member VALUES (1003, 'S9', 'student')")
		p := w.plan()
		// S3 is still ours when it is deleted.
		w.wantCounts(p, "insert 1, update 3, delete 1")
		w.wantNoticed(p, "sync.members",
			"rejected enrol_id.code=E2 student=S1: its parent's row is outside of the scope", "rejected enrol_id.code=E2 student=S2: its parent's row is outside of the scope",
			"rejected enrol_id.code=M1 student=S9: its parent's row is outside of the scope")
		w.apply(p)
		w.wantRowsOf(memberRows, "E1|S1|teacher", "E2|S1|student", "E2|S2|student", "M1|S1|student", "M1|S9|student")
		w.applied("update 1")
	})
}
