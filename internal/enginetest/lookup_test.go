package enginetest

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// tableSync is a sync as tests of relations write it.
type tableSync struct {
	name      string // of the destination's table, too
	source    string // the source's table; "src_" and the name unless set
	query     string // read instead, with params
	params    string
	table     string // if it is not the name
	forEach   string
	key       string // the key's columns as a list's elements
	scope     string // what stands within scope = { … }; "" for owns_table
	into      string // other lines of the destination
	columns   string
	lifecycle string
	guard     string
	more      string
}

// configure writes the syncs into the configuration, in that order. Records are rejected as
// many as there are.
func (w *world) configure(syncs ...tableSync) {
	w.Helper()
	var text strings.Builder
	for _, s := range syncs {
		if s.source == "" {
			s.source = "src_" + s.name
		}
		if s.table == "" {
			s.table = s.name
		}
		owned := "owns_table = true"
		if s.scope != "" {
			owned = "scope = { " + s.scope + " }"
		}
		if s.forEach != "" {
			s.forEach = "for_each = " + s.forEach
		}
		read := fmt.Sprintf("table = %q", s.source)
		if s.query != "" {
			read = fmt.Sprintf("query = %q\n    params = { %s }", s.query, s.params)
		}
		if s.guard == "" {
			s.guard = `max_reject = "100%"`
		}
		fmt.Fprintf(&text, `
sync %q {
  %s
  source {
    from  = source.%[3]s.main
    %s
  }
  destination {
    into  = destination.%[3]s.main
    table = %[5]q
    key   = [%s]
    %s
    %s
  }
  columns {
%s
  }
  guard {
    min_source_rows = 0
    max_delete      = "100%%"
    %s
  }
  lifecycle {
%s
  }
%s
}
`, s.name, s.forEach, w.engine.name, read, s.table, s.key, owned, s.into, s.columns, s.guard, s.lifecycle, s.more)
	}
	w.write("main.hcl", text.String())
}

// create runs statements in which {text} and its like stand for the engine's types, and {id} for
// a primary key that the database generates.
func (w *world) create(db *sql.DB, statements ...string) {
	w.Helper()
	var pairs []string
	for name, declared := range w.engine.types {
		pairs = append(pairs, "{"+name+"}", declared)
	}
	replace := strings.NewReplacer(pairs...)
	for _, statement := range statements {
		w.exec(db, replace.Replace(statement))
	}
}

// wantRows compares a query's rows.
func (w *world) wantRows(query string, want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.rows(w.dest, query)); diff != "" {
		w.Fatalf("%s (-want +got):\n%s", query, diff)
	}
}

