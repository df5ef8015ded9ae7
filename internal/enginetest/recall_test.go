package enginetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
)

const heldByCheck = `
check "untaught" {
  severity = "error"
  code     = "w9"
  source   = source.ENGINE.main
  query    = "SELECT code, title FROM src_course WHERE hours <= :hours ORDER BY code"
  params   = { hours = 0 }
  message  = "${row.code}: ${row.title} has no hours"
  key      = ["code"]
  blocks   = [sync.courses]
}
`

func (w *world) recall(id string) (*plan.Plan, error) {
	w.Helper()
	return plan.Recall(w.Context(), w.load(), known(), id)
}

// wantRecalled asserts that the registers give a plan back as it was made.
func (w *world) wantRecalled(p *plan.Plan) *plan.Plan {
	w.Helper()
	again, err := w.recall(p.ID)
	w.must(err)
	// As the file would have it, which is what a plan is.
	want, err := json.MarshalIndent(p, "", " ")
	w.must(err)
	got, err := json.MarshalIndent(again, "", " ")
	w.must(err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		w.Errorf("recalled (-made +recalled):\n%s", diff)
	}
	return again
}

// A plan that is recalled is the one that was made, findings and masks included, and is applied as it would be by its file.
func TestRecall(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := checked(t, e, heldByCheck)
		p := w.plan()
		again := w.wantRecalled(p)
		if len(again.Destinations[0].Checks[0].Notices) != 2 || len(again.Destinations[0].Excerpt) != 3 {
			t.Errorf("recalled %+v", again.Destinations[0])
		}
		var held *apply.HeldError
		if _, err := w.tryApply(again); !errors.As(err, &held) || !strings.Contains(err.Error(), "registrar apply "+p.ID+" --override") {
			t.Errorf("a held plan: %v", err)
		}
		w.wantCourses()
		other := w.plan()
		if _, err := w.recall("00000000-0000-4000-8000-ffffffffffff"); !errorIs[*plan.UnknownError](err) {
			t.Errorf("no plan: %v", err)
		}
		// What the register keeps of another plan is not this one's.
		w.wantRecalled(other)
		// Applied with a reason, once.
		w.must(w.override(again, "they are seminars"))
		if err := w.override(w.wantRecalledApplied(p.ID), "again"); !errorIs[*apply.AppliedError](err) {
			t.Errorf("applied twice: %v", err)
		}
	})
}

func (w *world) wantRecalledApplied(id string) *plan.Plan {
	w.Helper()
	p, err := w.recall(id)
	w.must(err)
	return p
}

func (w *world) override(p *plan.Plan, reason string) error {
	w.Helper()
	opts := w.applyOptions()
	opts.Override = reason
	_, err := apply.Apply(w.Context(), w.load(), p, opts)
	return err
}

func errorIs[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// Of several destinations all that the plan writes to must hold their part.
func TestRecallWhole(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, second := twoRooms(t, e)
		w.room("R1", "One", 1)
		both := w.plan()
		w.wantRecalled(both)
		w.target = []string{"sync.more"}
		alone := w.plan()
		w.wantRecalled(alone)
		// The other register need not be there for a plan that it has no part of.
		down := w.load()
		down.Destinations[0].Provider = "none"
		recall := func(id string) (*plan.Plan, error) { return plan.Recall(w.Context(), down, known(), id) }
		if _, err := recall(both.ID); err == nil || !strings.Contains(err.Error(), "look for plan "+both.ID) {
			t.Errorf("a destination that is down: %v", err)
		}
		if p, err := recall(alone.ID); err != nil || len(p.Destinations) != 1 {
			t.Errorf("a plan of the other destination: %v", err)
		}
		if _, err := recall("00000000-0000-4000-8000-ffffffffffff"); err == nil || errorIs[*plan.UnknownError](err) {
			t.Errorf("a plan that the destination that is down may hold: %v", err)
		}
		w.exec(second, "DELETE FROM "+w.registerTable("plan")+" WHERE id = '"+both.ID+"'")
		if _, err := w.recall(both.ID); err == nil || !strings.Contains(err.Error(), "does not hold it") {
			t.Errorf("a plan of which a part is gone: %v", err)
		}
		// As registers of version 4 have it.
		old := w.rows(w.dest, "SELECT summary FROM "+w.registerTable("plan")+" WHERE id = '"+both.ID+"'")[0]
		var list []map[string]any
		w.must(json.Unmarshal([]byte(old), &list))
		delete(list[0], "plan")
		text4, err := json.Marshal(list)
		w.must(err)
		w.exec(w.dest, fmt.Sprintf("UPDATE %s SET summary = '%s' WHERE id = '%s'", w.registerTable("plan"), text4, both.ID))
		if _, err := w.recall(both.ID); err == nil || !strings.Contains(err.Error(), "made by an older registrar") {
			t.Errorf("a plan of an older registrar: %v", err)
		}
	})
}
