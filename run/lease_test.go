package run_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
)

// testBeat is short, and long enough that of five beats one comes on a machine that has other things to do.
const testBeat = 200 * time.Millisecond

// nightly gives a world a schedule, and is the request of its slot.
func (w *world) nightly() run.Request {
	w.Helper()
	w.write("schedule.hcl", `schedule "nightly" { at = ["02:30"] }`)
	w.opts.Beat = testBeat
	return run.Request{Trigger: run.Scheduled, Schedule: "schedule.nightly", Slot: w.now}
}

// process is another one, which has its own ids and clock; change adapts its options.
func (w *world) process(name string, change func(*run.Options)) func(request run.Request) *run.Result {
	w.Helper()
	cfg, opts, now := w.load(), w.opts, w.now
	opts.StartedBy, opts.NewID, opts.Sleep = name, uuid.NewString, nil
	opts.Now = func() time.Time { return now }
	if change != nil {
		change(&opts)
	}
	return func(request run.Request) *run.Result {
		result, err := run.Run(w.Context(), cfg, request, opts)
		if err != nil {
			w.Error(err)
		}
		return result
	}
}

// leave makes a run that is recorded as running, of a process that was killed.
func (w *world) leave(request run.Request, unit string) register.Run {
	w.Helper()
	left := register.Run{
		ID: register.SlotID(request.Schedule, unit, request.Slot), RunID: "killed", Unit: unit, Schedule: request.Schedule, Slot: request.Slot,
		StartedOn: w.now, StartedBy: "killed@example",
	}
	w.session(w.into(), func(reg register.Register, tx *sql.Tx) {
		_, err := reg.BeginRun(w.Context(), tx, left)
		w.must(err)
		w.must(reg.Beat(w.Context(), tx, left.ID)) // in its time
	})
	return left
}

// Of those that run one slot at the same time, however long it takes, one does, and the others leave it alone.
func TestBusy(t *testing.T) {
	t.Parallel()
	for name, world := range map[string]func(testing.TB) *world{"sqlite": newWorld, "postgres": newPostgresWorld} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world(t)
			request := w.nightly()
			w.sync("rooms", "room", `schedule = schedule.nightly`)
			w.rows("rooms", "R1,Hall")
			planned, others := make(chan struct{}), make(chan struct{})
			first := w.process("first@example", func(o *run.Options) {
				o.Log = onMessage("planned", func() { close(planned); <-others })
			})
			second := w.process("second@example", nil)
			var result *run.Result
			var group sync.WaitGroup
			group.Go(func() { result = first(request) })
			<-planned
			for range 2 {
				busy := second(request)
				w.wantUnits(busy, "sync.rooms busy")
				w.wantMessage(busy.Units[0], "being run by first@example since 2026-09-01 02:30 UTC")
				if busy.Worst() != run.Busy || busy.Units[0].EndedOn.IsZero() {
					t.Errorf("the run is %+v", busy)
				}
				w.wantRecords("sync.rooms running 1")
			}
			close(others)
			group.Wait()
			w.wantUnits(result, "sync.rooms applied")
			w.wantUnits(second(request), "sync.rooms done")
			w.wantRecords("sync.rooms applied 1")
			w.wantTable("room", "R1 Hall")
		})
	}
}