// wantNotices compares what the newest plan found of one kind, as key: message.
func (w *world) wantNotices(p *plan.Plan, kind register.FindingKind, want ...string) {
	w.Helper()
	var got []string
	for _, d := range p.Destinations {
		for _, n := range d.Notices {
			if n.Kind != kind {
				continue
			}
			var key []string
			for _, cell := range n.Key {
				key = append(key, cell.Text)
			}
			got = append(got, strings.Join(key, ", ")+": "+n.Message)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.Fatalf("findings of kind %s (-want +got):\n%s", kind, diff)
	}
}

// night plans, compares what the plan does, applies it, and plans again.
func (w *world) night(want string) *plan.Plan {
	w.Helper()
	p := w.plan()
	w.wantCounts(p, want)
	if p.Held() {
		w.Fatalf("the plan is held: %+v", p.Syncs())
	}
	if p.Changes() {
		w.apply(p)
	}
	w.settled()
	return p
}

const archivedOn = `
    on_missing = "archive"
    archive    = { deleted_on = now() }`

var campusDepartments = tableSync{
	name: "department", key: `"code"`, scope: `origin = "A"`,
	columns: "    code = row.code\n    name = row.name", lifecycle: archivedOn,
}

var campusCourses = tableSync{
	name: "course", key: `"code"`,
	columns: `
    code          = row.code
    title         = row.title
    department_id = lookup("department", "id", { code = row.department })`,
	lifecycle: archivedOn,
}

// campus is a world with departments and their courses, told apart by generated ids.
func campus(t testing.TB, e engine) *world {
	w := newWorld(t, e)
	w.create(
		w.source,
		"CREATE TABLE src_department (code {text}, name {text})",
		"CREATE TABLE src_course (code {text}, title {text}, department {text})",
	)
	w.create(
		w.dest,
		"CREATE TABLE department (id {id}, code {text} NOT NULL UNIQUE, name {text}, origin {text} NOT NULL, deleted_on {tstz})",
		"CREATE TABLE course (id {id}, code {text} NOT NULL UNIQUE, title {text}, department_id {int} REFERENCES department (id), deleted_on {tstz})",
		// So that ids are not what they would be by chance.
		"INSERT INTO department (id, code, origin) VALUES (70, 'OLD', 'B')",
	)
	w.configure(campusDepartments, campusCourses)
	return w
}

// values inserts rows given as texts, "∅" for NULL.
func (w *world) values(table string, rows ...string) {
	w.Helper()
	for _, row := range rows {
		parts := strings.Split(row, "|")
		marks, args := make([]string, len(parts)), make([]any, len(parts))
		for i, part := range parts {
			marks[i] = w.engine.param(i + 1)
			if part != "∅" {
				args[i] = part
			}
		}
		w.exec(w.source, "INSERT INTO "+table+" VALUES ("+strings.Join(marks, ", ")+")", args...)
	}
}

const campusState = `SELECT c.code, c.title, d.code, CASE WHEN c.deleted_on IS NULL THEN '-' ELSE 'd' END FROM course AS c
LEFT JOIN department AS d ON d.id = c.department_id ORDER BY c.code`

// members returns the operations of a sync of the newest plan with some members of their
// documents, such as engine.member makes them.
func (w *world) members(p *plan.Plan, sync string, members ...string) []string {
	w.Helper()
	text := "CAST(%s AS " + w.engine.types["text"] + ")"
	list := ""
	for _, member := range members {
		list += ", " + fmt.Sprintf(text, member)
	}
	rows := w.rows(w.dest, "SELECT operation"+list+" FROM "+w.registerTable("operation")+" WHERE plan_id = '"+p.ID+"' AND sync = '"+sync+"'")
	slices.Sort(rows)
	return rows
}

// A parent and its child, inserted by one plan: the parent's id is known after apply.
func TestParentAndChildOfOnePlan(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		w.values("src_department", "HIS|History", "MAT|Mathematics")
		w.values("src_course", "C1|Rome|HIS", "C2|Algebra|MAT", "C3|Nothing|∅")
		p := w.plan()
		w.wantCounts(p, "insert 5")
		key, id, code := e.member("key", "code"), e.member("after", "department_id"), e.member("after", "department_id.code")
		want := []string{"insert|C1|∅|HIS|∅", "insert|C2|∅|MAT|∅", "insert|C3|∅|∅|∅"}
		if diff := cmp.Diff(want, w.members(p, "sync.course", key, id, code, e.member("result", "department_id"))); diff != "" {
			t.Errorf("planned (-want +got):\n%s", diff)
		}
		var unknown, known int
		for _, change := range p.Destinations[0].Excerpt {
			for _, column := range change.Columns {
				if column.Column != "department_id" {
					continue
				}
				if column.After.Unknown && len(column.After.Keys) == 1 {
					unknown++
				} else if column.After.Null {
					known++
				}
			}
		}
		if unknown != 2 || known != 1 {
			t.Errorf("%d ids are shown as known after apply, %d as null, want 2 and 1", unknown, known)
		}
		w.apply(p)
		w.wantRows(campusState, "C1|Rome|HIS|-", "C2|Algebra|MAT|-", "C3|Nothing|∅|-")
		ids := w.rows(w.dest, "SELECT id FROM department WHERE origin = 'A' ORDER BY code")
		want = []string{"insert|C1|∅|HIS|" + ids[0], "insert|C2|∅|MAT|" + ids[1], "insert|C3|∅|∅|∅"}
		if diff := cmp.Diff(want, w.members(p, "sync.course", key, id, code, e.member("result", "department_id"))); diff != "" {
			t.Errorf("done (-want +got):\n%s", diff)
		}
		w.settled()

		// A course goes to a department that comes with the same plan, another to one that is there.
		w.values("src_department", "PHY|Physics")
		w.exec(w.source, "UPDATE src_course SET department = 'PHY' WHERE code = 'C1'")
		w.exec(w.source, "UPDATE src_course SET department = 'HIS' WHERE code = 'C2'")
		p = w.plan()
		w.wantCounts(p, "insert 1, update 2")
		before, beforeCode := e.member("before", "department_id"), e.member("before", "department_id.code")
		want = []string{"update|C1|" + ids[0] + "|HIS|∅|PHY", "update|C2|" + ids[1] + "|MAT|" + ids[0] + "|HIS"}
		if diff := cmp.Diff(want, w.members(p, "sync.course", key, before, beforeCode, id, code)); diff != "" {
			t.Errorf("planned (-want +got):\n%s", diff)
		}
		w.apply(p)
		w.wantRows(campusState, "C1|Rome|PHY|-", "C2|Algebra|HIS|-", "C3|Nothing|∅|-")
		w.settled()
	})
}

