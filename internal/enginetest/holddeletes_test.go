package enginetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/plan"
)

// holding is courses of which no removal is done without a person's word.
func holding(t testing.TB, e engine, lifecycle string) *world {
	t.Helper()
	w := courses(t, e, lifecycle)
	w.edit(`max_delete = "100%"`, "max_delete = 0\n    on_breach = \"hold_deletes\"")
	return w
}

// back renders what is held back: "sync.courses: delete 1, insert 2".
func back(p *plan.Plan) string {
	var list []string
	for _, s := range p.Syncs() {
		if len(s.HeldBack) == 0 {
			continue
		}
		var parts []string
		for _, operation := range slices.Sorted(maps.Keys(s.HeldBack)) {
			parts = append(parts, fmt.Sprintf("%s %d", operation, s.HeldBack[operation]))
		}
		list = append(list, s.Sync+": "+strings.Join(parts, ", "))
	}
	return strings.Join(list, "; ")
}

// applyRest applies a plan of which a part is held back; the next one holds the same back.
func (w *world) applyRest(planned, heldBack string) *plan.Plan {
	w.Helper()
	p := w.plan()
	w.wantCounts(p, planned)
	if p.Held() || !p.HeldBack() || back(p) != heldBack {
		w.Fatalf("held %v, held back %q, want %q", p.Held(), back(p), heldBack)
	}
	w.apply(p)
	next := w.plan()
	w.wantCounts(next, "nothing")
	if back(next) != heldBack {
		w.Fatalf("planned again, %q is held back, want %q", back(next), heldBack)
	}
	return p
}

const removing = `on_missing = "delete"`

func TestHoldDeletes(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := holding(t, e, removing)
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		w.applied("insert 2")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.exec(w.source, "UPDATE src_course SET title = 'Biology' WHERE code = 'B'")
		w.course("C", "Chemistry", 1)
		p := w.applyRest("insert 1, update 1", "sync.courses: delete 1")
		w.wantNoticed(p, "sync.courses", "held_back code=A (operation=delete)")
		if reason := p.Syncs()[0].BackReason; reason != "1 of 2 rows would be touched by delete, max_delete allows 0" && reason != "1 rows would be touched by delete, max_delete allows 0" {
			t.Errorf("reason = %q", reason)
		}
		w.wantRowsOf("SELECT code, title FROM course ORDER BY code", "A|Algebra", "B|Biology", "C|Chemistry")
		// A breach that holding removals back does not cure holds all.
		w.edit("max_delete = 0", "max_delete = 0\n    max_insert = 0")
		w.course("D", "Drawing", 1)
		if p := w.plan(); !p.Held() || p.HeldBack() {
			t.Errorf("held %v, held back %q", p.Held(), back(p))
		}
		w.edit("max_insert = 0", "")
		// The source is suspiciously short: the same.
		w.edit("max_delete = 0", "min_source_rows = 10")
		w.applyRest("insert 1", "sync.courses: delete 1")
	})
}

// What takes a unique value of a row that stays cannot be done, nor what takes the value that
// this would have given up.
func TestHoldDeletesOfUniqueValues(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := holding(t, e, removing)
		w.exec(w.dest, "CREATE UNIQUE INDEX course_title ON course (title)")
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		w.course("C", "Chemistry", 1)
		w.course("Z", "Zoology", 1)
		w.applied("insert 4")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.exec(w.source, "UPDATE src_course SET title = 'Algebra' WHERE code = 'B'")
		w.exec(w.source, "UPDATE src_course SET title = 'Botany' WHERE code = 'C'")
		w.exec(w.source, "UPDATE src_course SET hours = 5 WHERE code = 'Z'")
		w.course("N", "Chemistry", 1)
		w.course("O", "Optics", 1)
		p := w.applyRest("insert 1, update 1", "sync.courses: delete 1, insert 1, update 2")
		w.wantNoticed(p, "sync.courses", "held_back code=A (operation=delete)", "held_back code=B (operation=update)", "held_back code=C (operation=update)", "held_back code=N (operation=insert)")
		w.wantRowsOf("SELECT code, title, hours FROM course ORDER BY code", "A|Algebra|1", "B|Botany|1", "C|Chemistry|1", "O|Optics|1", "Z|Zoology|5")
		w.edit("max_delete = 0", "max_delete = 1")
		p = w.plan()
		w.wantCounts(p, "insert 1, update 2, delete 1")
	})
}

