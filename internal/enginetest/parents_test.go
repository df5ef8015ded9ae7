package enginetest

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// A tree whose key refers to a row of the same plan: its levels are told by the key as it is found.
func TestTreeBelowInsertedKey(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_department (code {text})", "CREATE TABLE src_part (department {text}, code {text}, parent {text})")
		w.create(
			w.dest,
			"CREATE TABLE department (id {id}, code {text} NOT NULL UNIQUE)",
			"CREATE TABLE part (id {id}, department_id {int} NOT NULL, code {text} NOT NULL, parent_id {int}, UNIQUE (department_id, code))",
		)
		w.configure(natural("department", "delete", "code"), tableSync{
			name: "part", key: `"department_id", "code"`,
			columns: `
    department_id = lookup("department", "id", { code = row.department })
    code          = row.code
    parent_id     = lookup("part", "id", { code = row.parent })`,
			lifecycle: `on_missing = "delete"`,
		})
		w.values("src_department", "D", "E")
		w.values("src_part", "D|z|y", "D|y|x", "D|x|∅", "E|v|z")
		w.night("insert 6")
		w.wantRows(`SELECT d.code, p.code, o.code FROM part AS p JOIN department AS d ON d.id = p.department_id LEFT JOIN part AS o ON o.id = p.parent_id ORDER BY 1, 2`,
			"D|x|∅", "D|y|x", "D|z|y", "E|v|z")
	})
}

// A parent that is there without the value looked up is not one that the plan inserts.
func TestLookedUpColumnIsNull(t *testing.T) {
	setup := func(t *testing.T, e engine, onUnresolved string) *world {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_site (code {text}, external {int})", "CREATE TABLE src_room (code {text}, site {text})")
		w.create(w.dest, "CREATE TABLE site (id {id}, code {text} NOT NULL UNIQUE, external {int})", "CREATE TABLE room (code {text} PRIMARY KEY, site_external {int})",
			"INSERT INTO site (code, external) VALUES ('S', 7), ('T', NULL)")
		w.configure(natural("site", "keep", "code", "external"), tableSync{name: "room", key: `"code"`, columns: `
    code = row.code
    column "site_external" {
      value         = lookup("site", "external", { code = row.site })
      on_unresolved = "` + onUnresolved + `"
    }`, lifecycle: `on_missing = "delete"`})
		w.exec(w.source, "INSERT INTO src_site VALUES ('S', 7), ('T', NULL), ('U', NULL), ('V', 9)")
		// T is there, U and V come with the plan.
		w.values("src_room", "a|S", "b|T", "c|U", "d|V")
		return w
	}
	const state = "SELECT code, site_external FROM room ORDER BY code"
	onEveryEngine(t, func(t *testing.T, e engine) {
		t.Run("null", func(t *testing.T) {
			w := setup(t, e, "null")
			p := w.night("insert 6")
			w.wantNotices(p, register.Unresolved, `b: site_external: no row of the looked-up table has code = "T"`, `c: site_external: no row of the looked-up table has code = "U"`)
			w.wantRows(state, "a|7", "b|∅", "c|∅", "d|9")
		})
		t.Run("reject", func(t *testing.T) {
			w := setup(t, e, "reject")
			p := w.night("insert 4")
			w.wantNotices(p, register.Rejected, `b: site_external: no row of the looked-up table has code = "T"`, `c: site_external: no row of the looked-up table has code = "U"`)
			w.wantRows(state, "a|7", "d|9")
		})
		t.Run("stop", func(t *testing.T) {
			w := setup(t, e, "stop")
			if _, err := w.tryPlan(); err == nil || !strings.Contains(err.Error(), `code = "T"`) || !strings.Contains(err.Error(), `code = "U"`) {
				t.Errorf("plan = %v", err)
			}
		})
	})
}

// A row that is taken over while it is archived is alive for those that look it up.
func TestAdoptedParentIsAlive(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		department := campusDepartments
		department.into = "adopt = true"
		w.configure(department, campusCourses)
		w.exec(w.dest, "INSERT INTO department (code, name, origin, deleted_on) VALUES ('HIS', 'old', 'HAND', '2020-01-01 00:00:00Z')")
		w.values("src_department", "HIS|History")
		w.values("src_course", "C1|Rome|HIS")
		w.night("insert 1, adopt 1")
		w.wantRows(campusState, "C1|Rome|HIS|-")
	})
}

