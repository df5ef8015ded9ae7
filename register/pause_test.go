package register_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/register"
)

func TestPause(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		inForce := func(want ...register.Pause) {
			t.Helper()
			bySync := map[string]register.Pause{}
			for _, p := range want {
				bySync[p.Sync] = p
			}
			got, err := w.r.Pauses(w.Context(), w.conn)
			w.must(err)
			if diff := cmp.Diff(bySync, got); diff != "" {
				t.Errorf("in force (-want +got):\n%s", diff)
			}
		}
		inForce()
		a := register.Pause{Sync: `sync.a["é"]`, PausedOn: day, PausedBy: "ada", Reason: "the source is \"being mended\""}
		b := register.Pause{Sync: "sync.b", PausedOn: day, PausedBy: "bob", Reason: "r"}
		if err := w.r.Resume(w.Context(), w.conn, a.Sync, day, "ada"); !errors.Is(err, register.ErrNotPaused) {
			t.Errorf("resumed before: %v", err)
		}
		if err := w.r.Pause(w.Context(), w.conn, register.Pause{Sync: "sync.c", PausedOn: day, PausedBy: "ada"}); err == nil {
			t.Error("paused for no reason")
		}
		w.must(w.r.Pause(w.Context(), w.conn, a))
		w.must(w.r.Pause(w.Context(), w.conn, b))
		if err := w.r.Pause(w.Context(), w.conn, a); !errors.Is(err, register.ErrPaused) {
			t.Errorf("paused twice: %v", err)
		}
		inForce(a, b)
		w.must(w.r.Resume(w.Context(), w.conn, a.Sync, day.Add(time.Hour), "eve"))
		if err := w.r.Resume(w.Context(), w.conn, a.Sync, day, "ada"); !errors.Is(err, register.ErrNotPaused) {
			t.Errorf("resumed twice: %v", err)
		}
		inForce(b)
		again := register.Pause{Sync: a.Sync, PausedOn: day.Add(2 * time.Hour), PausedBy: "bob", Reason: "again"}
		w.must(w.r.Pause(w.Context(), w.conn, again))
		inForce(again, b)
		w.must(w.r.Resume(w.Context(), w.conn, a.Sync, day.Add(3*time.Hour), "ada"))
		inForce(b)
		rows := w.rows("SELECT sync, paused_by, resumed_by FROM {pause}")
		slices.Sort(rows)
		if !slices.Equal(rows, []string{a.Sync + "|ada|eve", a.Sync + "|bob|ada", "sync.b|bob|"}) {
			t.Errorf("recorded %q", rows)
		}
	})
}

// What two write at once the primary key keeps apart: a second pause in force cannot be.
func TestPausedAtOnce(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		w.must(w.r.Pause(w.Context(), w.conn, register.Pause{Sync: "sync.a", PausedOn: day, PausedBy: "ada", Reason: "r"}))
		// As one would write it that does not see the first.
		if _, err := w.conn.ExecContext(w.Context(), w.named("INSERT INTO {pause} (id, sync, paused_on, paused_by, reason) SELECT id, sync, paused_on, 'bob', reason FROM {pause}")); err == nil {
			t.Error("paused twice")
		}
	})
}
