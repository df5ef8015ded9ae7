package enginetest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

var (
	maskedStudents = tableSync{
		name: "student", key: `"number"`, columns: "    number = row.number\n    home = row.home", lifecycle: archivedOn,
		more: `  sensitive = ["number", "home"]`,
	}
	maskedEnrolments = tableSync{
		name: "enrolment", key: `"student_id", "course"`,
		columns: `
    student_id = lookup("student", "id", { number = row.student })
    course     = row.course
    tutor_id   = lookup("student", "id", { number = row.tutor })`,
		lifecycle: archivedOn, more: `  sensitive = ["student_id", "tutor_id"]`,
	}
)

// masked is a world with students, whose numbers are masked, and what they are enrolled in.
func masked(t testing.TB, e engine) *world {
	w := newWorld(t, e)
	w.create(
		w.source,
		"CREATE TABLE src_student (number {text}, home {text})",
		"CREATE TABLE src_enrolment (student {text}, course {text}, tutor {text})",
	)
	w.create(
		w.dest,
		"CREATE TABLE student (id {id}, number {text} NOT NULL UNIQUE, home {text}, deleted_on {tstz})",
		`CREATE TABLE enrolment (student_id {int} NOT NULL REFERENCES student (id), course {text} NOT NULL, tutor_id {int}, deleted_on {tstz},
			PRIMARY KEY (student_id, course))`,
	)
	w.configure(maskedStudents, maskedEnrolments)
	w.values("src_student", "MARKER-1|MARKER-9", "MARKER-2|MARKER-9")
	w.values("src_enrolment", "MARKER-1|Algebra|MARKER-2", "MARKER-2|Botany|MARKER-1")
	return w
}

// named lists the pseudonyms of a plan: of students by what is not masked of them, of enrolments by their course.
func named(p *plan.Plan, sync string) []string {
	var list []string
	for _, d := range p.Destinations {
		for _, c := range d.Excerpt {
			if c.Sync == sync {
				list = append(list, c.Key[0].Pseudonym)
			}
		}
	}
	return list
}

// Who is one in one sync is the same in another, in the excerpt and in what was found, at planning and later; and is
// somebody else in another plan.
func TestPseudonyms(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := masked(t, e)
		w.values("src_enrolment", "MARKER-9|Botany|∅") // of nobody
		p := w.plan()
		w.wantCounts(p, "insert 4")
		w.wantNoMarker(p)
		students, enrolments := named(p, "sync.student"), named(p, "sync.enrolment")
		slices.Sort(enrolments)
		form := regexp.MustCompile(`^[a-z2-9]{8}$`)
		if len(students) != 2 || students[0] == students[1] || !form.MatchString(students[0]) {
			t.Fatalf("students are %q", students)
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(students)), enrolments); diff != "" {
			t.Errorf("those enrolled are not the students (-students +enrolled):\n%s", diff)
		}
		// The rejected one is neither, but told apart; what is no key is not.
		notices := p.Destinations[0].Notices
		if len(notices) != 1 || !form.MatchString(notices[0].Key[0].Pseudonym) || slices.Contains(students, notices[0].Key[0].Pseudonym) {
			t.Errorf("noticed: %+v, of %q", notices, students)
		}
		for _, c := range p.Destinations[0].Excerpt {
			for _, column := range c.Columns {
				isKey := column.Column == "number" || column.Column == "student_id"
				if got := column.After.Pseudonym; (got != "") != isKey || isKey && got != c.Key[0].Pseudonym {
					t.Errorf("column %s of %s has the pseudonym %q", column.Column, c.Sync, got)
				}
			}
		}
		w.wantRecalled(p)

		other := w.plan()
		for _, name := range append(named(other, "sync.student"), named(other, "sync.enrolment")...) {
			if slices.Contains(students, name) {
				t.Errorf("another plan names one %q, too", name)
			}
		}
		// The key stays where the rows are.
		w.inRegister(func(r register.Register, q providers.Querier) {
			stored, err := r.Plan(t.Context(), q, p.ID)
			w.must(err)
			if len(stored.PseudonymKey) != 32 {
				t.Errorf("the register's key has %d octets", len(stored.PseudonymKey))
			}
			if text, err := json.Marshal(p); err != nil || strings.Contains(string(text), fmt.Sprintf("%q", stored.PseudonymKey)) || strings.Contains(string(text), "seudonym_key") {
				t.Errorf("the key is in the plan file: %s %v", text, err)
			}
		})
	})
}

// A source of another name has others: nobody is followed from one system into the next.
func TestPseudonymsOfAnotherSource(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	one := (&plan.Plan{PseudonymKey: key}).Masking(&register.SyncSummary{Source: "source.a.x"}).Pseudonym
	again := (&plan.Plan{PseudonymKey: key}).Masking(&register.SyncSummary{Source: "source.a.x", Sync: "sync.other"}).Pseudonym
	other := (&plan.Plan{PseudonymKey: key}).Masking(&register.SyncSummary{Source: "source.b.x"}).Pseudonym
	if one("7") == other("7") || one("7") == one("8") || one("7") != again("7") {
		t.Error("pseudonyms are not by source and text")
	}
	if (&plan.Plan{}).Masking(&register.SyncSummary{Source: "source.a.x"}).Pseudonym != nil {
		t.Error("without a key there are pseudonyms")
	}
}