// Rows below a parent that is taken over by the same plan are inserted with it.
func TestRowsBelowAdoptedParent(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_enrol (code {text})", "CREATE TABLE src_member (enrol {text}, student {text})")
		w.create(w.dest, "CREATE TABLE enrol (id {id}, code {text} NOT NULL UNIQUE, origin {text})", "CREATE TABLE member (enrol_id {int} NOT NULL, student {text} NOT NULL, PRIMARY KEY (enrol_id, student))",
			"INSERT INTO enrol (code, origin) VALUES ('E1', 'HAND'), ('E2', 'HAND')")
		w.configure(
			tableSync{name: "enrol", key: `"code"`, scope: `origin = "A"`, into: "adopt = true", columns: "code = row.code", lifecycle: `on_missing = "keep"`},
			tableSync{
				name: "member", key: `"enrol_id", "student"`, scope: `enrol_id = in_parent("enrol", "id", { origin = "A" })`,
				columns: "enrol_id = lookup(\"enrol\", \"id\", { code = row.enrol })\nstudent = row.student", lifecycle: `on_missing = "delete"`,
			})
		w.values("src_enrol", "E1")
		w.values("src_member", "E1|s", "E2|s") // E2 stays another's
		p := w.night("insert 1, adopt 1")
		w.wantNotices(p, register.Rejected, "E2, s: its parent's row is outside of the scope")
		w.wantRows("SELECT e.code, m.student FROM member AS m JOIN enrol AS e ON e.id = m.enrol_id", "E1|s")
	})
}

// Rows that refer to each other cannot be deleted one after the other: the plan says so.
func TestDeletesInACircle(t *testing.T) {
	setup := func(t *testing.T, e engine, deferred string) *world {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_unit (code {text}, head {text})", "CREATE TABLE src_person (code {text}, unit {text})")
		w.create(w.dest, "CREATE TABLE unit (code {text} PRIMARY KEY, head {text})", "CREATE TABLE person (code {text} PRIMARY KEY, unit {text} REFERENCES unit (code) "+deferred+")")
		if e.name == "sqlite" {
			w.create(w.dest, "DROP TABLE unit", "CREATE TABLE unit (code {text} PRIMARY KEY, head {text} REFERENCES person (code) "+deferred+")")
		} else {
			w.create(w.dest, "ALTER TABLE unit ADD FOREIGN KEY (head) REFERENCES person (code) "+deferred)
		}
		w.configure(natural("unit", "delete", "code", "head"), natural("person", "delete", "code", "unit"))
		w.create(w.dest, "INSERT INTO unit VALUES ('U', NULL), ('V', NULL), ('W', NULL)", "INSERT INTO person VALUES ('P', 'U'), ('Q', 'V')", "UPDATE unit SET head = 'P' WHERE code = 'U'")
		return w
	}
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := setup(t, e, "")
		p := w.plan()
		w.wantCounts(p, "delete 5")
		var blocked []string
		for _, s := range p.Syncs() {
			if s.Blocked != "" {
				blocked = append(blocked, s.Sync+": "+s.Blocked)
			}
		}
		if len(blocked) != 1 || !strings.Contains(blocked[0], "sync.person: 1 rows of table unit refer to 1 of the rows that would be touched by delete") || !strings.Contains(blocked[0], "deletes them later") {
			t.Errorf("blocked: %q", blocked)
		}
		// What refers in one direction only goes.
		w.exec(w.dest, "UPDATE unit SET head = NULL")
		w.night("delete 5")

		if e.deferrable {
			w = setup(t, e, e.deferred())
			w.night("delete 5")
		}
	})
}

func blocked(p *plan.Plan) []string {
	var list []string
	for _, s := range p.Syncs() {
		if s.Blocked != "" {
			list = append(list, s.Sync+": "+s.Blocked)
		}
	}
	return list
}

