package enginetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// undoable is a world of courses of which a plan inserted one, updated one and archived one.
func undoable(t *testing.T, e engine) (*world, *plan.Plan) {
	t.Helper()
	w := courses(t, e, retiring)
	w.course("A", "Algebra", 10)
	w.course("B", "Botany", 20)
	w.apply(w.plan())
	w.exec(w.source, "UPDATE src_course SET title = 'Geometry' WHERE code = 'A'")
	w.exec(w.source, "DELETE FROM src_course WHERE code = 'B'")
	w.course("C", "Chemistry", 30)
	p := w.plan()
	w.wantCounts(p, "insert 1, update 1, archive 1")
	w.apply(p)
	return w, p
}

func skipChanged(o *plan.RevertOptions) { o.SkipChanged = true }

func keys(list ...string) func(*plan.RevertOptions) {
	return func(o *plan.RevertOptions) { o.Keys = list }
}

// wantUndone asserts why what a plan did cannot be undone.
func (w *world) wantUndone(o plan.RevertOptions, want ...string) {
	w.Helper()
	_, err := w.tryRevert(o)
	if err == nil {
		w.Fatalf("revert succeeds, want an error with %q", want)
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			w.Errorf("revert = %v, want %q", err, part)
		}
	}
}

// A part is undone by the keys of its rows; who asks for another row than the plan's is told so.
func TestRevertKeys(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := undoable(t, e)
		w.wantUndone(plan.RevertOptions{PlanID: p.ID, Keys: []string{"A", "Z"}}, `did nothing to a row of the key "Z"`)
		r := w.revert(p, keys("B", "C"))
		w.wantCounts(r, "delete 1, undelete 1")
		w.apply(r)
		w.wantCourses("A|Geometry|10|∅|∅|OURS|u|-", "B|Botany|20|∅|∅|OURS|-|-")
		// The rest: what is undone already is nothing to do.
		r = w.revert(p)
		w.wantCounts(r, "update 1")
		w.apply(r)
		w.wantCourses("A|Algebra|10|∅|∅|OURS|-|-", "B|Botany|20|∅|∅|OURS|-|-")
		w.wantCounts(w.revert(p), "nothing")
	})
}

// A part is undone by its syncs.
func TestRevertSyncs(t *testing.T) {
	e := engines()[0]
	w := courses(t, e, retiring)
	w.define("room", "code text PRIMARY KEY", "title text", "hours int", "origin text", "created_on tstz", "updated_on tstz", "gone_on tstz")
	w.write("rooms.hcl", strings.Replace(w.courseSync("rooms", "OURS", retiring), `table = "course"`, `table = "room"`, 1))
	w.course("A", "Algebra", 10)
	p := w.plan()
	w.wantCounts(p, "insert 2")
	w.apply(p)
	only := func(sync string) func(*plan.RevertOptions) {
		return func(o *plan.RevertOptions) { o.Syncs = []string{sync} }
	}
	w.wantUndone(plan.RevertOptions{PlanID: p.ID, Keys: []string{"A"}}, "a key is of one sync", "sync.courses", "sync.rooms")
	w.wantUndone(plan.RevertOptions{PlanID: p.ID, Syncs: []string{"sync.cellars"}}, "Unknown target")
	r := w.revert(p, only("sync.rooms"), keys("A"))
	w.wantCounts(r, "delete 1")
	w.apply(r)
	w.wantRowsOf("SELECT count(*) FROM room", "0")
	w.wantRowsOf("SELECT count(*) FROM course", "1")

	// Another plan, and a configuration that has one of its syncs no more.
	w.write("rooms.hcl", "")
	w.wantUndone(plan.RevertOptions{PlanID: p.ID}, "the configuration has no sync.rooms any more")
	w.wantCounts(w.revert(p, only("sync.courses")), "delete 1")
}