func TestNoPseudonyms(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := masked(t, e)
		o := w.options()
		o.NoPseudonyms = true
		p, err := plan.Make(w.Context(), w.load(), o)
		w.must(err)
		if text, err := json.Marshal(p); err != nil || strings.Contains(string(text), `"pseudonym"`) {
			t.Errorf("there are pseudonyms: %s %v", text, err)
		}
		w.wantRecalled(p)
	})
}

// Rows with masked keys do not come in the order of the keys, and those shown are not those with the first keys: what is
// shown of them beside the keys would tell these.
func TestMaskedOrder(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, without := range []bool{false, true} {
			w := newWorld(t, e)
			w.create(w.source, "CREATE TABLE src_student (number {text}, room {text})")
			w.create(w.dest, "CREATE TABLE student (id {id}, number {text} NOT NULL UNIQUE, room {text}, deleted_on {tstz})")
			w.configure(tableSync{
				name: "student", key: `"number"`, columns: "    number = row.number\n    room = row.room", lifecycle: archivedOn,
				more: "  sensitive = [\"number\"]\n  assert \"room\" {\n    condition = length(row.room) > 3\n    message = \"${row.room}\"\n    on_failure = \"warn\"\n  }",
			})
			var rows []string
			for i := range 200 {
				rows = append(rows, fmt.Sprintf("S%03d|%03d", i, i))
			}
			for chunk := range slices.Chunk(rows, 50) {
				w.values("src_student", chunk...)
			}
			o := w.options()
			o.NoPseudonyms = without
			p, err := plan.Make(w.Context(), w.load(), o)
			w.must(err)
			var inserted, warned []string
			for _, c := range p.Destinations[0].Excerpt {
				for _, column := range c.Columns {
					if column.Column == "room" {
						inserted = append(inserted, column.After.Text)
					}
				}
			}
			for _, n := range p.Destinations[0].Notices {
				if n.Kind == register.Warned {
					warned = append(warned, n.Message)
				}
			}
			for what, shown := range map[string][]string{"operations": inserted, "findings": warned} {
				if len(shown) < 20 {
					t.Fatalf("%d %s are shown", len(shown), what)
				}
				// By chance alone, of 20 or 50 out of 200 at least one is among the last 100 in all but one of 10⁶ plans.
				if last := slices.Max(shown); strings.TrimPrefix(last, "room: ") < "100" {
					t.Errorf("the %s with the first keys are shown: %q", what, shown)
				}
			}
			if !without && slices.IsSorted(inserted) {
				t.Errorf("the operations come by their keys: %q", inserted)
			}
			w.wantRecalled(p)
		}
	})
}

// The same of what is shown of a comparison: of both sides, and of a sync that only one of them has.
func TestMaskedOrderOfComparisons(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_student (number {text}, room {text})")
		students := tableSync{
			name: "student", key: `"number"`, columns: "    number = row.number\n    room = row.room", lifecycle: archivedOn,
			more: "  sensitive = [\"number\"]",
		}
		guests := students
		guests.name, guests.source = "guest", "src_student"
		for _, table := range []string{"student", "guest"} {
			w.create(w.dest, "CREATE TABLE "+table+" (id {id}, number {text} NOT NULL UNIQUE, room {text}, deleted_on {tstz})")
		}
		w.configure(students)
		var rows []string
		for i := range 200 {
			rows = append(rows, fmt.Sprintf("S%03d|%03d", i, i))
		}
		for chunk := range slices.Chunk(rows, 50) {
			w.values("src_student", chunk...)
		}
		base := w.load()
		students.columns = strings.Replace(students.columns, "row.room", `"${row.room} A"`, 1)
		w.configure(students, guests)
		p := w.compared(base)
		w.wantEffect(p, "both sync.student: only insert 200; gone insert 200", "added sync.guest: only insert 200; gone nothing")
		for _, s := range p.Comparison.Syncs {
			for side, changes := range map[string][]plan.Change{"only": s.OnlyExcerpt, "gone": s.GoneExcerpt} {
				if side == "gone" && s.Presence == plan.Added {
					continue // there was nothing
				}
				var shown []string
				for _, c := range changes {
					for _, column := range c.Columns {
						if column.Column == "room" {
							shown = append(shown, column.After.Text)
						}
					}
				}
				if len(shown) < 20 || len(shown) >= 100 {
					t.Fatalf("%s of %s: %d are shown", side, s.Sync, len(shown))
				}
				// By chance alone, of 20 out of 200 at least one is among the last 100 in all but one of 10⁶ plans.
				if slices.Max(shown) < "100" || slices.IsSorted(shown) {
					t.Errorf("%s of %s: those with the first keys are shown, or in their order: %q", side, s.Sync, shown)
				}
			}
		}
	})
}
