package register_test

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/register"
)

// slotRun is of a slot of sync.a, begun by whom.
func slotRun(by string) register.Run {
	slot := time.Date(2026, 9, 2, 12, 0, 0, 0, time.UTC)
	return register.Run{
		ID: register.SlotID("schedule.nightly", `sync.a["x"]`, slot), RunID: "run of " + by, Unit: `sync.a["x"]`, Schedule: "schedule.nightly", Slot: slot,
		StartedOn: day, StartedBy: by,
	}
}

// The identity of a slot is written into registers: it stays what it is.
func TestSlotID(t *testing.T) {
	slot := time.Date(2026, 9, 2, 12, 0, 0, 0, time.UTC)
	const want = "82806881-0109-5c97-82bd-75b6777098f5"
	if got := register.SlotID("schedule.nightly", "sync.a", slot); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := register.SlotID("schedule.nightly", "sync.a", slot.In(time.FixedZone("", 7200))); got != want {
		t.Errorf("in another zone %s", got)
	}
	for _, other := range []string{
		register.SlotID("schedule.nightl", "ysync.a", slot), register.SlotID("schedule.nightly", "sync.b", slot), register.SlotID("schedule.nightly", "sync.a", slot.Add(time.Minute)),
	} {
		if other == want {
			t.Error("another slot has the same")
		}
	}
}

func TestRunIsRecorded(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		run := slotRun("ada")
		run.StartedOn = run.StartedOn.Add(789) // nanoseconds
		run.Status, run.Attempt, run.Message = register.RunFailed, 7, "no"
		begun, err := w.r.BeginRun(w.Context(), w.conn, run)
		w.must(err)
		want := slotRun("ada")
		want.Attempt, want.Status = 1, register.RunRunning
		if diff := cmp.Diff(&want, begun); diff != "" {
			t.Errorf("begun (-want +got):\n%s", diff)
		}
		without := register.Run{ID: "by hand", RunID: "r", Unit: "all", StartedOn: day.Add(time.Hour), StartedBy: "ada"}
		_, err = w.r.BeginRun(w.Context(), w.conn, without)
		w.must(err)
		without.Attempt, without.Status, without.EndedOn, without.PlanID = 1, register.RunHeld, day.Add(2*time.Hour), "p"
		without.Message = "é\x00 " + strings.Repeat("€", 2000)
		w.must(w.r.EndRun(w.Context(), w.conn, without))
		without.Message = "é\uFFFD " + strings.Repeat("€", (4000-6-3)/3) + "…"

		read := func(since time.Time, limit int) []register.Run {
			var runs []register.Run
			w.must(w.r.Runs(w.Context(), w.conn, since, limit, func(run *register.Run) error {
				runs = append(runs, *run)
				return nil
			}))
			return runs
		}
		if diff := cmp.Diff([]register.Run{without, want}, read(time.Time{}, 0)); diff != "" {
			t.Errorf("all (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]register.Run{without}, read(time.Time{}, 1)); diff != "" {
			t.Errorf("the latest (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]register.Run{without}, read(without.StartedOn, 0)); diff != "" {
			t.Errorf("since (-want +got):\n%s", diff)
		}
		boom := errors.New("boom")
		if err := w.r.Runs(w.Context(), w.conn, time.Time{}, 0, func(*register.Run) error { return boom }); !errors.Is(err, boom) {
			t.Errorf("the visitor's error: %v", err)
		}
	})
}

