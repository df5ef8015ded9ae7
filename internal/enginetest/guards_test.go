package enginetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// tryOverride applies a plan that is held, saying why.
func (w *world) tryOverride(p *plan.Plan, reason string) error {
	w.Helper()
	now := w.now
	_, err := apply.Apply(w.Context(), w.load(), p, apply.Options{
		Providers: known(), LockTimeout: 20 * time.Second, AppliedBy: "Dean", Now: func() time.Time { return now }, Override: reason,
	})
	if err == nil {
		w.now = w.now.Add(time.Minute)
	}
	return err
}

// Each limit, as a count and as a share, at its boundary: of 10 live rows and 4 archived ones, 4 are
// archived, 2 updated, 1 undeleted, 2 purged; 3 records are inserted, and 1 of 10 is rejected.
func TestEachLimit(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring+"    purge_after = \"365d\"\n")
		w.edit("  guard {", "  assert \"taught\" {\n    condition = row.hours >= 0\n    message   = \"no hours\"\n  }\n  guard {")
		for i := range 10 {
			w.course(fmt.Sprintf("C%d", i), "Same", 1)
		}
		w.applied("insert 10")
		for i, gone := range []string{"2020-01-01", "2020-01-01", "2026-08-31", "2026-08-31"} {
			w.exec(w.dest, fmt.Sprintf("INSERT INTO course (code, title, hours, origin, gone_on) VALUES ('G%d', 'Gone', %d, 'OURS', '%s 00:00:00Z')", i, i, gone))
		}
		w.exec(w.source, "DELETE FROM src_course WHERE code IN ('C0', 'C1', 'C2', 'C3')")
		w.exec(w.source, "UPDATE src_course SET title = 'Changed' WHERE code IN ('C4', 'C5')")
		w.exec(w.source, "UPDATE src_course SET hours = -1 WHERE code = 'C6'")
		w.course("G2", "Back", 1)
		for i := range 3 {
			w.course(fmt.Sprintf("N%d", i), "New", i)
		}
		w.wantCounts(w.plan(), "insert 3, update 2, archive 4, undelete 1, purge 2")
		for _, test := range []struct {
			limit, value string
			held         string // "" for not
		}{
			{"max_insert", `3`, ""},
			{"max_insert", `2`, "3 rows would be touched by insert, max_insert allows 2"},
			{"max_insert", `"30%"`, ""},
			{"max_insert", `"29.9%"`, "3 of 10 rows would be touched by insert, max_insert allows 29.9%"},
			{"max_update", `2`, ""},
			{"max_update", `1`, "2 rows would be touched by update, max_update allows 1"},
			{"max_update", `"20%"`, ""},
			{"max_update", `"19%"`, "2 of 10 rows would be touched by update, max_update allows 19%"},
			{"max_delete", `4`, ""},
			{"max_delete", `3`, "4 rows would be touched by delete, max_delete allows 3"},
			{"max_delete", `"40%"`, ""},
			{"max_delete", `"39%"`, "4 of 10 rows would be touched by delete, max_delete allows 39%"},
			{"max_undelete", `1`, ""},
			{"max_undelete", `0`, "1 rows would be touched by undelete, max_undelete allows 0"},
			{"max_undelete", `"10%"`, ""},
			{"max_undelete", `"9%"`, "1 of 10 rows would be touched by undelete, max_undelete allows 9%"},
			{"max_purge", `2`, ""},
			{"max_purge", `1`, "2 archived rows would be touched by purge, max_purge allows 1"},
			{"max_purge", `"50%"`, ""},
			{"max_purge", `"49%"`, "2 of 4 archived rows would be touched by purge, max_purge allows 49%"},
			{"max_reject", `1`, ""},
			{"max_reject", `0`, "1 records are rejected, max_reject allows 0"},
			{"max_reject", `"10%"`, ""},
			{"max_reject", `"9%"`, "1 of 10 records are rejected, max_reject allows 9%"},
			{"min_source_rows", `10`, ""},
			{"min_source_rows", `11`, "the source has 10 rows, min_source_rows asks for 11"},
			{"min_source_ratio", `"100%"`, ""},
		} {
			arguments := map[string]string{"max_delete": `"100%"`, "max_reject": `"100%"`}
			arguments[test.limit] = test.value
			lines := ""
			for name, value := range arguments {
				lines += "    " + name + " = " + value + "\n"
			}
			before, rest, _ := strings.Cut(string(w.load().Files["main.hcl"]), "  guard {\n")
			_, after, _ := strings.Cut(rest, "  }\n")
			w.write("main.hcl", before+"  guard {\n"+lines+"  }\n"+after)
			if held := w.plan().Syncs()[0].Held; held != test.held {
				t.Errorf("%s = %s: held = %q, want %q", test.limit, test.value, held, test.held)
			}
		}
	})
}

