package register_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/register"
)

func TestNewerExecuted(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		created := time.Date(2026, 9, 1, 0, 0, 0, 123456000, time.UTC)
		insert := func(id string, after time.Duration, applied time.Time, syncs ...string) {
			w.Helper()
			p := &register.Plan{
				ID: id, CreatedOn: created.Add(after), CreatedBy: "ada", ConfigDigest: "c", ExpiresOn: created.Add(72 * time.Hour), Status: register.Ready, Digest: "d",
			}
			for _, sync := range syncs {
				p.Syncs = append(p.Syncs, register.SyncSummary{Sync: sync})
			}
			w.must(w.r.InsertPlan(w.Context(), w.conn, p))
			if !applied.IsZero() {
				w.must(w.r.InsertExecution(w.Context(), w.conn, register.Execution{PlanID: id, ExecutedOn: applied, ExecutedBy: "ada"}))
			}
		}
		want := func(want *register.Newer, syncs ...string) {
			w.Helper()
			got, err := w.r.NewerExecuted(w.Context(), w.conn, created, syncs)
			w.must(err)
			if diff := cmp.Diff(want, got); diff != "" {
				w.Errorf("of %v (-want +got):\n%s", syncs, diff)
			}
		}
		later := created.Add(time.Hour)
		want(nil, "sync.a")
		insert("00000000-0000-4000-8000-000000000001", -time.Microsecond, later, "sync.a")
		insert("00000000-0000-4000-8000-000000000002", 0, later.Add(1), "sync.a")
		insert("00000000-0000-4000-8000-000000000003", time.Minute, time.Time{}, "sync.a")
		insert("00000000-0000-4000-8000-000000000004", time.Minute, later.Add(time.Second), "sync.b")
		want(nil, "sync.a", "sync.c")
		insert("00000000-0000-4000-8000-000000000005", time.Microsecond, later.Add(time.Minute), "sync.d", "sync.a")
		want(&register.Newer{PlanID: "00000000-0000-4000-8000-000000000005", CreatedOn: created.Add(time.Microsecond), Sync: "sync.a"}, "sync.c", "sync.a")
		// Of several it is the newest.
		insert("00000000-0000-4000-8000-000000000006", time.Hour, later.Add(time.Hour), "sync.a")
		want(&register.Newer{PlanID: "00000000-0000-4000-8000-000000000006", CreatedOn: later, Sync: "sync.a"}, "sync.a")
		// Whoever applied it may have had a clock that is behind.
		insert("00000000-0000-4000-8000-000000000007", 2*time.Hour, created.Add(-time.Hour), "sync.e")
		want(&register.Newer{PlanID: "00000000-0000-4000-8000-000000000007", CreatedOn: created.Add(2 * time.Hour), Sync: "sync.e"}, "sync.e")
	})
}
