package run_test

import (
	"slices"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/run"
)

// Of a unit that failed in one of its destinations the result tells where it was applied, and its plan does the rest.
func TestFailedUnitAppliedInOneDestination(t *testing.T) {
	t.Parallel()
	w, other := twoPlaces(t)
	_, err := other.ExecContext(t.Context(), "CREATE TRIGGER no BEFORE INSERT ON site BEGIN SELECT RAISE(ABORT, 'no'); END")
	w.must(err)
	result := w.runAll()
	u := result.Units[0]
	if u.Outcome != run.Failed || !slices.Equal(u.Applied, []string{"destination.sqlite.main"}) || u.PlanID == "" {
		t.Fatalf("the unit is %s, applied in %q, of plan %q: %s", u.Outcome, u.Applied, u.PlanID, u.Message)
	}
	w.wantTable("room", "R1 Hall")
	_, err = other.ExecContext(t.Context(), "DROP TRIGGER no")
	w.must(err)
	cfg := w.load()
	p, err := plan.Recall(t.Context(), cfg, known(), u.PlanID)
	w.must(err)
	_, err = apply.Apply(t.Context(), cfg, p, apply.Options{Providers: known(), LockTimeout: time.Second, AppliedBy: "a person", Now: w.opts.Now})
	w.must(err)
	var rows int
	w.must(other.QueryRowContext(t.Context(), "SELECT count(*) FROM site").Scan(&rows))
	if rows != 1 {
		t.Errorf("%d rows in the second destination", rows)
	}
	if u := w.runAll().Units[0]; u.Outcome != run.Unchanged || u.Applied != nil {
		t.Errorf("the unit is %s, applied in %q", u.Outcome, u.Applied)
	}
}
