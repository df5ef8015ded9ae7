package register_test

import (
	"errors"
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
		w.fill("plan 7", 3)
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
			{hour(50), 5, 1, []string{"pause|sync.a", "pause|sync.c", "run|a3", "run|b2", "run|c"}},
			{hour(1000), 0, 1, []string{"pause|sync.a", "run|a3", "run|b2", "run|c"}},
		} {
			runs, pauses, err := w.r.PruneRuns(w.Context(), w.conn, test.before, hour(1000))
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

// What a killed process left goes once that is certain, unless it is of a slot, which is taken over; beats go with their run,
// and when it ends.
func TestPruneLeft(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		begin := func(id string, began time.Time, slot time.Time) *register.Run {
			t.Helper()
			run, err := w.r.BeginRun(w.Context(), w.conn, register.Run{ID: id, RunID: id, Unit: "all", Slot: slot, StartedOn: began, StartedBy: "ada"})
			w.must(errors.Join(err, w.r.Beat(w.Context(), w.conn, id)))
			return run
		}
		now := day.Add(100 * time.Hour)
		begin("killed", day, time.Time{})
		begin("killed at a slot", day, day)
		begin("perhaps alive", now.Add(-23*time.Hour), time.Time{})
		ended := begin("ended", now, time.Time{})
		ended.Status, ended.EndedOn = register.RunApplied, now
		w.must(w.r.EndRun(w.Context(), w.conn, *ended))
		for _, test := range []struct {
			before time.Time
			want   []string
		}{
			{day, []string{"beats|killed", "beats|killed at a slot", "beats|perhaps alive", "run|ended", "run|killed", "run|killed at a slot", "run|perhaps alive"}},
			{now, []string{"beats|killed at a slot", "beats|perhaps alive", "run|ended", "run|killed at a slot", "run|perhaps alive"}},
		} {
			_, _, err := w.r.PruneRuns(w.Context(), w.conn, test.before, now)
			w.must(err)
			if diff := cmp.Diff(test.want, w.rows(`SELECT 'beats', id FROM {run_beat} UNION ALL SELECT 'run', id FROM {run} ORDER BY 1, 2`)); diff != "" {
				t.Errorf("before %s (-want +got):\n%s", test.before, diff)
			}
		}
	})
}

// What was run of a slot is known for as long as anybody may ask for that slot, however much is pruned, and whatever was run
// besides: else it would be run once more.
func TestPruneKeepsSlots(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		const days = 24 * time.Hour
		now := day.Add(400 * days)
		ran := func(unit, schedule string, slot, ended time.Time) register.Run {
			t.Helper()
			run := register.Run{ID: fmt.Sprint(unit, schedule, ended.Unix()), RunID: "r", Unit: unit, Schedule: schedule, Slot: slot, StartedOn: ended.Add(-time.Minute), StartedBy: "ada"}
			if schedule != "" {
				run.ID = register.SlotID(schedule, unit, slot)
			}
			begun, err := w.r.BeginRun(w.Context(), w.conn, run)
			w.must(err)
			begun.Status, begun.EndedOn = register.RunApplied, ended
			w.must(w.r.EndRun(w.Context(), w.conn, *begun))
			return run
		}
		slot := func(unit, schedule string, ago time.Duration) register.Run {
			return ran(unit, schedule, now.Add(-ago), now.Add(-ago+time.Minute))
		}
		known := map[string]register.Run{
			"the latest but for a manual one":  slot("sync.a", "schedule.x", 300*days),
			"the other schedule's latest":      slot("sync.a", "schedule.y", 310*days),
			"31 days old":                      slot("sync.b", "schedule.x", 31*days),
			"34 days old":                      slot("sync.b", "schedule.x", 34*days),
			"old, and delayed until last week": ran("sync.b", "schedule.x", now.Add(-90*days), now.Add(-7*days)),
			"the latest":                       slot("sync.b", "schedule.x", days),
		}
		gone := map[string]register.Run{
			"of sync.a before": slot("sync.a", "schedule.x", 301*days),
			"36 days old":      slot("sync.b", "schedule.x", 36*days),
		}
		ran("sync.a", "", time.Time{}, now.Add(-time.Hour)) // by hand
		ran("sync.b", "", time.Time{}, now.Add(-time.Hour))
		runs, _, err := w.r.PruneRuns(w.Context(), w.conn, now, now)
		w.must(err)
		if runs != int64(len(gone)) {
			t.Errorf("%d runs removed", runs)
		}
		for name, run := range known {
			again, err := w.r.BeginRun(w.Context(), w.conn, run)
			w.must(err)
			if again.Status != register.RunApplied {
				t.Errorf("%s: begun once more: %+v", name, again)
			}
		}
		for name, run := range gone {
			if found, err := w.r.Run(w.Context(), w.conn, run.ID); found != nil || err != nil {
				t.Errorf("%s: %+v, %v", name, found, err)
			}
		}
	})
}