// A row that is not as the plan left it is named, and nothing is planned, or it is left as it is.
func TestRevertChanged(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := undoable(t, e)
		w.exec(w.dest, "UPDATE course SET title = 'By hand' WHERE code = 'A'")
		w.exec(w.dest, "UPDATE course SET note = 'by hand' WHERE code = 'B'") // nothing that the plan wrote
		plans := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("plan"))
		_, err := w.tryRevert(plan.RevertOptions{PlanID: p.ID})
		changed, ok := errors.AsType[*plan.ChangedError](err)
		if !ok || len(changed.Syncs) != 1 || changed.Syncs[0].Changed.Rows != 1 || !slices.Equal(changed.Syncs[0].Changed.Keys, []string{`"A"`}) {
			t.Fatalf("revert = %v", err)
		}
		if now := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("plan")); !slices.Equal(now, plans) {
			t.Error("a plan was left in the register")
		}
		r := w.revert(p, skipChanged)
		w.wantCounts(r, "delete 1, undelete 1")
		w.wantNoticed(r, "sync.courses", "changed code=A (operation=update)")
		if r.Syncs()[0].Changed != 1 {
			t.Errorf("changed = %d", r.Syncs()[0].Changed)
		}
		w.apply(r)
		w.wantCourses("A|By hand|10|∅|∅|OURS|u|-", "B|Botany|20|∅|by hand|OURS|-|-")

		// What changes behind the revert is stale.
		r = w.revert(w.next())
		w.exec(w.dest, "UPDATE course SET hours = 99 WHERE code = 'A'")
		if _, err := w.tryApply(r); !errorIs[*apply.StaleError](err) {
			t.Errorf("apply = %v, want a stale plan", err)
		}
	})
}

// next makes the next plan and applies it.
func (w *world) next() *plan.Plan {
	w.Helper()
	p := w.plan()
	w.apply(p)
	return p
}

// Rows that were protected since, or whose key another one has taken, are as those that changed.
func TestRevertProtectedAndTaken(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, `
    on_missing = "delete"
    protect    = dest.frozen == 1
`)
		w.course("A", "Algebra", 10)
		w.course("B", "Botany", 20)
		w.apply(w.plan())
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.exec(w.source, "UPDATE src_course SET hours = 21")
		p := w.plan()
		w.wantCounts(p, "update 1, delete 1")
		w.apply(p)
		w.exec(w.dest, "UPDATE course SET frozen = 1")
		w.exec(w.dest, "INSERT INTO course (code, origin) VALUES ('A', 'HAND')")
		w.wantUndone(plan.RevertOptions{PlanID: p.ID}, `: 1 row is protected ("B"), 1 row's key is another's now ("A")`+"\n")
		w.exec(w.dest, "UPDATE course SET hours = 99 WHERE origin = 'OURS'") // changed counts before protected
		w.wantUndone(plan.RevertOptions{PlanID: p.ID}, `: 1 row is not as the plan left it ("B"), 1 row's key is another's now ("A")`+"\n")
		r := w.revert(p, skipChanged)
		w.wantCounts(r, "nothing")
		w.wantNoticed(r, "sync.courses", "changed code=A (operation=insert)", "changed code=B (operation=update)")
	})
}

// Rows that others refer to are not deleted: the plan is held, and no override helps.
func TestRevertOfParentIsBlocked(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := undoable(t, e)
		w.create(w.dest, "CREATE TABLE booking (course {int} REFERENCES course (id))", "INSERT INTO booking SELECT id FROM course WHERE code = 'C'")
		r := w.revert(p)
		if !r.Blocked() || !strings.Contains(r.Syncs()[0].Blocked, "refer") {
			t.Fatalf("blocked = %q", r.Syncs()[0].Blocked)
		}
		if _, err := w.tryApply(r); !errorIs[*apply.HeldError](err) {
			t.Errorf("apply = %v", err)
		}
	})
}

// Deleting a row must not let the database change others.
func TestRevertCascades(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := undoable(t, e)
		w.create(w.dest, "CREATE TABLE booking (course {int}, FOREIGN KEY (course) REFERENCES course (id) ON DELETE CASCADE)")
		if r := w.revert(p); !r.Blocked() || !strings.Contains(r.Syncs()[0].Blocked, "ON DELETE CASCADE") {
			t.Fatalf("blocked = %q", r.Syncs()[0].Blocked)
		}
		if r := w.revert(p, keys("A", "B")); r.Held() {
			t.Errorf("held = %q", r.Syncs()[0].Held)
		}
	})
}