// An index over the living rows only: what an archived row gives up it keeps when it is not
// archived.
func TestHoldDeletesOfPartialIndex(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		if !e.partialIndex {
			return
		}
		w := holding(t, e, retiring)
		w.exec(w.dest, "CREATE UNIQUE INDEX course_title ON course (title) WHERE gone_on IS NULL")
		w.course("A", "Algebra", 1)
		w.course("Z", "Zoology", 1)
		w.applied("insert 2")
		w.exec(w.source, "UPDATE src_course SET code = 'B', hours = 2 WHERE code = 'A'")
		w.course("C", "Chemistry", 1)
		w.applyRest("insert 1", "sync.courses: archive 1, insert 1")
		w.edit("max_delete = 0", "max_delete = 1")
		w.applied("insert 1, archive 1")
	})
}

// Rows that refer to what is not made are not made either; rows whose removal is held back
// keep those that they refer to.
func TestHoldDeletesOfRelatives(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := holding(t, e, removing)
		w.exec(w.dest, "CREATE UNIQUE INDEX course_title ON course (title)")
		w.define("src_team", "code text", "course text", "size int")
		w.define("team", "code text PRIMARY KEY", "course_id int NOT NULL REFERENCES course (id)", "size int")
		w.write("teams.hcl", fmt.Sprintf(`
sync "teams" {
  source {
    from  = source.%[1]s.main
    table = "src_team"
  }
  destination {
    into       = destination.%[1]s.main
    table      = "team"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code      = row.code
    course_id = lookup("course", "id", { code = row.course })
    size      = row.size
  }
  lifecycle {
    on_missing = "delete"
  }
}
`, e.name))
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		w.exec(w.source, "INSERT INTO src_team VALUES ('T1', 'B', 1), ('T2', 'B', 1)")
		w.applied("insert 4")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.course("N", "Algebra", 1)
		w.course("O", "Optics", 1)
		w.exec(w.source, "INSERT INTO src_team VALUES ('T3', 'N', 1), ('T4', 'O', 1)")
		w.exec(w.source, "UPDATE src_team SET course = 'N' WHERE code = 'T2'")
		w.exec(w.source, "UPDATE src_team SET size = 2 WHERE code = 'T1'")
		p := w.applyRest("insert 2, update 1", "sync.courses: delete 1, insert 1; sync.teams: insert 1, update 1")
		w.wantNoticed(p, "sync.teams", "held_back code=T2 (operation=update)", "held_back code=T3 (operation=insert)")
		w.wantRowsOf("SELECT t.code, c.code FROM team AS t JOIN course AS c ON c.id = t.course_id ORDER BY 1", "T1|B", "T2|B", "T4|O")

		// The other way round: the team stays, and so does its course.
		w.edit("max_delete = 0", "max_delete = 10")
		w.exec(w.source, "UPDATE src_course SET title = 'Analysis' WHERE code = 'N'") // parents are deleted last
		w.applied("insert 2, update 1, delete 1")
		w.write("teams.hcl", strings.Replace(string(w.load().Files["teams.hcl"]), "  lifecycle {", "  guard {\n    max_delete = 0\n    on_breach = \"hold_deletes\"\n  }\n  lifecycle {", 1))
		w.exec(w.source, "DELETE FROM src_team WHERE code = 'T4'")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'O'")
		w.exec(w.source, "UPDATE src_course SET hours = 7 WHERE code = 'B'")
		p = w.applyRest("update 1", "sync.courses: delete 1; sync.teams: delete 1")
		if reason := p.Syncs()[0].BackReason; !strings.Contains(reason, "rows of sync.teams, whose removal is held back, refer to them") {
			t.Errorf("reason = %q", reason)
		}
	})
}

