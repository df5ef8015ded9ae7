package enginetest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/plan"
)

// natural is a sync whose key is the code, and whose columns have the source's names.
func natural(name, onMissing string, columns ...string) tableSync {
	mapping := ""
	for _, column := range columns {
		mapping += "    " + column + " = row." + column + "\n"
	}
	return tableSync{name: name, key: `"code"`, columns: mapping, lifecycle: `on_missing = "` + onMissing + `"`}
}

func planned(p *plan.Plan) []string {
	var syncs []string
	for _, s := range p.Syncs() {
		syncs = append(syncs, strings.TrimPrefix(s.Sync, "sync."))
	}
	return syncs
}

// chain is a world of sites, buildings in them, and rooms in these, by natural keys, written in the wrong
// order and without depends_on.
func chain(t testing.TB, e engine) *world {
	w := newWorld(t, e)
	w.create(w.source, "CREATE TABLE src_site (code {text})", "CREATE TABLE src_building (code {text}, site {text})", "CREATE TABLE src_room (code {text}, building {text})")
	w.create(
		w.dest,
		"CREATE TABLE site (code {text} PRIMARY KEY)",
		"CREATE TABLE building (code {text} PRIMARY KEY, site {text} NOT NULL REFERENCES site (code))",
		"CREATE TABLE room (code {text} PRIMARY KEY, building {text} REFERENCES building (code))",
	)
	w.configure(natural("room", "delete", "code", "building"), natural("building", "delete", "code", "site"), natural("site", "delete", "code"))
	w.values("src_site", "S1", "S2")
	w.values("src_building", "B1|S1", "B2|S2")
	w.values("src_room", "R1|B1", "R2|B2", "R3|B2")
	p := w.night("insert 7")
	if diff := cmp.Diff([]string{"site", "building", "room"}, planned(p)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	return w
}

const chainState = "SELECT r.code, b.code, b.site FROM room AS r LEFT JOIN building AS b ON b.code = r.building ORDER BY r.code"

// The database's foreign keys alone say what goes first.
func TestOrderByForeignKeys(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := chain(t, e)
		// All of a branch goes, and what is moved elsewhere stays.
		w.exec(w.source, "DELETE FROM src_site WHERE code = 'S2'")
		w.exec(w.source, "DELETE FROM src_building WHERE code = 'B2'")
		w.exec(w.source, "DELETE FROM src_room WHERE code = 'R2'")
		w.exec(w.source, "UPDATE src_room SET building = 'B3' WHERE code = 'R3'")
		w.values("src_building", "B3|S3")
		w.values("src_site", "S3")
		w.night("insert 2, update 1, delete 3")
		w.wantRows(chainState, "R1|B1|S1", "R3|B3|S3")
	})
}

// depends_on says what no foreign key does.
func TestOrderByDependsOn(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_one (code {text})", "CREATE TABLE src_two (code {text})")
		w.create(w.dest, "CREATE TABLE one (code {text} PRIMARY KEY)", "CREATE TABLE two (code {text} PRIMARY KEY)")
		one, two := natural("one", "delete", "code"), natural("two", "delete", "code")
		w.configure(one, two)
		w.values("src_one", "A")
		w.values("src_two", "A")
		if got := planned(w.plan()); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("order %v, want as written", got)
		}
		one.more = "  depends_on = [sync.two]"
		w.configure(one, two)
		if got := planned(w.plan()); !slices.Equal(got, []string{"two", "one"}) {
			t.Errorf("order %v, want two before one", got)
		}
		// So it is applied.
		w.create(w.dest, "DROP TABLE one", "CREATE TABLE one (code {text} PRIMARY KEY REFERENCES two (code))")
		w.night("insert 2")
		w.exec(w.source, "DELETE FROM src_one")
		w.exec(w.source, "DELETE FROM src_two")
		w.night("delete 2")
	})
}

