package register_test

import (
	"slices"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/register"
)

// Beats are counted for each run, and get in nobody's way: not while a transaction is at work that ends the run.
func TestBeats(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		want := func(id string, beats int64) {
			t.Helper()
			if got, err := w.r.Beats(w.Context(), w.conn, id); got != beats || err != nil {
				t.Errorf("%s: %d beats, %v, want %d", id, got, err, beats)
			}
		}
		run, err := w.r.BeginRun(w.Context(), w.conn, slotRun("ada"))
		w.must(err)
		want(run.ID, 0)
		for beats := range int64(3) {
			w.must(w.r.Beat(w.Context(), w.conn, run.ID))
			want(run.ID, beats+1)
		}
		w.must(w.r.Beat(w.Context(), w.conn, "other"))
		want(run.ID, 3)
		if rows := w.rows("SELECT id, beats FROM {run_beat} WHERE id = 'other'"); !slices.Equal(rows, []string{"other|1"}) {
			t.Errorf("recorded %q", rows)
		}
		if w.engine == "sqlite" {
			return // who writes keeps all others from writing
		}
		tx, err := w.d.Begin(w.Context(), w.conn, time.Second)
		w.must(err)
		defer tx.Rollback()
		_, err = w.r.Meta(w.Context(), tx) // its snapshot
		w.must(err)
		other, err := w.d.Conn(w.Context())
		w.must(err)
		defer other.Close()
		w.must(w.r.Beat(w.Context(), other, run.ID))
		run.Status, run.EndedOn = register.RunApplied, day
		w.must(w.r.EndRun(w.Context(), tx, *run))
		w.must(w.r.Beat(w.Context(), other, run.ID))
		w.must(tx.Commit())
		want(run.ID, 5)
	})
}