// A row whose removal is held back is there for what refers to it.
func TestHoldDeletesOfParents(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, onMissing := range []string{archivedOn, removing} {
			for _, unresolved := range []string{"null", "reject", "stop"} {
				w := campus(t, e)
				d, c := campusDepartments, campusCourses
				d.lifecycle = onMissing
				d.guard = `on_breach = "hold_deletes"`
				c.columns = "code = row.code\ntitle = row.title\ncolumn \"department_id\" {\n value = lookup(\"department\", \"id\", { code = row.department })\n on_unresolved = \"" + unresolved + "\"\n}"
				w.configure(d, c)
				w.edit(`max_delete      = "100%"`, "max_delete = 0")
				w.values("src_department", "HIS|History", "MAT|Mathematics")
				w.values("src_course", "C1|Rome|HIS", "C2|Algebra|MAT")
				w.night("insert 4")
				w.exec(w.source, "DELETE FROM src_department WHERE code = 'HIS'")
				w.exec(w.source, "UPDATE src_course SET title = 'Carthage' WHERE code = 'C1'")
				removal := "delete 1"
				if onMissing == archivedOn {
					removal = "archive 1"
				}
				p := w.applyRest("update 1", "sync.department: "+removal)
				for _, s := range p.Syncs() {
					if s.Rejected > 0 || s.Unresolved > 0 {
						t.Errorf("%s, %s: %d rejected, %d unresolved", unresolved, s.Sync, s.Rejected, s.Unresolved)
					}
				}
				w.wantRows(campusState, "C1|Carthage|HIS|-", "C2|Algebra|MAT|-")
			}
		}
	})
}

// The same within one table, and among several syncs of it.
func TestHoldDeletesOfATree(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, scoped := range []bool{false, true} {
			for _, s := range []tableSync{teamSync, deleting(teamSync)} {
				w := teams(t, e, s)
				s.guard = "max_reject = 0\n    on_breach = \"hold_deletes\""
				if scoped {
					s.forEach = `toset(["law", "art"])`
					s.scope = "faculty = each.value"
					s.query = "SELECT * FROM src_team WHERE faculty = :faculty"
					s.params = "faculty = each.value"
				}
				w.configure(s)
				w.edit(`max_delete      = "100%"`, "max_delete = 0")
				w.team("A|a|∅|law", "A1|a1|A|art", "A11|a11|A1|law", "B|b|∅|art")
				w.night("insert 4")
				w.exec(w.source, "DELETE FROM src_team WHERE code IN ('A', 'B')")
				w.exec(w.source, "UPDATE src_team SET name = 'new' WHERE code = 'A1'")
				w.team("B1|b1|B|law")
				removal := "delete"
				if s.lifecycle == teamSync.lifecycle {
					removal = "archive"
				}
				heldBack := "sync.team: " + removal + " 2"
				if scoped {
					heldBack = fmt.Sprintf(`sync.team["art"]: %[1]s 1; sync.team["law"]: %[1]s 1`, removal)
				}
				w.applyRest("insert 1, update 1", heldBack)
				w.wantRows(teamState, "A|a|∅|-", "A1|new|A|-", "A11|a11|A1|-", "B|b|∅|-", "B1|b1|B|-")
			}
		}
	})
}

// A truncated source, of which nothing is removed, is no measure for the next night's.
func TestHoldDeletesTwoNights(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, removing)
		w.edit(`max_delete = "100%"`, "max_delete = \"100%\"\n    min_source_ratio = \"90%\"\n    on_breach = \"hold_deletes\"")
		for i := range 40 {
			w.course(fmt.Sprintf("C%02d", i), "Title", i)
		}
		w.applied("insert 40")
		w.exec(w.source, "DELETE FROM src_course WHERE code >= 'C30'")
		for _, title := range []string{"first night", "second night", "third night"} {
			w.exec(w.source, "UPDATE src_course SET title = '"+title+"' WHERE code = 'C00'")
			p := w.applyRest("update 1", "sync.courses: delete 10")
			if reason := p.Syncs()[0].BackReason; !strings.Contains(reason, "the last applied plan's had 40") {
				t.Errorf("%s: reason = %q", title, reason)
			}
		}
		// Whole again, it is the measure.
		w.exec(w.source, "DELETE FROM src_course WHERE code < 'C03'")
		for i := range 10 {
			w.course(fmt.Sprintf("C%02d", 30+i), "Title", 30+i)
		}
		w.applied("delete 3")
	})
}