// Lookups order where the database has no foreign keys.
func TestOrderByLookups(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		w.create(w.dest, "DROP TABLE course", "CREATE TABLE course (id {id}, code {text} NOT NULL UNIQUE, title {text}, department_id {int}, deleted_on {tstz})")
		course, department := campusCourses, campusDepartments
		course.lifecycle, department.lifecycle = `on_missing = "delete"`, `on_missing = "delete"`
		w.configure(course, department)
		w.values("src_department", "HIS|History", "MAT|Mathematics")
		w.values("src_course", "C1|Rome|HIS", "C2|Algebra|MAT")
		p := w.night("insert 4")
		if got := planned(p); !slices.Equal(got, []string{"department", "course"}) {
			t.Errorf("order %v", got)
		}
		w.exec(w.source, "DELETE FROM src_department WHERE code = 'MAT'")
		w.exec(w.source, "UPDATE src_course SET department = 'HIS'")
		w.night("update 1, delete 1")
		w.wantRows(campusState, "C1|Rome|HIS|-", "C2|Algebra|HIS|-")
	})
}

// A row that others hold is not deleted: the plan is held and says how many, and no override helps.
func TestDependents(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := chain(t, e)
		// No sync writes bookings.
		w.create(w.dest, "CREATE TABLE booking (id {id}, room {text} REFERENCES room (code))")
		w.exec(w.dest, "INSERT INTO booking (room) VALUES ('R1'), ('R1'), ('R2'), (NULL)")
		w.exec(w.source, "DELETE FROM src_room WHERE code IN ('R1', 'R3')")
		p := w.plan()
		w.wantCounts(p, "delete 2")
		s := p.Syncs()[2]
		if !p.Held() || !p.Blocked() || !strings.HasPrefix(s.Blocked, "2 rows of table") || !strings.Contains(s.Blocked, "booking") || !strings.Contains(s.Blocked, "refer to 1 of the rows that would be touched by delete") {
			t.Errorf("blocked: %q", s.Blocked)
		}
		for _, override := range []string{"", "it is in order"} {
			_, err := apply.Apply(t.Context(), w.load(), p, apply.Options{Providers: known(), Override: override, Now: w.options().Now})
			held, ok := errors.AsType[*apply.HeldError](err)
			if !ok || len(held.Blocked) != 1 || !strings.Contains(err.Error(), "No override helps") || !strings.Contains(err.Error(), "2 rows of table") {
				t.Errorf("apply = %v, want a plan held for good", err)
			}
		}
		w.wantRows(chainState, "R1|B1|S1", "R2|B2|S2", "R3|B2|S2")

		w.exec(w.dest, "DELETE FROM booking WHERE room = 'R1'")
		w.night("delete 2")
		w.wantRows(chainState, "R2|B2|S2")

		// A row that is archived is not held.
		room := natural("room", "archive", "code", "building")
		room.lifecycle += "\n    archive = { gone = true }\n    restore = { gone = false }\n    archived = dest.gone"
		w.create(w.dest, "ALTER TABLE room ADD COLUMN gone {bool}")
		w.configure(room, natural("building", "delete", "code", "site"), natural("site", "delete", "code"))
		w.exec(w.source, "DELETE FROM src_room")
		w.night("archive 1")
		// But it still holds its building.
		w.exec(w.source, "DELETE FROM src_building WHERE code = 'B2'")
		p = w.plan()
		w.wantCounts(p, "delete 1")
		if s := p.Syncs()[1]; !strings.HasPrefix(s.Blocked, "1 rows of table") {
			t.Errorf("blocked: %q", s.Blocked)
		}
	})
}

// What the plan itself takes away or moves elsewhere does not hold a row; what comes to it does
// not come, since it is not staged.
func TestDependentsOfSamePlan(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := chain(t, e)
		w.exec(w.source, "DELETE FROM src_building WHERE code = 'B2'")
		w.exec(w.source, "DELETE FROM src_room WHERE code = 'R2'")
		p := w.plan()
		w.wantCounts(p, "delete 2")
		if s := p.Syncs()[1]; !strings.HasPrefix(s.Blocked, "1 rows of table") || !strings.Contains(s.Blocked, "room") {
			t.Errorf("blocked: %q, want R3 to hold it", s.Blocked)
		}
		w.exec(w.source, "UPDATE src_room SET building = NULL WHERE code = 'R3'")
		w.night("update 1, delete 2")
		w.wantRows(chainState, "R1|B1|S1", "R3|∅|∅")

		// Without the rooms' sync, nothing moves them.
		w.values("src_site", "S4")
		w.values("src_building", "B4|S4")
		w.exec(w.source, "UPDATE src_room SET building = 'B4' WHERE code = 'R3'")
		w.night("insert 2, update 1")
		w.exec(w.source, "DELETE FROM src_building WHERE code = 'B4'")
		w.exec(w.source, "UPDATE src_room SET building = 'B1' WHERE code = 'R3'")
		w.target = []string{"sync.building"}
		if p := w.plan(); !p.Blocked() {
			t.Error("a building was to go from below its room")
		}
		w.target = nil
		w.night("update 1, delete 1")
	})
}