// twoPlaces makes a world in which faculty arts has syncs in two destinations of SQLite.
func twoPlaces(t *testing.T) (*world, *sql.DB) {
	t.Helper()
	w := newWorld(t)
	w.sync("rooms", "room", `faculty = faculty.arts`, `schedule = schedule.nightly`)
	w.sync("sites", "site", `faculty = faculty.arts`, `schedule = schedule.nightly`)
	w.rows("rooms", "R1,Hall")
	w.rows("sites", "S1,North")
	w.write("other.hcl", `destination "sqlite" "other" { path = "other.db" }`)
	other := w.open("sqlite", "file:"+filepath.Join(w.dir, "other.db")+"?_pragma=busy_timeout(10000)")
	_, err := other.ExecContext(t.Context(), "CREATE TABLE site (code TEXT PRIMARY KEY, name TEXT)")
	w.must(err)
	text, err := os.ReadFile(filepath.Join(w.dir, "sites.hcl"))
	w.must(err)
	w.write("sites.hcl", strings.ReplaceAll(string(text), "destination.sqlite.main", "destination.sqlite.other"))
	w.write("schedule.hcl", `schedule "nightly" { at = ["02:30"] }`)
	w.initRegister("destination.sqlite.other")
	w.adapt = func(cfg *config.Config) { cfg.Settings.Atomic = config.AtomicFaculty }
	return w, other
}

// Where a unit has several destinations, the first one decides who runs it: of four that want to nobody writes anything of it
// but the one.
func TestBusyInSeveralDestinations(t *testing.T) {
	t.Parallel()
	w, other := twoPlaces(t)
	request := w.nightly()
	others := make(chan struct{})
	var once sync.Once
	const processes = 4
	results := make(chan *run.Result, processes)
	var group sync.WaitGroup
	for i := range processes {
		execute := w.process(fmt.Sprintf("%d@example", i), func(o *run.Options) {
			o.Log = onMessage("planned", func() { <-others })
		})
		group.Go(func() {
			result := execute(request)
			results <- result
			if len(results) == processes-1 {
				once.Do(func() { close(others) })
			}
		})
	}
	group.Wait()
	close(results)
	var outcomes []string
	for result := range results {
		u := result.Units[0]
		outcomes = append(outcomes, string(u.Outcome))
		if u.Outcome == run.Busy {
			w.wantMessage(u, "being run by ")
		}
	}
	slices.Sort(outcomes)
	if !slices.Equal(outcomes, []string{"applied", "busy", "busy", "busy"}) {
		t.Errorf("the outcomes are %q", outcomes)
	}
	w.wantRecords("faculty.arts applied 1")
	var ended string
	w.must(other.QueryRowContext(t.Context(), "SELECT group_concat(status || ' ' || attempt) FROM registrar_run").Scan(&ended))
	if ended != "applied 1" {
		t.Errorf("the second destination has the runs %q", ended)
	}
	w.wantTable("room", "R1 Hall")
}

// Whoever has lost a unit records nothing of it in its other destinations: they are the other's.
func TestTakenOverRecordsNothing(t *testing.T) {
	t.Parallel()
	w, other := twoPlaces(t)
	request := w.nightly()
	w.opts.Log = onMessage("planned", func() { w.takeOver() })
	result := w.run(request)
	w.wantUnits(result, "faculty.arts failed")
	if u := result.Units[0]; u.Message != register.ErrTakenOver.Error() {
		t.Errorf("it says %q", u.Message)
	}
	w.wantRecords("faculty.arts running 2")
	var status string
	w.must(other.QueryRowContext(t.Context(), "SELECT status FROM registrar_run").Scan(&status))
	if status != "running" {
		t.Errorf("in the second destination it is %s", status)
	}
}

// A unit that failed in one of its destinations at a slot is not done in the others alone.
func TestFailedElsewhere(t *testing.T) {
	t.Parallel()
	w, other := twoPlaces(t)
	request := w.nightly()
	left := w.leave(request, "faculty.arts")
	w.session(w.into(), func(reg register.Register, tx *sql.Tx) {
		left.Attempt, left.Status, left.EndedOn = 1, register.RunFailed, w.now
		w.must(reg.EndRun(t.Context(), tx, left))
	})
	result := w.run(request)
	w.wantUnits(result, "faculty.arts failed")
	w.wantMessage(result.Units[0], "destination.sqlite.main: this slot was run already: failed at 2026-09-01 02:30 UTC by killed@example")
	w.wantUnits(w.run(request), "faculty.arts done")
	var n int
	w.must(other.QueryRowContext(t.Context(), "SELECT count(*) FROM site").Scan(&n))
	if n != 0 {
		t.Errorf("the second destination has %d rows", n)
	}
}