// Guards judge a revert as any plan, but for what they say of the source.
func TestRevertGuards(t *testing.T) {
	e := engines()[0]
	w, p := undoable(t, e)
	w.edit(`max_delete = "100%"`, "max_delete = 0\n    on_breach = \"hold_deletes\"\n    min_source_rows = 100")
	p2 := w.revert(p)
	if held := p2.Syncs()[0].Held; !strings.Contains(held, "max_delete allows 0") || strings.Contains(held, "min_source_rows") || p2.HeldBack() {
		t.Fatalf("held = %q", held)
	}
	w.must(w.tryOverride(p2, "as agreed"))
	w.wantCourses("A|Algebra|10|∅|∅|OURS|-|-", "B|Botany|20|∅|∅|OURS|-|-")
}

// Only what was applied, and not elsewhere, can be undone.
func TestRevertOfNothing(t *testing.T) {
	e := engines()[0]
	w, _ := undoable(t, e)
	w.course("D", "Drama", 40)
	p := w.plan()
	w.wantUndone(plan.RevertOptions{PlanID: p.ID}, "it was not applied")
	w.wantUndone(plan.RevertOptions{PlanID: "00000000-0000-4000-8000-999999999999"}, "no register")
	w.apply(p)
	w.wantUndone(plan.RevertOptions{PlanID: w.next().ID}, "it has no operations")
}

// Applying a revert pauses its syncs in its transaction. One that is paused already is so for both reasons.
func TestRevertPauses(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := undoable(t, e)
		r := w.revert(p)
		result, err := w.tryApply(r)
		w.must(err)
		if got := result.Destinations[0].Paused; !slices.Equal(got, []string{"sync.courses"}) {
			t.Errorf("paused = %q", got)
		}
		pause := w.pauses()["sync.courses"]
		if want := fmt.Sprintf("plan %s was reverted", p.ID); pause.Reason != want || pause.PausedBy != "test" {
			t.Errorf("pause = %+v, want the reason %q", pause, want)
		}
		w.inRegister(func(r register.Register, q providers.Querier) {
			w.must(r.Resume(w.Context(), q, "sync.courses", w.now, "ann"))
			w.must(r.Pause(w.Context(), q, register.Pause{Sync: "sync.courses", PausedOn: w.now, PausedBy: "ann", Reason: "until Friday"}))
		})
		again := w.revert(r)
		result, err = w.tryApply(again)
		w.must(err)
		if got := result.Destinations[0].PausedBefore; !slices.Equal(got, []string{"sync.courses"}) {
			t.Errorf("paused before = %q", got)
		}
		pause = w.pauses()["sync.courses"]
		if want := fmt.Sprintf("plan %s was reverted; paused before that by ann: until Friday", r.ID); pause.Reason != want || pause.PausedBy != "test" {
			t.Errorf("pause = %+v, want the reason %q", pause, want)
		}
		w.wantRowsOf("SELECT count(*) FROM "+w.registerTable("pause"), "3")
	})
}

func (w *world) pauses() map[string]register.Pause {
	w.Helper()
	var found map[string]register.Pause
	w.inRegister(func(r register.Register, q providers.Querier) {
		var err error
		found, err = r.Pauses(w.Context(), q)
		w.must(err)
	})
	return found
}

// A masked key is named as the plan that is undone names it.
func TestRevertNamesMaskedKeys(t *testing.T) {
	w := newWorld(t, engines()[0])
	w.define("src_room", "code text", "name text")
	w.define("room", "code text NOT NULL PRIMARY KEY", "name text")
	w.configure(tableSync{name: "room", key: `"code"`, columns: "    code = row.code\n    name = row.name", lifecycle: `    on_missing = "keep"`, more: `  sensitive = ["code"]`})
	w.values("src_room", "R1|One", "R2|Two")
	p := w.next()
	w.exec(w.dest, "UPDATE room SET name = 'By hand'")
	_, err := w.tryRevert(plan.RevertOptions{PlanID: p.ID})
	changed, ok := errors.AsType[*plan.ChangedError](err)
	if !ok || changed.Syncs[0].Changed.Rows != 2 {
		t.Fatalf("revert = %v", err)
	}
	var want []string
	for _, d := range p.Destinations {
		for _, c := range d.Excerpt {
			want = append(want, c.Key[0].Hidden())
		}
	}
	got := slices.Clone(changed.Syncs[0].Changed.Keys)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || strings.Contains(err.Error(), "R1") {
		t.Errorf("keys = %q, want %q: %v", got, want, err)
	}
}
