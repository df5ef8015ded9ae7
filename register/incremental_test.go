package register_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/register"
)

func TestLastApplied(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		hour := func(n int) time.Time { return day.Add(time.Duration(n) * time.Hour) }
		// of is a sync as a plan knew it that was made after another, when the last execution was at seen.
		of := func(sync, after string, seen time.Time) register.SyncSummary {
			return register.SyncSummary{Sync: sync, Incremental: &register.Incremental{Mode: register.ReadAll, After: after, SeenOn: seen}}
		}
		last := func(want map[string]string, syncs ...string) {
			t.Helper()
			found, err := w.r.LastApplied(w.Context(), w.conn, syncs)
			w.must(err)
			got := map[string]string{}
			for sync, one := range found {
				if got[sync] = one.PlanID; one.Overtaken {
					got[sync] += ", overtaken"
				}
				if one.Incremental == nil {
					got[sync] += ", read whole"
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", syncs, diff)
			}
		}
		last(map[string]string{}, "sync.a")
		w.plan("a1", hour(1), of("sync.a", "", time.Time{}), register.SyncSummary{Sync: "sync.plain"})
		w.plan("never", time.Time{}, of("sync.a", "a1", hour(1)))
		last(map[string]string{"sync.a": "a1", "sync.plain": "a1, read whole"}, "sync.a", "sync.plain", "sync.none")
		w.plan("a2", hour(2), of("sync.a", "a1", hour(1)), of("sync.b", "", hour(1)))
		last(map[string]string{"sync.a": "a2", "sync.b": "a2"}, "sync.a", "sync.b")
		w.plan("a3", hour(3), of("sync.a", "a1", hour(1)))
		last(map[string]string{"sync.a": "a3, overtaken", "sync.b": "a2"}, "sync.a", "sync.b")

		// Behind several pages, and no further than it can matter: the plan before is not looked for.
		w.plan("b1", hour(4), of("sync.b", "pruned", hour(3)))
		for i := range 100 {
			w.plan(fmt.Sprintf("c%d", i), hour(5+i), of("sync.c", "", hour(200)))
		}
		last(map[string]string{"sync.a": "a3, overtaken", "sync.b": "b1", "sync.c": "c99"}, "sync.a", "sync.b", "sync.c")
	})
}

// The source's size is that of the last full comparison.
func TestLastSourceRowsOfPartialPlans(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		w.plan("full", day, register.SyncSummary{Sync: "sync.a", SourceRows: 100, Incremental: &register.Incremental{Mode: register.ReadAll, FullRows: 100}})
		w.plan("partial", day.Add(time.Hour), register.SyncSummary{Sync: "sync.a", SourceRows: 2, Incremental: &register.Incremental{Mode: register.ReadChanged, FullRows: 100}})
		got, err := w.r.LastSourceRows(w.Context(), w.conn, []string{"sync.a"})
		w.must(err)
		if got["sync.a"] != 100 {
			t.Errorf("the source had %d rows, want 100", got["sync.a"])
		}
	})
}