// A run that another process has taken over is not the former's to end, and one that has ended stays as it is.
func TestTakeOver(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		first, err := w.r.BeginRun(w.Context(), w.conn, slotRun("ada"))
		w.must(err)
		again := slotRun("bob")
		again.StartedOn = day.Add(time.Minute)
		for _, seen := range []int64{0, 2} {
			again.Attempt = seen
			if there, err := w.r.BeginRun(w.Context(), w.conn, again); !errors.Is(err, register.ErrRunning) || cmp.Diff(first, there) != "" {
				t.Errorf("whoever saw attempt %d begins it: %+v, %v", seen, there, err)
			}
		}
		again.Attempt = 1
		second, err := w.r.BeginRun(w.Context(), w.conn, again)
		w.must(err)
		again.Attempt, again.Status = 2, register.RunRunning
		if diff := cmp.Diff(&again, second); diff != "" {
			t.Errorf("taken over (-want +got):\n%s", diff)
		}
		end := func(run register.Run, status register.RunStatus) error {
			run.Status, run.EndedOn, run.PlanID = status, day.Add(time.Hour), "p"
			return w.r.EndRun(w.Context(), w.conn, run)
		}
		if err := end(*first, register.RunApplied); !errors.Is(err, register.ErrTakenOver) {
			t.Errorf("the former ends it: %v", err)
		}
		if err := end(*second, register.RunRunning); err == nil {
			t.Error("it ended as running")
		}
		w.must(end(*second, register.RunApplied))
		if err := end(*second, register.RunFailed); !errors.Is(err, register.ErrTakenOver) {
			t.Errorf("it ends twice: %v", err)
		}
		ended, err := w.r.BeginRun(w.Context(), w.conn, slotRun("eve"))
		w.must(err)
		again.Status, again.EndedOn, again.PlanID = register.RunApplied, day.Add(time.Hour), "p"
		if diff := cmp.Diff(&again, ended); diff != "" {
			t.Errorf("begun after its end (-want +got):\n%s", diff)
		}
		if rows := w.rows("SELECT attempt, status, started_by FROM {run}"); !slices.Equal(rows, []string{"2|applied|bob"}) {
			t.Errorf("recorded %q", rows)
		}
	})
}

// Of those that begin a run at once, or take it over, one does, whatever they see of each other.
func TestBeginAtOnce(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		const processes = 2
		for _, seen := range []int64{0, 1} {
			var all sync.WaitGroup
			attempts, failures := make([]int64, processes), make([]error, processes)
			for i := range processes {
				conn, err := w.d.Conn(w.Context())
				w.must(err)
				all.Go(func() {
					defer conn.Close()
					attempts[i], failures[i] = w.begin(conn, seen)
				})
			}
			all.Wait()
			slices.Sort(attempts)
			if err := errors.Join(failures...); !slices.Equal(attempts, []int64{0, seen + 1}) || !errors.Is(err, register.ErrRunning) {
				t.Errorf("of those that saw attempt %d: attempts %v, %v", seen, attempts, err)
			}
		}
	})
}

// begin begins a run in a transaction of its own, or takes over the attempt that was seen, again and again until that succeeds
// or somebody else has.
func (w *world) begin(conn *sql.Conn, seen int64) (attempt int64, err error) {
	for range 20 {
		var tx *sql.Tx
		if tx, err = w.d.Begin(w.Context(), conn, 10*time.Second); err != nil {
			return 0, err
		}
		mine := slotRun("ada")
		mine.Attempt = seen
		var run *register.Run
		if run, err = w.r.BeginRun(w.Context(), tx, mine); err != nil {
			_ = tx.Rollback()
			if errors.Is(err, register.ErrRunning) {
				return 0, err
			}
			continue
		}
		if err = tx.Commit(); err == nil {
			return run.Attempt, nil
		}
	}
	return 0, err
}

// A run that was taken over while a transaction was at work cannot be ended by it, though its snapshot does not show that.
func TestTakenOverWithinATransaction(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		if w.engine == "sqlite" {
			w.Skip("who writes keeps all others from writing")
		}
		w.init(false)
		run, err := w.r.BeginRun(w.Context(), w.conn, slotRun("ada"))
		w.must(err)
		tx, err := w.d.Begin(w.Context(), w.conn, time.Second)
		w.must(err)
		defer tx.Rollback()
		_, err = w.r.Meta(w.Context(), tx) // its snapshot
		w.must(err)
		other, err := w.d.Conn(w.Context())
		w.must(err)
		defer other.Close()
		if attempt, err := w.begin(other, 1); attempt != 2 || err != nil {
			t.Errorf("taken over as %d: %v", attempt, err)
		}
		run.Status, run.EndedOn = register.RunApplied, day
		if err := w.r.EndRun(w.Context(), tx, *run); err == nil {
			t.Error("the former has ended it")
		}
	})
}