// Half of the keys are renamed at once: the plan is held, and says what would be renamed.
func TestLikelyRenames(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.edit(`max_delete = "100%"`, "")
		for i := range 12 {
			w.course(fmt.Sprintf("C%d", i), fmt.Sprintf("Title %d", i), i)
		}
		w.applied("insert 12")
		w.exec(w.source, "UPDATE src_course SET code = 'NEW-' || code WHERE hours >= 6")
		p := w.plan()
		w.wantCounts(p, "insert 6, archive 6")
		if s := p.Syncs()[0]; s.Held != "6 of 12 rows would be touched by delete, max_delete allows 30%" || s.LikelyRenames != 6 {
			t.Errorf("held = %q, %d likely renames", s.Held, s.LikelyRenames)
		}
		blocks := ""
		for _, finding := range w.noticed(p, "sync.courses") {
			_, block, _ := strings.Cut(finding, ": ")
			blocks += block + "\n"
		}
		if !strings.Contains(blocks, "moved {\n  sync = sync.courses\n  from = \"C6\"\n  to   = \"NEW-C6\"\n}") {
			t.Errorf("blocks to paste:\n%s", blocks)
		}
		w.write("moved.hcl", blocks)
		w.applied("rename 6")
		w.wantRowsOf("SELECT count(*) FROM course WHERE gone_on IS NULL", "12")
		// The same under hold_deletes: applied, what is new would be there beside what is old.
		w.edit("max_reject", "on_breach = \"hold_deletes\"\n    max_reject")
		w.write("moved.hcl", "")
		w.exec(w.source, "UPDATE src_course SET code = 'X-' || code WHERE hours >= 6")
		if s := w.plan().Syncs()[0]; s.LikelyRenames != 6 || back(w.plan()) != "sync.courses: archive 6" {
			t.Errorf("%d likely renames, held back %q", s.LikelyRenames, back(w.plan()))
		}
	})
}

// Only what is alike but for its key, and nothing else that is, looks renamed.
func TestUnlikelyRenames(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.edit("code  = row.code", "code  = row.code\n    note  = \"constant\"")
		w.course("TWIN1", "Twins", 1)
		w.course("TWIN2", "Twins", 1)
		w.course("CHANGED", "Changes", 1)
		w.course("SAME", "The same", 1)
		w.exec(w.source, "INSERT INTO src_course (code) VALUES ('EMPTY')")
		w.applied("insert 5")
		w.exec(w.source, "UPDATE src_course SET code = 'NEW' || code")
		w.exec(w.source, "UPDATE src_course SET hours = 2 WHERE code = 'NEWCHANGED'")
		p := w.plan()
		w.wantCounts(p, "insert 5, archive 5")
		w.wantNoticed(p, "sync.courses", "likely_rename code=SAME: moved {\n  sync = sync.courses\n  from = \"SAME\"\n  to   = \"NEWSAME\"\n}")
	})
}

// A key is text that the language must read back as it was.
func TestRenameHintOfAwkwardKeys(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		for i, code := range []string{`a"b`, `back\slash`, "line\nbreak", "tab\tand bell\a", "${x} %{y}", "é", "\u202ex", "\u00a0", "\U000e0001"} {
			w.course(code, fmt.Sprint("Title ", i), i)
		}
		w.course("Z", "Zoology", 99)
		w.applied("insert 10")
		w.exec(w.source, "UPDATE src_course SET code = code || '-' || code WHERE hours < 99")
		p := w.plan()
		w.wantCounts(p, "insert 9, archive 9")
		blocks := ""
		for _, finding := range w.noticed(p, "sync.courses") {
			_, block, _ := strings.Cut(finding, ": moved")
			blocks += "moved" + block + "\n"
		}
		w.write("moved.hcl", blocks)
		w.applied("rename 9")
	})
}