// Several keys, constants among them, tell rows apart that one key would not; a NULL
// among them makes the lookup NULL.
func TestLookupBySeveralKeys(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_room (code {text}, building {text}, wing {text})")
		w.create(
			w.dest,
			"CREATE TABLE building (id {id}, code {text}, wing {text}, origin {text})",
			"CREATE TABLE room (code {text} PRIMARY KEY, building_id {int} REFERENCES building (id))",
			"INSERT INTO building (id, code, wing, origin) VALUES (1, 'X', 'N', 'A'), (2, 'X', 'S', 'A'), (3, 'X', 'N', 'B'), (4, 'Y', NULL, 'A')",
		)
		w.configure(tableSync{name: "room", key: `"code"`, columns: `
    code        = row.code
    building_id = lookup("building", "id", { origin = "A", code = row.building, wing = upper(row.wing) })`})
		w.values("src_room", "R1|X|n", "R2|X|s", "R3|∅|n", "R4|X|∅", "R5|Z|n", "R6|Y|n")
		p := w.night("insert 4")
		w.wantRows("SELECT code, building_id FROM room ORDER BY code", "R1|1", "R2|2", "R3|∅", "R4|∅")
		w.wantNotices(p, register.Rejected,
			`R5: building_id: no row of the looked-up table has origin = "A" and code = "Z" and wing = "N"`,
			`R6: building_id: no row of the looked-up table has origin = "A" and code = "Y" and wing = "N"`)
		if got := w.members(p, "sync.room", e.member("after", "code"), e.member("after", "building_id"), e.member("after", "building_id.origin"), e.member("after", "building_id.wing")); got[0] != "insert|R1|1|A|N" {
			t.Errorf("operations %v", got)
		}
		// A key becomes NULL, and NULL becomes a key.
		w.exec(w.source, "UPDATE src_room SET wing = CASE code WHEN 'R1' THEN NULL ELSE 'S' END WHERE code IN ('R1', 'R4')")
		w.night("update 2")
		w.wantRows("SELECT code, building_id FROM room ORDER BY code", "R1|∅", "R2|2", "R3|∅", "R4|2")
	})
}