// What holds where nothing is written, and what a faculty and the registrar block say.
func TestGuardDefaults(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.edit("    max_delete = \"100%\"\n    max_reject = \"100%\"\n", "")
		w.edit("  guard {", "  faculty = faculty.arts\n  assert \"taught\" {\n    condition = row.hours > 0\n    message   = \"no hours\"\n  }\n  guard {")
		w.write("faculty.hcl", "faculty \"arts\" {\n  name = \"Arts\"\n}\n")
		held := func(want string) {
			t.Helper()
			if held := w.plan().Syncs()[0].Held; held != want {
				t.Fatalf("held = %q, want %q", held, want)
			}
		}
		held("")
		for i := range 9 {
			w.course(fmt.Sprintf("C%d", i), fmt.Sprint("Title ", i), 1)
		}
		w.applied("insert 9")
		// A share of a handful is no measure, but nothing is never all.
		w.exec(w.source, "DELETE FROM src_course WHERE code > 'C0'")
		held("")
		w.exec(w.source, "DELETE FROM src_course")
		held("the source has 0 rows, min_source_rows asks for 1")
		for i := range 10 {
			w.course(fmt.Sprintf("C%d", i), fmt.Sprint("Title ", i), 1)
		}
		w.applied("insert 1")
		w.exec(w.source, "DELETE FROM src_course WHERE code >= 'C7'")
		held("")
		w.exec(w.source, "DELETE FROM src_course WHERE code >= 'C6'")
		held("4 of 10 rows would be touched by delete, max_delete allows 30%")
		w.write("registrar.hcl", "registrar {\n  guard {\n    max_delete = \"40%\"\n  }\n}\n")
		held("")
		w.write("faculty.hcl", "faculty \"arts\" {\n  name = \"Arts\"\n  guard {\n    max_delete = 3\n  }\n}\n")
		held("4 rows would be touched by delete, max_delete allows 3")
		w.edit("  guard {", "  guard {\n    max_delete = 4")
		held("")
		// 5 % of rejects.
		for i := range 14 {
			w.course(fmt.Sprintf("N%d", i), "New", i) // one without hours
		}
		held("")
		w.course("O", "Another", 0)
		held("2 of 21 records are rejected, max_reject allows 5%")
	})
}

// The ratio is to what the last plan that was applied had read, whether or not others were
// made since.
func TestMinSourceRatio(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.edit("max_reject", "min_source_ratio = \"80%\"\n    max_reject")
		fill := func(n int) {
			t.Helper()
			w.exec(w.source, "DELETE FROM src_course")
			for i := range n {
				w.course(fmt.Sprintf("C%02d", i), fmt.Sprint("Title ", i), 1)
			}
		}
		fill(10)
		w.plan() // not applied: not known
		fill(5)
		w.apply(w.plan())
		fill(20)
		w.apply(w.plan())
		fill(40)
		w.plan()
		fill(16)
		if p := w.plan(); p.Held() {
			t.Errorf("16 of 20: %q", p.Syncs()[0].Held)
		}
		fill(15)
		p := w.plan()
		if held := p.Syncs()[0].Held; held != "the source has 15 rows, the last applied plan's had 20: min_source_ratio asks for 80%" {
			t.Errorf("15 of 20: %q", held)
		}
		// Overridden, it is what the next is measured by.
		w.must(w.tryOverride(p, "half of them graduated"))
		w.settled()
	})
}

func TestOverride(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.edit("max_delete = \"100%\"", "max_delete = 0")
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		p := w.plan()
		if err := w.tryOverride(p, "why not"); err == nil || !strings.Contains(err.Error(), "nothing to override") {
			t.Errorf("override of a plan that is not held: %v", err)
		}
		w.apply(p)
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		first, second := w.plan(), w.plan()
		var held *apply.HeldError
		if _, err := w.tryApply(first); !errors.As(err, &held) {
			t.Errorf("apply of a held plan: %v", err)
		}
		w.wantRowsOf("SELECT count(*) FROM "+w.registerTable("override"), "0")
		w.must(w.tryOverride(first, "A is taught no more"))
		w.inRegister(func(r register.Register, q providers.Querier) {
			o, err := r.Override(t.Context(), q, first.ID)
			w.must(err)
			if o == nil || o.OverriddenBy != "Dean" || o.Reason != "A is taught no more" || o.OverriddenOn.IsZero() {
				t.Errorf("recorded: %+v", o)
			}
		})
		// It is for that plan alone.
		if _, err := w.tryApply(second); !errors.As(err, &held) {
			t.Errorf("apply of another held plan: %v", err)
		}
		if err := w.tryOverride(second, "again"); err == nil || !strings.Contains(err.Error(), "stale") {
			t.Errorf("override of a stale plan: %v", err)
		}
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'B'")
		w.course("C", "Chemistry", 1)
		if p := w.plan(); !p.Held() {
			t.Error("the next plan is not held")
		}
		w.wantRowsOf("SELECT count(*) FROM "+w.registerTable("override"), "1")
		// What the file says counts as little as its name.
		third := w.plan()
		third.Destinations[0].Syncs[0].Held = ""
		if _, err := w.tryApply(third); err == nil || !strings.Contains(err.Error(), "do not agree on whether it is held") {
			t.Errorf("apply of a held plan whose file says otherwise: %v", err)
		}
	})
}

// Rows that others refer to cannot be deleted, whatever anyone says.
func TestBlockedPlanCannotBeOverridden(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, removing)
		w.define("mark", "course_id int REFERENCES course (id)", "points int")
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		w.applied("insert 2")
		w.exec(w.dest, "INSERT INTO mark SELECT id, 15 FROM course WHERE code = 'A'")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		p := w.plan()
		s := p.Syncs()[0]
		if !p.Blocked() || !strings.Contains(s.Blocked, "1 rows of table mark refer to 1 of the rows that would be touched by delete") {
			t.Errorf("blocked = %q", s.Blocked)
		}
		var held *apply.HeldError
		if err := w.tryOverride(p, "they are mine"); !errors.As(err, &held) || !strings.Contains(err.Error(), "No override helps") {
			t.Errorf("override of a blocked plan: %v", err)
		}
		w.wantRowsOf("SELECT count(*) FROM course", "2")
		w.wantRowsOf("SELECT count(*) FROM "+w.registerTable("override"), "0")
	})
}
