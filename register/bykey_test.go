package register_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/register"
)

// What was applied since makes a plan stale, however many plans of other syncs were applied after that.
func TestWaitingOfKeyInABusyRegister(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		made := func(id string, created, applied time.Time, syncs ...string) {
			w.Helper()
			p := &register.Plan{ID: id, CreatedOn: created, CreatedBy: "ada", ConfigDigest: "c", ExpiresOn: day.AddDate(1, 0, 0), Status: register.Ready, Digest: "d"}
			for _, sync := range syncs {
				p.Syncs = append(p.Syncs, register.SyncSummary{Sync: sync})
			}
			w.must(w.r.InsertPlan(w.Context(), w.conn, p))
			if !applied.IsZero() {
				w.must(w.r.InsertExecution(w.Context(), w.conn, register.Execution{PlanID: id, ExecutedOn: applied, ExecutedBy: "ada"}))
				return
			}
			w.exec(fmt.Sprintf(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, %[2]s) VALUES ('%[1]s', 1, 'sync.one', 'person', 'insert', '{"code": "P1"}')`,
				id, w.d.Dialect().Quote("key")))
		}
		at := func(minute int) time.Time { return day.Add(time.Duration(minute) * time.Minute) }
		waiting := func(want ...string) {
			w.Helper()
			found, err := w.r.WaitingOfKey(w.Context(), w.conn, "sync.one", []register.Document{{{Column: "code", Text: "P1"}}}, at(10))
			w.must(err)
			var got []string
			for i := range found {
				got = append(got, found[i].PlanID)
			}
			if !slices.Equal(got, want) {
				w.Errorf("waiting: %q, want %q", got, want)
			}
		}
		last := func(want string, beyond int) {
			w.Helper()
			found, n, err := w.r.LastPlanOf(w.Context(), w.conn, "sync.one")
			w.must(err)
			got := ""
			if found != nil {
				got = found.PlanID
			}
			if got != want || n != beyond {
				w.Errorf("the last plan is %q, beyond %d, want %q and %d", got, n, want, beyond)
			}
		}
		last("", 0)
		made("alone", at(0), time.Time{}, "sync.one")
		made("both", at(1), time.Time{}, "sync.one", "sync.two")
		waiting("both", "alone")
		// Another sync makes stale what has it, too, and nothing else.
		made("two", at(2), at(3), "sync.two")
		waiting("alone")
		last("", 0)
		// It was made before, and applied afterwards.
		made("early", at(-5), at(4), "sync.one")
		waiting()
		made("late", at(5), time.Time{}, "sync.one")
		waiting("late")
		made("ahead", at(6), at(-10), "sync.one") // by a clock that is behind
		waiting()
		made("latest", at(7), time.Time{}, "sync.one")
		waiting("latest")
		last("early", 0)

		w.exec("BEGIN")
		const depth = 584
		for i := range depth {
			made(fmt.Sprintf("busy %d", i), at(20+i), at(20+i), "sync.two")
			if i == depth-2 {
				last("early", 0)
			}
		}
		w.exec("COMMIT")
		waiting("latest")
		last("", depth)
	})
}