func TestUnresolved(t *testing.T) {
	setup := func(t *testing.T, e engine, onUnresolved string) *world {
		w := campus(t, e)
		course := campusCourses
		course.columns = `
    code  = row.code
    title = row.title
    column "department_id" {
      value         = lookup("department", "id", { code = row.department })
      on_unresolved = "` + onUnresolved + `"
    }`
		w.configure(campusDepartments, course)
		w.values("src_department", "HIS|History")
		w.values("src_course", "C1|Rome|HIS")
		w.night("insert 2")
		w.exec(w.source, "UPDATE src_course SET title = 'Changed', department = 'NONE'")
		w.values("src_course", "C2|New|NONE", "C3|Good|HIS")
		return w
	}
	onEveryEngine(t, func(t *testing.T, e engine) {
		t.Run("reject", func(t *testing.T) {
			w := setup(t, e, "reject")
			p := w.night("insert 1")
			w.wantRows(campusState, "C1|Rome|HIS|-", "C3|Good|HIS|-")
			w.wantNotices(p, register.Rejected,
				`C1: department_id: no row of the looked-up table has code = "NONE"`, `C2: department_id: no row of the looked-up table has code = "NONE"`)
			if s := p.Syncs()[1]; s.Rejected != 2 || s.SourceRows != 3 {
				t.Errorf("%d of %d records are rejected, want 2 of 3", s.Rejected, s.SourceRows)
			}
		})
		t.Run("null", func(t *testing.T) {
			w := setup(t, e, "null")
			p := w.night("insert 2, update 1")
			w.wantRows(campusState, "C1|Changed|∅|-", "C2|New|∅|-", "C3|Good|HIS|-")
			w.wantNotices(p, register.Unresolved,
				`C1: department_id: no row of the looked-up table has code = "NONE"`, `C2: department_id: no row of the looked-up table has code = "NONE"`)
			if s := p.Syncs()[1]; s.Rejected != 0 || s.Unresolved != 2 {
				t.Errorf("%d rejected, %d unresolved, want 0 and 2", s.Rejected, s.Unresolved)
			}
		})
		t.Run("stop", func(t *testing.T) {
			w := setup(t, e, "stop")
			w.planError("Unresolved lookup", `table "department"`, `code = "NONE" (2 times)`)
			w.wantRows(campusState, "C1|Rome|HIS|-")
		})
	})
}

// Several rows that answer are an error, also where the plan itself makes them; those that nobody
// asks for, or that are archived, are none.
func TestAmbiguousLookup(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		w.create(w.dest, "DROP TABLE course", "DROP TABLE department",
			"CREATE TABLE department (id {id}, code {text} NOT NULL, name {text}, origin {text} NOT NULL, deleted_on {tstz}, UNIQUE (code, origin))",
			"CREATE TABLE course (id {id}, code {text} NOT NULL UNIQUE, title {text}, department_id {int} REFERENCES department (id), deleted_on {tstz})",
			"INSERT INTO department (code, origin) VALUES ('HIS', 'B'), ('HIS', 'C'), ('MAT', 'B')",
		)
		w.values("src_department", "PHY|Physics")
		w.values("src_course", "C1|Rome|MAT")
		w.night("insert 2")
		w.values("src_course", "C2|Greece|HIS")
		w.planError("main.hcl:", "Ambiguous lookup", `table "department"`, `code = "HIS" (2 times)`)
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'C2'")

		w.values("src_department", "MAT|Mathematics")
		w.planError("Ambiguous lookup", `code = "MAT" (2 times)`)
		w.exec(w.source, "DELETE FROM src_department WHERE code = 'MAT'")

		w.exec(w.dest, "INSERT INTO department (code, origin, deleted_on) VALUES ('MAT', 'A', '2020-01-01 00:00:00Z')")
		w.settled()
	})
}

// A lookup table that is not filled yet rejects every record, and so holds the plan.
func TestEmptyLookupTable(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		course := campusCourses
		course.guard = `max_insert = 1000` // max_reject is its default
		w.configure(campusDepartments, course)
		w.values("src_course", "C1|Rome|HIS", "C2|Algebra|MAT", "C3|Optics|PHY")
		p := w.plan()
		w.wantCounts(p, "nothing")
		if s := p.Syncs()[1]; !strings.Contains(s.Held, "3 of 3 records are rejected, max_reject allows 5%") {
			t.Errorf("held: %q", s.Held)
		}
		if _, err := w.tryApply(p); err == nil {
			t.Error("a plan of nothing but rejects was applied")
		}
		w.values("src_department", "HIS|History", "MAT|Mathematics", "PHY|Physics")
		w.night("insert 6")
	})
}

