package run_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
)

// running is the run that the register has as running.
func (w *world) running(reg register.Register, tx *sql.Tx) (found *register.Run) {
	w.Helper()
	w.must(reg.Runs(w.Context(), tx, time.Time{}, 0, func(r *register.Run) error {
		if r.Status == register.RunRunning {
			found = r
		}
		return nil
	}))
	if found == nil {
		w.Fatal("no run is running")
	}
	return found
}

// takeOver takes the running run over, as another process.
func (w *world) takeOver() {
	w.Helper()
	w.session(w.into(), func(reg register.Register, tx *sql.Tx) {
		r := w.running(reg, tx)
		r.StartedBy = "other@example"
		_, err := reg.BeginRun(w.Context(), tx, *r)
		w.must(err)
	})
}

// What a run that another process has taken over would write is undone.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	for name, world := range map[string]func(testing.TB) *world{"sqlite": newWorld, "postgres": newPostgresWorld} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world(t)
			w.sync("rooms", "room")
			w.rows("rooms", "R1,Hall")
			retrying(w)
			w.opts.Log = onMessage("planned", func() { w.takeOver() })
			result := w.runAll()
			w.wantUnits(result, "sync.rooms failed")
			if u := result.Units[0]; u.Message != register.ErrTakenOver.Error() || u.Attempts != 1 {
				t.Errorf("after %d attempts it says %q", u.Attempts, u.Message)
			}
			w.wantTable("room")
			w.wantRecords("sync.rooms running 2")
		})
	}
}

// Where the other process takes the run over while its rows are being written, PostgreSQL's snapshot does not show it.
func TestTakenOverWithin(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{1, 3} {
		t.Run(fmt.Sprint(attempts), func(t *testing.T) {
			t.Parallel()
			w := newPostgresWorld(t)
			w.sync("rooms", "room")
			w.rows("rooms", "R1,Hall")
			w.adapt = func(cfg *config.Config) { cfg.Settings.Retry = config.Retry{Attempts: attempts} }
			w.opts.Applying = func(p apply.Progress) {
				if p.Done {
					w.takeOver()
				}
			}
			result := w.runAll()
			w.wantUnits(result, "sync.rooms failed")
			if result.Units[0].Message != register.ErrTakenOver.Error() {
				t.Errorf("it says %q", result.Units[0].Message)
			}
			w.wantTable("room")
			w.wantRecords("sync.rooms running 2")
		})
	}
}

// A slot is run once to its end, whoever asks, and what a killed process began is taken over.
func TestSlot(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.write("schedule.hcl", `schedule "nightly" { at = ["02:30"] }`)
	for name, table := range map[string]string{"rooms": "room", "sites": "site"} {
		w.sync(name, table, `schedule = schedule.nightly`)
	}
	w.opts.Beat = testBeat
	request := run.Request{Trigger: run.Scheduled, Schedule: "schedule.nightly", Slot: w.now}
	id := register.SlotID(request.Schedule, "sync.rooms", request.Slot)
	w.session(w.into(), func(reg register.Register, tx *sql.Tx) {
		_, err := reg.BeginRun(t.Context(), tx, register.Run{
			ID: id, RunID: "killed", Unit: "sync.rooms", Schedule: request.Schedule, Slot: request.Slot, StartedOn: w.now, StartedBy: "killed@example",
		})
		w.must(err)
	})
	w.wantUnits(w.run(request), "sync.rooms applied", "sync.sites applied")
	w.wantRecords("sync.rooms applied 2", "sync.sites applied 1")
	w.rows("rooms", "R3,Attic", "R1,Hall")
	again := w.run(request)
	w.wantUnits(again, "sync.rooms done", "sync.sites done")
	w.wantMessage(again.Units[0], "this slot was run already: applied at 2026-09-01 02:30 UTC by tester@example")
	w.wantTable("room", "R1 Hall", "R2 Lab")
	request.Slot = request.Slot.Add(24 * time.Hour)
	w.wantUnits(w.run(request), "sync.rooms applied", "sync.sites unchanged")
}

// Two processes that run one slot at the same time write it once.
func TestSlotTwiceAtOnce(t *testing.T) {
	t.Parallel()
	for name, world := range map[string]func(testing.TB) *world{"sqlite": newWorld, "postgres": newPostgresWorld} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world(t)
			w.write("schedule.hcl", `schedule "nightly" { at = ["02:30"] }`)
			for name, table := range map[string]string{"rooms": "room", "sites": "site"} {
				w.sync(name, table, `schedule = schedule.nightly`)
				w.rows(name, "A,a")
			}
			retrying(w)
			cfg := w.load()
			slot := w.now
			results := make([]*run.Result, 3)
			var group sync.WaitGroup
			for i := range results {
				opts := w.opts
				opts.NewID = uuid.NewString
				opts.Now = func() time.Time { return slot }
				opts.Sleep = nil
				opts.Beat = time.Second // they are in each other's way, on purpose
				mine := *cfg
				mine.Settings.Retry = config.Retry{Attempts: 20, Wait: time.Millisecond, MaxWait: 20 * time.Millisecond}
				group.Go(func() {
					var err error
					results[i], err = run.Run(t.Context(), &mine, run.Request{Trigger: run.Scheduled, Schedule: "schedule.nightly", Slot: slot}, opts)
					if err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			wrote := map[string]int{}
			for _, result := range results {
				for _, u := range result.Units {
					switch u.Outcome {
					case run.Applied:
						wrote[u.Unit]++
					case run.Done, run.Busy:
					default:
						t.Errorf("%s is %s: %s", u.Unit, u.Outcome, u.Message)
					}
				}
			}
			if wrote["sync.rooms"] != 1 || wrote["sync.sites"] != 1 {
				t.Errorf("applied are %v", wrote)
			}
			if records := w.records(); len(records) != 2 || !strings.HasPrefix(records[0], "sync.rooms applied ") || !strings.HasPrefix(records[1], "sync.sites applied ") {
				t.Errorf("the records are %q", records)
			}
			w.wantTable("room", "A a")
		})
	}
}