// What a killed process left is taken over when its beats have not come for long enough, by one.
func TestDeadHolder(t *testing.T) {
	t.Parallel()
	for name, world := range map[string]func(testing.TB) *world{"sqlite": newWorld, "postgres": newPostgresWorld} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world(t)
			request := w.nightly()
			w.sync("rooms", "room", `schedule = schedule.nightly`)
			w.rows("rooms", "R1,Hall")
			w.leave(request, "sync.rooms")
			results := make([]*run.Result, 2)
			lost := make(chan struct{})
			var group sync.WaitGroup
			for i := range results {
				execute := w.process(fmt.Sprintf("%d@example", i), func(o *run.Options) {
					o.Log = onMessage("planned", func() { <-lost })
				})
				group.Go(func() {
					results[i] = execute(request)
					if results[i].Units[0].Outcome == run.Busy {
						close(lost)
					}
				})
			}
			group.Wait()
			got := []string{string(results[0].Units[0].Outcome), string(results[1].Units[0].Outcome)}
			slices.Sort(got)
			if !slices.Equal(got, []string{"applied", "busy"}) {
				t.Errorf("the two are %q: %s, %s", got, results[0].Units[0].Message, results[1].Units[0].Message)
			}
			w.wantRecords("sync.rooms applied 2")
		})
	}
}

// A job that is handed out again is taken over at once: whoever did that knows that nobody works on it.
func TestOwnJobAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	request := w.nightly()
	request.ID = "killed"
	w.opts.Beat = time.Hour
	w.sync("rooms", "room", `schedule = schedule.nightly`)
	w.rows("rooms", "R1,Hall")
	w.leave(request, "sync.rooms")
	w.wantUnits(w.run(request), "sync.rooms applied")
	w.wantRecords("sync.rooms applied 2")
}

// While somebody writes in a file of SQLite no beat can come: its time says nothing about who lives.
func TestLockedSaysNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	request := w.nightly()
	w.opts.LockTimeout = testBeat
	w.sync("rooms", "room", `schedule = schedule.nightly`)
	w.rows("rooms", "R1,Hall")
	w.leave(request, "sync.rooms")
	holder, err := w.dest.Conn(t.Context())
	w.must(err)
	_, err = holder.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	w.must(err)
	w.wantUnits(w.run(request), "sync.rooms busy")
	_, err = holder.ExecContext(t.Context(), "ROLLBACK")
	w.must(err)
	w.must(holder.Close())
	w.wantRecords("sync.rooms running 1")
	w.wantUnits(w.run(request), "sync.rooms applied")
}

// A process that waits for its next attempt lives; the beats end with the run, also where it is interrupted.
func TestBeatsWhileWaiting(t *testing.T) {
	t.Parallel()
	w := newPostgresWorld(t)
	request := w.nightly()
	w.sync("rooms", "room", `schedule = schedule.nightly`)
	w.rows("rooms", "R1,Hall")
	second := w.process("second@example", nil)
	w.adapt = func(cfg *config.Config) {
		cfg.Settings.Retry = config.Retry{Attempts: 2, Wait: time.Second, MaxWait: time.Second}
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	w.opts.Resumed = true
	w.opts.Sleep = func(ctx context.Context, _ time.Duration) error {
		w.wantUnits(second(request), "sync.rooms busy")
		interrupt()
		return ctx.Err()
	}
	data, away := filepath.Join(w.dir, "data"), filepath.Join(w.dir, "away")
	w.must(os.Rename(data, away))
	if _, err := run.Run(ctx, w.load(), request, w.opts); !errors.Is(err, context.Canceled) {
		t.Errorf("it was not interrupted: %v", err)
	}
	w.must(os.Rename(away, data))
	w.wantUnits(second(request), "sync.rooms applied")
	w.wantRecords("sync.rooms applied 2")
}
