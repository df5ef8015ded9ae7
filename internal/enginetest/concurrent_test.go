package enginetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// Of several applies of one plan at once exactly one wins; the others say why not.
func TestOneApplyWins(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		for i := range 50 {
			w.room(fmt.Sprintf("R%03d", i), "x", i)
		}
		p := w.plan()
		const contenders = 4
		outcomes := make([]error, contenders)
		var group sync.WaitGroup
		for i := range outcomes {
			group.Go(func() { _, outcomes[i] = w.tryApply(p) })
		}
		group.Wait()
		won := 0
		for _, err := range outcomes {
			var applied *apply.AppliedError
			switch {
			case err == nil:
				won++
			case !errors.As(err, &applied):
				t.Errorf("a loser was told: %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d applies won", won)
		}
		w.settled()
	})
}

// A key without an index is looked for after others' writes have ended, not before.
func TestUnenforcedKeyWaits(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		if !e.locksTables {
			return // such keys are refused: see TestBadData
		}
		w := rooms(t, e, archiving)
		w.exec(w.dest, "DROP TABLE room")
		w.exec(w.dest, "CREATE TABLE room (code "+e.types["text"]+", name "+e.types["text"]+", seats "+e.types["int"]+", origin "+e.types["text"]+", created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+")")
		w.write("main.hcl", strings.Replace(string(w.load().Files["main.hcl"]), "scope = {", "unenforced_key = true\n    scope = {", 1))
		w.room("R1", "One", 1)
		p := w.plan()
		other, err := w.dest.BeginTx(t.Context(), nil)
		w.must(err)
		_, err = other.ExecContext(t.Context(), "INSERT INTO room (code, origin) VALUES ('R1', 'A')")
		w.must(err)
		outcome := make(chan error, 1)
		go func() {
			_, err := w.tryApply(p)
			outcome <- err
		}()
		select {
		case err := <-outcome:
			t.Fatalf("apply did not wait for the other writer: %v", err)
		case <-time.After(time.Second):
		}
		w.must(other.Commit())
		var stale *apply.StaleError
		if err := <-outcome; !errors.As(err, &stale) {
			t.Errorf("apply = %v, want a stale plan", err)
		}
	})
}

// Two plans made from the same state cannot both be applied where they touch the
// same rows.
func TestSecondPlanIsStale(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.room("R1", "One", 1)
		first, second := w.plan(), w.plan()
		w.apply(first)
		_, err := w.tryApply(second)
		if _, ok := errors.AsType[*apply.StaleError](err); !ok {
			t.Errorf("apply of the second plan: %v", err)
		}
	})
}

// Plans made at once do not disturb one another, and leave no staging table.
func TestPlansAtOnce(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		for i := range 200 {
			w.room(fmt.Sprintf("R%03d", i), "x", i)
		}
		const planners = 6
		plans, errs := make([]*plan.Plan, planners), make([]error, planners)
		cfg := w.load()
		var group sync.WaitGroup
		for i := range plans {
			group.Go(func() { plans[i], errs[i] = plan.Make(t.Context(), cfg, w.options()) })
		}
		group.Wait()
		for i, p := range plans {
			w.must(errs[i])
			if got := p.Syncs()[0].Counts[config.Insert]; got != 200 {
				t.Errorf("plan %d inserts %d", i, got)
			}
			if p.Destinations[0].Digest != plans[0].Destinations[0].Digest {
				t.Error("plans of one state differ")
			}
		}
		w.wantNoStages()
	})
}

// stages lists the staging tables that others than their own connection see.
func (w *world) stages() []string {
	w.Helper()
	if w.engine.stages == "" {
		return nil
	}
	return w.rows(w.dest, w.engine.stages)
}

func (w *world) wantNoStages() {
	w.Helper()
	if left := w.stages(); len(left) > 0 {
		w.Errorf("staging tables were left: %v", left)
	}
}

// wantSwept asserts that plans drop what killed ones left. The server may notice a dead
// client only after a moment.
func (w *world) wantSwept() {
	w.Helper()
	for range 100 {
		if len(w.stages()) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
		w.plan()
	}
	w.wantNoStages()
}
