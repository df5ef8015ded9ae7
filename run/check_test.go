package run_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/run"
)

// A run that is made again, since its process died after the commit, says what it did, and another run that it was done.
func TestMadeAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("schedule.hcl", `schedule "nightly" { at = ["02:30"] }`)
	w.sync("rooms", "room", `schedule = schedule.nightly`)
	w.rows("rooms", "R1,Hall")
	request := run.Request{ID: "8d0ad8ff-53a5-4b0b-8a11-3f6f2cf0d0a1", Trigger: run.Scheduled, Schedule: "schedule.nightly", Slot: time.Date(2026, 9, 7, 2, 30, 0, 0, time.UTC)}
	first := w.run(request)
	w.wantUnits(first, "sync.rooms applied")
	again := w.run(request)
	w.wantUnits(again, "sync.rooms applied")
	if again.Units[0].PlanID != first.Units[0].PlanID {
		t.Errorf("made again, the run names plan %q, not %q", again.Units[0].PlanID, first.Units[0].PlanID)
	}
	if diff := cmp.Diff(first.Units[0].Syncs, again.Units[0].Syncs); diff != "" {
		t.Errorf("made again, the run says something else of its syncs (-first +again):\n%s", diff)
	}
	request.ID = "f1d6f1b1-7c39-4d5e-9d0b-6f5f4b8a2c02"
	w.wantUnits(w.run(request), "sync.rooms done")
}

func TestNotRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sync("rooms", "room")
	w.rows("rooms", "R1,Hall")
	got := run.NotRun(w.load(), run.Request{ID: "1"}, w.opts, nil, errors.New("it cannot begin"))
	w.wantUnits(got, "sync.rooms failed")
	if u := got.Units[0]; got.EndedOn.IsZero() || u.Message != "it cannot begin" || len(u.Syncs) != 1 || u.Syncs[0].Sync != "sync.rooms" || u.Syncs[0].Destination == "" {
		t.Errorf("the result is %+v", got)
	}
	if got := run.NotRun(w.load(), run.Request{Schedule: "schedule.gone"}, w.opts, nil, errors.New("gone")); len(got.Units) != 1 || got.Units[0].Unit != "all" {
		t.Errorf("of a schedule that is gone the result is %+v", got)
	}
}