// A child changes when it refers to another parent, and not when its parent does change.
func TestComparedByBusinessKey(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		w.values("src_department", "HIS|History", "MAT|Mathematics")
		w.values("src_course", "C1|Rome|HIS", "C2|Algebra|MAT")
		w.night("insert 4")
		id := w.rows(w.dest, "SELECT id FROM department WHERE code = 'HIS'")
		w.exec(w.source, "UPDATE src_department SET name = 'Modern history' WHERE code = 'HIS'")
		w.night("update 1")

		// The parent is renamed.
		w.exec(w.source, "UPDATE src_department SET code = 'HIST' WHERE code = 'HIS'")
		w.exec(w.source, "UPDATE src_course SET department = 'HIST' WHERE code = 'C1'")
		w.write("moved.hcl", "moved {\n  sync = sync.department\n  from = \"HIS\"\n  to   = \"HIST\"\n}\n")
		w.night("rename 1")
		w.wantRows("SELECT id FROM department WHERE code = 'HIST'", id...)
		w.wantRows(campusState, "C1|Rome|HIST|-", "C2|Algebra|MAT|-")

		// The next rename brings a course along that refers to the new name.
		w.exec(w.source, "UPDATE src_department SET code = 'MA' WHERE code = 'MAT'")
		w.exec(w.source, "UPDATE src_course SET department = 'MA'")
		w.values("src_course", "C3|Sets|MA")
		w.write("moved.hcl", "moved {\n  sync = sync.department\n  from = \"MAT\"\n  to   = \"MA\"\n}\n")
		w.night("insert 1, update 1, rename 1")
		w.wantRows(campusState, "C1|Rome|MA|-", "C2|Algebra|MA|-", "C3|Sets|MA|-")

		// Who still uses the old name is rejected, and left as it is.
		w.exec(w.source, "UPDATE src_department SET code = 'MATHS' WHERE code = 'MA'")
		w.exec(w.source, "UPDATE src_course SET department = 'MATHS', title = 'New' WHERE code <> 'C3'")
		w.exec(w.source, "UPDATE src_course SET title = 'New' WHERE code = 'C3'")
		w.write("moved.hcl", "moved {\n  sync = sync.department\n  from = \"MA\"\n  to   = \"MATHS\"\n}\n")
		p := w.night("update 2, rename 1")
		w.wantRows(campusState, "C1|New|MATHS|-", "C2|New|MATHS|-", "C3|Sets|MATHS|-")
		w.wantNotices(p, register.Rejected, `C3: department_id: no row of the looked-up table has code = "MA"`)
	})
}

// A parent whose column changes by which it is looked up, without being its key.
func TestLookupByAColumnThatChanges(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		course := campusCourses
		course.columns = strings.Replace(course.columns, "{ code =", "{ name =", 1)
		w.configure(campusDepartments, course)
		w.values("src_department", "HIS|History", "MAT|Mathematics")
		w.values("src_course", "C1|Rome|History", "C2|Algebra|Mathematics")
		w.night("insert 4")
		// The names are exchanged: both courses change departments.
		w.exec(w.source, "UPDATE src_department SET name = CASE code WHEN 'HIS' THEN 'Mathematics' ELSE 'History' END")
		w.night("update 4")
		w.wantRows(campusState, "C1|Rome|MAT|-", "C2|Algebra|HIS|-")
	})
}

// What the same plan does to a parent counts.
func TestParentsOfTheSamePlan(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		department := campusDepartments
		department.more = "  assert \"named\" {\n    condition = row.name != \"bad\"\n    message   = \"no name\"\n  }"
		w.configure(department, campusCourses)
		w.values("src_department", "HIS|History", "MAT|Mathematics")
		w.values("src_course", "C1|Rome|HIS", "C2|Algebra|MAT")
		w.night("insert 4")

		// Archived: the course is left as it is, and no longer changed.
		w.exec(w.source, "DELETE FROM src_department WHERE code = 'MAT'")
		w.exec(w.source, "UPDATE src_course SET title = 'Sets' WHERE code = 'C2'")
		p := w.night("archive 1")
		w.wantNotices(p, register.Rejected, `C2: department_id: no row of the looked-up table has code = "MAT"`)
		w.wantRows(campusState, "C1|Rome|HIS|-", "C2|Algebra|MAT|-")

		// Undeleted: it is a parent again.
		w.values("src_department", "MAT|Mathematics")
		w.values("src_course", "C3|Numbers|MAT")
		w.night("insert 1, update 1, undelete 1")
		w.wantRows(campusState, "C1|Rome|HIS|-", "C2|Sets|MAT|-", "C3|Numbers|MAT|-")

		// Rejected: what is there stays a parent, what is not does not become one.
		w.exec(w.source, "UPDATE src_department SET name = 'bad' WHERE code = 'MAT'")
		w.values("src_department", "PHY|bad")
		w.values("src_course", "C4|Shapes|MAT", "C5|Optics|PHY")
		p = w.night("insert 1")
		w.wantRows(campusState, "C1|Rome|HIS|-", "C2|Sets|MAT|-", "C3|Numbers|MAT|-", "C4|Shapes|MAT|-")
		w.wantNotices(p, register.Rejected, "MAT: named: no name", "PHY: named: no name", `C5: department_id: no row of the looked-up table has code = "PHY"`)
	})
}

