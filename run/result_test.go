package run_test

import (
	"testing"

	"github.com/registrar-sync/registrar/run"
)

// TestWorst takes the outcomes away from a run's units, one after the other, the worst first.
func TestWorst(t *testing.T) {
	t.Parallel()
	order := []run.Outcome{run.Failed, run.Held, run.Partial, run.Paused, run.Applied, run.Unchanged, run.Busy, run.Done}
	for i, want := range order {
		var r run.Result
		// Neither the first nor the last of them is taken for the worst.
		for _, o := range append(append([]run.Outcome{run.Done}, order[i:]...), run.Done) {
			r.Units = append(r.Units, run.UnitResult{Outcome: o})
		}
		if got := r.Worst(); got != want {
			t.Errorf("of %q the worst is %q, want %q", order[i:], got, want)
		}
	}
	if got := (&run.Result{}).Worst(); got != "" {
		t.Errorf("without units it is %q", got)
	}
}
