package register_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/register"
)

// Whatever belongs to a plan goes with it, and nothing of another's.
func TestPrune(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		w.plan("applied", day)
		w.plan("expired", time.Time{})
		for _, id := range []string{"applied", "expired"} {
			w.must(w.r.InsertOverride(w.Context(), w.conn, register.Override{PlanID: id, OverriddenOn: day, OverriddenBy: "ada", Reason: "r"}))
			w.must(w.r.InsertFinding(w.Context(), w.conn, id, register.Finding{Sync: "check.a", Kind: register.Checked}))
			w.exec(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, "key") VALUES ('` + id + `', 1, 's', 't', 'purge', '{}')`)
		}
		left := func() []string {
			return w.rows(`SELECT 'plan', id FROM {plan} UNION ALL SELECT 'operation', plan_id FROM {operation} UNION ALL SELECT 'finding', plan_id FROM {finding}
UNION ALL SELECT 'override', plan_id FROM {override} UNION ALL SELECT 'execution', plan_id FROM {execution} ORDER BY 1, 2`)
		}
		for _, test := range []struct {
			before  time.Time
			history bool
			left    []string
		}{
			{day.Add(-24 * time.Hour), true, []string{
				"execution|applied", "finding|applied", "finding|expired", "operation|applied", "operation|expired", "override|applied", "override|expired", "plan|applied", "plan|expired",
			}},
			{day.Add(100 * time.Hour), false, []string{"execution|applied", "finding|applied", "operation|applied", "override|applied", "plan|applied"}},
			{day.Add(100 * time.Hour), true, nil},
		} {
			w.prune(test.before, test.history)
			if diff := cmp.Diff(test.left, left()); diff != "" {
				t.Errorf("before %s, history %v (-want +got):\n%s", test.before, test.history, diff)
			}
		}
	})
}

func (w *world) prune(before time.Time, history bool) (calls int, removed register.Pruned) {
	w.Helper()
	for more := true; more; calls++ {
		w.exec("BEGIN")
		some, err := w.r.PruneSome(w.Context(), w.conn, before, history)
		w.must(err)
		w.exec("COMMIT")
		removed.Plans += some.Plans
		removed.Operations += some.Operations
		more = some.More
	}
	return calls, removed
}

// A transaction removes so many plans, or operations, and no more; the oldest first, and each whole.
func TestPruneSome(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		const plans = 450
		w.exec("BEGIN")
		for i := range plans {
			w.plan(fmt.Sprint("plan ", i), time.Time{})
		}
		w.fill("plan 7", 0, 3)
		w.exec("COMMIT")
		if calls, removed := w.prune(day.Add(100*time.Hour), false); calls != 3 || removed.Plans != plans || removed.Operations != 3 {
			t.Errorf("%d calls removed %+v", calls, removed)
		}
		for _, id := range []string{"a", "b", "c"} {
			w.plan(id, time.Time{})
			w.exec(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, "key") WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
SELECT '` + id + `', i, 's', 't', 'purge', '{}' FROM n`)
		}
		some, err := w.r.PruneSome(w.Context(), w.conn, day.Add(100*time.Hour), false)
		w.must(err)
		if want := (register.Pruned{Plans: 2, Operations: 120_000, More: true}); some != want {
			t.Errorf("removed %+v, want %+v", some, want)
		}
		if diff := cmp.Diff([]string{"c|60000"}, w.rows("SELECT p.id, count(*) FROM {plan} AS p JOIN {operation} AS o ON o.plan_id = p.id GROUP BY p.id")); diff != "" {
			t.Errorf("left (-want +got):\n%s", diff)
		}
	})
}

// Runs go once they ended that long ago, but for the latest of their unit; pauses once they were resumed.
func TestPruneRuns(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		hour := func(n int) time.Time { return day.Add(time.Duration(n) * time.Hour) }
		run := func(id, unit string, started, ended int) {
			run, err := w.r.BeginRun(w.Context(), w.conn, register.Run{ID: id, RunID: id, Unit: unit, StartedOn: hour(started), StartedBy: "ada"})
			w.must(err)
			if ended == 0 {
				return
			}
			run.Status, run.EndedOn = register.RunApplied, hour(ended)
			w.must(w.r.EndRun(w.Context(), w.conn, *run))
		}
		run("a1", "sync.a", 1, 2)
		run("a2", "sync.a", 2, 3)
		run("a3", "sync.a", 3, 100)
		run("a4", "sync.a", 4, 0)
		run("b1", "sync.b", 1, 2)
		run("b2", "sync.b", 2, 3)
		run("b3", "sync.b", 4, 0)
		run("c", "all", 1, 2)
		for i, sync := range []string{"sync.a", "sync.b", "sync.c"} {
			w.must(w.r.Pause(w.Context(), w.conn, register.Pause{Sync: sync, PausedOn: day, PausedBy: "ada", Reason: "r"}))
			if i > 0 {
				w.must(w.r.Resume(w.Context(), w.conn, sync, hour(50*i-49), "ada"))
			}
		}
		for _, test := range []struct {
			before       time.Time
			runs, pauses int64
			left         []string
		}{
			{day, 0, 0, []string{"pause|sync.a", "pause|sync.b", "pause|sync.c", "run|a1", "run|a2", "run|a3", "run|a4", "run|b1", "run|b2", "run|b3", "run|c"}},
			{hour(50), 3, 1, []string{"pause|sync.a", "pause|sync.c", "run|a3", "run|a4", "run|b2", "run|b3", "run|c"}},
			{hour(1000), 0, 1, []string{"pause|sync.a", "run|a3", "run|a4", "run|b2", "run|b3", "run|c"}},
		} {
			runs, pauses, err := w.r.PruneRuns(w.Context(), w.conn, test.before)
			w.must(err)
			if runs != test.runs || pauses != test.pauses {
				t.Errorf("before %s: %d runs and %d pauses removed, want %d and %d", test.before, runs, pauses, test.runs, test.pauses)
			}
			if diff := cmp.Diff(test.left, w.rows(`SELECT 'pause', sync FROM {pause} UNION ALL SELECT 'run', id FROM {run} ORDER BY 1, 2`)); diff != "" {
				t.Errorf("before %s (-want +got):\n%s", test.before, diff)
			}
		}
	})
}