// A parent that goes for good does not take along a course that still names it: the course is
// rejected, and keeps it.
func TestParentDeletedBySamePlan(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		department, course := campusDepartments, campusCourses
		department.lifecycle, course.lifecycle = `on_missing = "delete"`, `on_missing = "delete"`
		w.configure(department, course)
		w.values("src_department", "HIS|History", "MAT|Mathematics", "PHY|Physics")
		w.values("src_course", "C1|Rome|HIS", "C2|Algebra|MAT", "C3|Optics|PHY", "C4|Sound|PHY")
		w.night("insert 7")
		w.exec(w.source, "DELETE FROM src_department WHERE code <> 'HIS'")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'C3'")
		w.exec(w.source, "UPDATE src_course SET department = 'HIS' WHERE code = 'C4'")
		p := w.plan()
		w.wantCounts(p, "update 1, delete 3")
		w.wantNotices(p, register.Rejected, `C2: department_id: no row of the looked-up table has code = "MAT"`)
		s := p.Syncs()[0]
		if !p.Blocked() || !strings.Contains(s.Blocked, "1 rows of table") || !strings.Contains(s.Blocked, "refer to 1 of the rows") {
			t.Errorf("blocked: %q, want 1 row that refers to 1", s.Blocked)
		}
		if _, err := w.tryApply(p); err == nil {
			t.Error("a plan that leaves a course without its department was applied")
		}
		// Once the course lets go of it, it works.
		w.exec(w.source, "UPDATE src_course SET department = NULL WHERE code = 'C2'")
		w.night("update 2, delete 3")
		w.wantRows(campusState, "C1|Rome|HIS|-", "C2|Algebra|∅|-", "C4|Sound|HIS|-")
	})
}

// With archived = true an archived parent counts, too.
func TestArchivedParentsCount(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		course := campusCourses
		course.columns = `
    code  = row.code
    title = row.title
    column "department_id" {
      value    = lookup("department", "id", { code = row.department })
      archived = true
    }`
		w.configure(campusDepartments, course)
		w.values("src_department", "HIS|History", "MAT|Mathematics")
		w.values("src_course", "C1|Rome|HIS")
		w.night("insert 3")
		w.exec(w.source, "DELETE FROM src_department WHERE code = 'HIS'")
		w.exec(w.source, "UPDATE src_course SET title = 'Roma'")
		w.values("src_course", "C2|Greece|HIS")
		w.night("insert 1, update 1, archive 1")
		w.values("src_course", "C3|Egypt|HIS")
		w.night("insert 1")
		w.wantRows(campusState, "C1|Roma|HIS|-", "C2|Greece|HIS|-", "C3|Egypt|HIS|-")
	})
}