// A parent's row keeps its unique values until its children have left it: another cannot have them.
func TestUniqueValueOfDeletedParent(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_site (code {text}, name {text})", "CREATE TABLE src_room (code {text}, site {text})")
		w.create(w.dest, "CREATE TABLE site (code {text} PRIMARY KEY, name {text} UNIQUE)", "CREATE TABLE room (code {text} PRIMARY KEY, site {text} REFERENCES site (code))")
		w.configure(natural("site", "delete", "code", "name"), natural("room", "delete", "code", "site"))
		w.values("src_site", "A|North", "C|South", "D|∅")
		w.values("src_room", "R|A")
		w.night("insert 4")
		// B is A under another code, and C takes what D never had.
		w.exec(w.source, "UPDATE src_site SET code = 'B' WHERE code = 'A'")
		w.exec(w.source, "UPDATE src_room SET site = 'B'")
		w.exec(w.source, "UPDATE src_site SET name = NULL WHERE code = 'C'")
		w.exec(w.source, "DELETE FROM src_site WHERE code = 'D'")
		p := w.plan()
		w.wantCounts(p, "insert 1, update 2, delete 2")
		if got := blocked(p); len(got) != 1 || !strings.HasPrefix(got[0], "sync.site: 1 rows would get, in the unique index on (name), what rows have that this plan deletes only when") || !strings.Contains(got[0], "likely renames") {
			t.Errorf("blocked: %q", got)
		}
		if _, err := w.tryApply(p); err == nil || !strings.Contains(err.Error(), "No override helps") {
			t.Errorf("apply = %v", err)
		}
		// As the plan advises.
		w.write("moved.hcl", "moved {\n  sync = sync.site\n  from = \"A\"\n  to   = \"B\"\n}\n")
		w.exec(w.dest, "UPDATE room SET site = NULL") // no ON UPDATE
		w.night("update 2, delete 1, rename 1")
		w.wantRows("SELECT r.code, s.code, s.name FROM room AS r JOIN site AS s ON s.code = r.site", "R|B|North")
		// An update takes it, too.
		w.write("moved.hcl", "")
		w.exec(w.source, "DELETE FROM src_site WHERE code = 'B'")
		w.exec(w.source, "UPDATE src_site SET name = 'North'")
		w.exec(w.source, "UPDATE src_room SET site = 'C'")
		if got := blocked(w.plan()); len(got) != 1 || !strings.HasPrefix(got[0], "sync.site: 1 rows would get") || strings.Contains(got[0], "likely renames") {
			t.Errorf("blocked: %q", got)
		}
	})
}

// In a tree, what goes with all below it goes first.
func TestUniqueValueOfDeletedNode(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := teams(t, e, deleting(teamSync))
		w.create(w.dest, "CREATE UNIQUE INDEX team_name ON team (name)")
		w.team("A|a", "A1|a1|A", "A11|a11|A1", "B|b", "B1|b1|B", "B11|b11|B1", "B12|b12|B1")
		w.night("insert 7")
		// All of A goes and its names are taken; nothing that stays is below it.
		w.exec(w.source, "DELETE FROM src_team WHERE code LIKE 'A%'")
		w.team("N|a", "N1|a1|N")
		w.exec(w.source, "UPDATE src_team SET name = 'a11' WHERE code = 'B12'")
		w.night("insert 2, update 1, delete 3")
		// B and B1 go, B12 stays: it has to leave them first.
		w.exec(w.source, "DELETE FROM src_team WHERE code IN ('B', 'B1', 'B11')")
		w.exec(w.source, "UPDATE src_team SET parent = 'N' WHERE code = 'B12'")
		w.team("X|b11", "Y|b1", "Z|b")
		p := w.plan()
		w.wantCounts(p, "insert 3, update 1, delete 3")
		if got := blocked(p); len(got) != 1 || !strings.HasPrefix(got[0], "sync.team: 2 rows would get, in the unique index on (name),") {
			t.Errorf("blocked: %q", got)
		}
		w.exec(w.source, "UPDATE src_team SET name = code WHERE code IN ('Y', 'Z')")
		w.night("insert 3, update 1, delete 3")
		w.wantRows(teamState, "B12|a11|N|-", "N|a|∅|-", "N1|a1|N|-", "X|b11|∅|-", "Y|Y|∅|-", "Z|Z|∅|-")
	})
}

// What is looked up may change by the same plan.
func TestLookedUpColumnChanges(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_site (code {text}, external {int})", "CREATE TABLE src_room (code {text}, site {text})")
		w.create(w.dest, "CREATE TABLE site (id {id}, code {text} NOT NULL UNIQUE, external {int})", "CREATE TABLE room (code {text} PRIMARY KEY, site_external {int})")
		w.configure(natural("site", "keep", "code", "external"), tableSync{
			name: "room", key: `"code"`, lifecycle: `on_missing = "delete"`,
			columns: "code = row.code\nsite_external = lookup(\"site\", \"external\", { code = row.site })",
		})
		w.exec(w.source, "INSERT INTO src_site VALUES ('S', 7), ('T', 8), ('U', NULL), ('V', 5)")
		w.values("src_room", "a|S", "b|T")
		w.night("insert 6")
		// S and T change places, U gets a value, V loses its.
		w.exec(w.source, "UPDATE src_site SET external = CASE code WHEN 'S' THEN 8 WHEN 'T' THEN 7 WHEN 'U' THEN 9 END")
		w.values("src_room", "c|S", "d|U", "e|V")
		p := w.plan()
		w.wantCounts(p, "insert 1, update 6")
		w.wantNotices(p, register.Rejected, `d: site_external: no row of the looked-up table has code = "U"`, `e: site_external: no row of the looked-up table has code = "V"`)
		w.apply(p)
		w.night("insert 1")
		w.wantRows("SELECT r.code, s.code FROM room AS r JOIN site AS s ON s.external = r.site_external ORDER BY 1", "a|S", "b|T", "c|S", "d|U")
	})
}