// Foreign keys in a circle leave no order that suits all: the plan is made, with a warning.
func TestForeignKeysInACircle(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_unit (code {text}, head {text})", "CREATE TABLE src_person (code {text}, unit {text})")
		w.create(w.dest, "CREATE TABLE unit (code {text} PRIMARY KEY, head {text})", "CREATE TABLE person (code {text} PRIMARY KEY, unit {text} REFERENCES unit (code))")
		if e.name == "sqlite" {
			w.create(w.dest, "DROP TABLE unit", "CREATE TABLE unit (code {text} PRIMARY KEY, head {text} REFERENCES person (code) DEFERRABLE INITIALLY DEFERRED)")
		} else {
			w.create(w.dest, "ALTER TABLE unit ADD FOREIGN KEY (head) REFERENCES person (code)"+e.deferred())
		}
		unit, person := natural("unit", "keep", "code", "head"), natural("person", "keep", "code", "unit")
		w.configure(person, unit)
		w.values("src_unit", "U|P")
		w.values("src_person", "P|U")
		opts := w.options()
		var warned config.Diagnostics
		opts.Warn = func(diags config.Diagnostics) { warned = diags }
		_, err := plan.Make(t.Context(), w.load(), opts)
		w.must(err)
		if len(warned) != 1 || warned[0].Summary != "Foreign keys in a circle" || !strings.Contains(warned[0].Detail, "sync.person -> sync.unit -> sync.person") {
			t.Errorf("warned of %+v", warned)
		}
		// depends_on breaks it.
		person.more = "  depends_on = [sync.unit]"
		w.configure(person, unit)
		p, err := plan.Make(t.Context(), w.load(), opts)
		w.must(err)
		if got := planned(p); !slices.Equal(got, []string{"unit", "person"}) {
			t.Errorf("order %v", got)
		}
		if !e.deferrable {
			return
		}
		w.apply(p)
		w.wantRows("SELECT u.code, u.head, p.unit FROM unit AS u JOIN person AS p ON p.code = u.head", "U|P|U")
	})
}

// A circle of lookups is a mistake in the configuration.
func TestLookupsInACircle(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		department := campusDepartments
		department.columns += "\n    name2 = lookup(\"course\", \"id\", { code = row.name })"
		w.configure(department, campusCourses)
		_, diags := hcl.Load(w.dir, hcl.Options{Providers: known(), Version: "0.1.0"})
		if len(diags) != 1 || diags[0].Summary != "Dependency cycle" || !strings.Contains(diags[0].Detail, "sync.department -> sync.course -> sync.department") {
			t.Errorf("load = %+v", diags)
		}
	})
}

// The syncs of a table whose rows may refer to each other go together: none can go between.
func TestCircleOfUnits(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_a (code {text})", "CREATE TABLE src_b (code {text})", "CREATE TABLE src_link (code {text})")
		w.create(
			w.dest,
			"CREATE TABLE team (id {id}, code {text} NOT NULL UNIQUE, parent_id {int} REFERENCES team (id), origin {text})",
			"CREATE TABLE link (code {text} NOT NULL UNIQUE)",
		)
		syncs := []tableSync{
			{name: "a", table: "team", key: `"code"`, scope: `origin = "A"`, columns: "code = row.code", lifecycle: removing},
			{name: "link", key: `"code"`, columns: "code = row.code", lifecycle: removing, more: "depends_on = [sync.a]"},
			{name: "b", table: "team", key: `"code"`, scope: `origin = "B"`, columns: "code = row.code", lifecycle: removing, more: "depends_on = [sync.link]"},
		}
		w.configure(syncs...)
		w.planError("Syncs in a circle", "sync.a with sync.b -> sync.link -> sync.a with sync.b", `table "team"`)
		syncs[2].more = ""
		w.configure(syncs...)
		w.values("src_a", "x")
		w.values("src_b", "y")
		w.values("src_link", "z")
		w.night("insert 3")
	})
}