// A commit that went through though nothing was heard of it is no failure, and is not done again.
func TestCommitUnheard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sync("rooms", "room")
	w.rows("rooms", "R1,Hall")
	retrying(w)
	w.opts.LockTimeout = 10 * time.Millisecond
	const applied = "00000000-0000-4000-8000-00000000beef"
	var holder *sql.Conn
	w.opts.Log = onMessage("planned", func() {
		w.session(w.into(), func(reg register.Register, tx *sql.Tx) {
			r := w.running(reg, tx)
			r.Status, r.EndedOn, r.PlanID = register.RunApplied, w.now, applied
			w.must(reg.EndRun(t.Context(), tx, *r))
		})
		var err error
		holder, err = w.dest.Conn(t.Context()) // so that the apply fails, and is tried again
		w.must(err)
		_, err = holder.ExecContext(t.Context(), "BEGIN IMMEDIATE")
		w.must(err)
	})
	w.asleep = func() {
		_, err := holder.ExecContext(t.Context(), "ROLLBACK")
		w.must(err)
		w.must(holder.Close())
	}
	result := w.runAll()
	w.wantUnits(result, "sync.rooms applied")
	if u := result.Units[0]; u.PlanID != applied || u.Attempts != 2 {
		t.Errorf("the unit is %+v", u)
	}
	w.wantRecords("sync.rooms applied 1")
}

// Also where it is the last attempt that heard nothing: what the register says of the run is how it ended.
func TestCommitUnheardAtLast(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		ended register.RunStatus
		want  string
	}{
		"applied": {register.RunApplied, "sync.rooms applied"}, "held": {register.RunHeld, "sync.rooms held"}, "failed": {register.RunFailed, "sync.rooms failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.sync("rooms", "room")
			w.rows("rooms", "R1,Hall")
			const planID, text = "00000000-0000-4000-8000-00000000beef", "as it was recorded"
			w.opts.Log = onMessage("planned", func() {
				w.session(w.into(), func(reg register.Register, tx *sql.Tx) {
					r := w.running(reg, tx)
					r.Status, r.EndedOn, r.PlanID, r.Message = one.ended, w.now, planID, text
					w.must(reg.EndRun(t.Context(), tx, *r))
				})
			})
			result := w.runAll()
			w.wantUnits(result, one.want)
			u := result.Units[0]
			if u.PlanID != planID || u.Attempts != 1 || u.Detail != "" {
				t.Errorf("the unit is %+v", u)
			}
			if want := map[string]string{"applied": "", "held": text, "failed": register.ErrTakenOver.Error()}[name]; !strings.Contains(u.Message, want) || want == "" && u.Message != "" {
				t.Errorf("it says %q, want %q", u.Message, want)
			}
			w.wantRecords("sync.rooms " + string(one.ended) + " 1")
		})
	}
}

// A slot that is interrupted stays running where it is run again: whoever asks for it next takes it over.
func TestInterruptedSlot(t *testing.T) {
	t.Parallel()
	for _, committed := range []bool{false, true} {
		t.Run(fmt.Sprint("committed ", committed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.write("schedule.hcl", `schedule "nightly" { at = ["02:30"] }`)
			w.sync("rooms", "room", `schedule = schedule.nightly`)
			w.rows("rooms", "R1,Hall")
			w.opts.Resumed = true
			ctx, cancel := context.WithCancel(t.Context())
			w.opts.Log = onMessage("planned", func() {
				if committed {
					w.session(w.into(), func(reg register.Register, tx *sql.Tx) {
						r := w.running(reg, tx)
						r.Status, r.EndedOn = register.RunApplied, w.now
						w.must(reg.EndRun(t.Context(), tx, *r))
					})
				}
				cancel()
			})
			request := run.Request{Trigger: run.Scheduled, Schedule: "schedule.nightly", Slot: w.now}
			result, err := run.Run(ctx, w.load(), request, w.opts)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the error is %v", err)
			}
			w.opts.Log = nil
			if committed {
				w.wantUnits(result, "sync.rooms applied")
				w.wantUnits(w.run(request), "sync.rooms done")
				return
			}
			w.wantUnits(result, "sync.rooms failed")
			w.wantRecords("sync.rooms running 1")
		})
	}
}
