package register_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

func TestLastSourceRows(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		of := func(sync string, rows int64) register.SyncSummary {
			return register.SyncSummary{Sync: sync, SourceRows: rows}
		}
		hour := func(n int) time.Time { return day.Add(time.Duration(n) * time.Hour) }
		last := func(want map[string]int64, syncs ...string) {
			t.Helper()
			got, err := w.r.LastSourceRows(w.Context(), w.conn, syncs)
			w.must(err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", syncs, diff)
			}
		}
		last(map[string]int64{}, "sync.a")

		// Written in another order than applied: only the latter counts.
		w.plan("new", hour(200), of("sync.a", 30), of(`sync.b["x"]`, 0))
		w.plan("old", hour(0), of("sync.a", 10), of("sync.c", 7), of("sync.rare", 1))
		w.plan("unapplied", time.Time{}, of("sync.a", 99), of("sync.d", 99))
		last(map[string]int64{"sync.a": 30, `sync.b["x"]`: 0, "sync.c": 7}, "sync.a", `sync.b["x"]`, "sync.c", "sync.d", "sync.a")
		last(map[string]int64{})

		// What was distrusted is passed over, however often.
		for i := range 3 {
			short := of("sync.short", 1)
			if short.SourceRows = 9; i > 0 {
				short.SourceRows, short.HeldBack = 1, map[config.Operation]int64{config.Delete: 8}
			}
			w.plan(fmt.Sprintf("short %d", i), hour(201+i), short)
		}
		last(map[string]int64{"sync.short": 9}, "sync.short")

		// A history of several pages; what is wanted is the last of a page, and the first of the next.
		for i := range 150 {
			w.plan(fmt.Sprintf("plan %d", i), hour(i+1), of("sync.c", int64(1000+i)))
			if i == 5 || i == 6 || i == 69 || i == 70 {
				last(map[string]int64{"sync.a": 30, "sync.rare": 1}, "sync.a", "sync.rare", "sync.none")
			}
		}
		last(map[string]int64{"sync.a": 30, "sync.c": 1149, "sync.rare": 1}, "sync.a", "sync.c", "sync.rare")
	})
}