// Two syncs own parts of the parent's table and tell archived rows each in its way.
func TestOwnersWithRulesOfTheirOwn(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		w.create(w.source, "CREATE TABLE src_institute (code {text}, name {text})")
		w.create(w.dest, "ALTER TABLE department ADD COLUMN state {text}")
		institute := campusDepartments
		institute.name, institute.table, institute.scope = "institute", "department", `origin = "I"`
		institute.lifecycle = `
    on_missing = "archive"
    archive    = { state = "closed" }
    restore    = { state = "open" }
    archived   = dest.state == "closed"`
		w.configure(campusDepartments, institute, campusCourses)
		w.values("src_department", "HIS|History", "MAT|Mathematics")
		w.values("src_institute", "LAB|Laboratory", "OBS|Observatory")
		w.values("src_course", "C1|Rome|HIS", "C2|Algebra|MAT", "C3|Acids|LAB", "C4|Stars|OBS", "C5|Old|OLD")
		w.night("insert 9")
		// Each is archived by its owner's rule alone.
		w.exec(w.dest, "UPDATE department SET state = 'closed' WHERE code = 'HIS'")
		w.exec(w.dest, "UPDATE department SET deleted_on = '2020-01-01 00:00:00Z' WHERE code = 'LAB'")
		w.exec(w.source, "DELETE FROM src_department WHERE code = 'MAT'")
		w.exec(w.source, "DELETE FROM src_institute WHERE code = 'OBS'")
		w.exec(w.source, "UPDATE src_course SET title = 'New'")
		p := w.night("update 3, archive 2")
		w.wantRows(campusState, "C1|New|HIS|-", "C2|Algebra|MAT|-", "C3|New|LAB|-", "C4|Stars|OBS|-", "C5|New|OLD|-")
		w.wantNotices(p, register.Rejected,
			`C2: department_id: no row of the looked-up table has code = "MAT"`, `C4: department_id: no row of the looked-up table has code = "OBS"`)
		w.night("nothing")
	})
}

// What a plan's lookups found must be found again.
func TestStaleLookups(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for i, test := range []struct {
			name, change string
			keys         []string // nil where the plan must still be good
		}{
			{"another row", "UPDATE department SET code = 'X' WHERE code = 'OLD'", nil},
			{"another column", "UPDATE department SET name = 'X' WHERE code = 'PHY'", nil},
			{"code of an inserted row's parent", "UPDATE department SET code = 'X' WHERE code = 'PHY'", []string{`"C3"`}},
			{"code of an updated row's parent", "UPDATE department SET code = 'X' WHERE code = 'MAT'", []string{`"C1"`}},
			{"code of an undeleted row's parent", "UPDATE department SET code = 'X' WHERE code = 'BIO'", []string{`"C4"`}},
			{"parent gone", "DELETE FROM department WHERE code = 'PHY'", []string{`"C3"`}},
			{"parent archived", "UPDATE department SET deleted_on = '2020-01-01 00:00:00Z' WHERE code = 'PHY'", []string{`"C3"`}},
			{"parent of another id", "UPDATE department SET id = 999 WHERE code = 'PHY'", []string{`"C3"`}},
			{"new parent there already", "INSERT INTO department (code, origin) VALUES ('GEO', 'B')", []string{`"GEO"`}},
		} {
			if !e.takes(i) {
				continue
			}
			t.Run(test.name, func(t *testing.T) {
				w := campus(t, e)
				w.values("src_department", "HIS|History", "MAT|Mathematics", "PHY|Physics", "BIO|Biology")
				w.values("src_course", "C1|Rome|HIS", "C2|Algebra|MAT", "C4|Cells|BIO")
				w.night("insert 7")
				w.exec(w.source, "DELETE FROM src_course WHERE code IN ('C4', 'C2')")
				w.night("archive 2")
				w.exec(w.source, "UPDATE src_course SET department = 'MAT' WHERE code = 'C1'")
				w.values("src_department", "GEO|Geology")
				w.values("src_course", "C3|Optics|PHY", "C4|Cells|BIO", "C5|Stones|GEO")
				p := w.plan()
				w.wantCounts(p, "insert 3, update 1, undelete 1")
				w.exec(w.dest, test.change)
				before := w.rows(w.dest, campusState)
				_, err := w.tryApply(p)
				if test.keys == nil {
					w.must(err)
					return
				}
				var stale *apply.StaleError
				if !errors.As(err, &stale) {
					t.Fatalf("apply = %v, want a stale plan naming %s", err, test.keys)
				}
				if diff := cmp.Diff(test.keys, stale.Keys); diff != "" {
					t.Errorf("the stale rows (-want +got):\n%s", diff)
				}
				w.wantRows(campusState, before...)
				w.wantRows("SELECT count(*) FROM department WHERE code = 'GEO' AND origin = 'A'", "0")
			})
		}
	})
}
