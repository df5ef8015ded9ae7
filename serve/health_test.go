package serve

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
)

// Each of what prevents slots from running is told until it is over.
func TestReady(t *testing.T) {
	t.Parallel()
	var said lines
	log := slog.New(slog.NewTextHandler(&said, nil))
	now := utc("2026-09-07 12:00:00")
	c := newClockwork(t, "2026-09-07 12:00:00", every(time.Minute))
	for name, test := range map[string]struct{ begins, ends func(h *health) }{
		"slots cannot be handed out": {
			func(h *health) { h.dispatched(log, errors.New("it is away")) },
			func(h *health) { h.dispatched(log, nil) },
		},
		"no jobs can be taken": {
			func(h *health) { h.worked(log, errors.New("another process works on it")) },
			func(h *health) { h.worked(log, nil) },
		},
		"runs no slot before 2026-09-07 14:00 UTC": {
			func(h *health) { h.clock(log, "schedule.s", now.Add(2*time.Hour), now) },
			func(h *health) { h.clock(log, "schedule.s", now, now) },
		},
		"schedule.gone runs no slot": {
			func(h *health) { h.clock(log, "schedule.gone", now.Add(2*time.Hour), now) },
			func(h *health) { h.only(c.configs.current()) },
		},
	} {
		h := &health{}
		if err := h.ready(now); err != nil {
			t.Errorf("%s: at first it is not ready: %v", name, err)
		}
		test.begins(h)
		if err := h.ready(now); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: it is not ready for %v", name, err)
		}
		test.ends(h)
		if err := h.ready(now); err != nil {
			t.Errorf("%s: at last it is not ready: %v", name, err)
		}
	}
	h := &health{}
	h.clock(log, "schedule.s", now.Add(10*time.Minute), now)
	if err := h.ready(now); err != nil {
		t.Errorf("a clock that is set back a little: %v", err)
	}
	h.stop()
	if h.ready(now) == nil {
		t.Error("it is ready although it ends")
	}
	if !strings.Contains(said.String(), "jobs are taken from the state again") {
		t.Errorf("the log does not tell of the end: %s", said.String())
	}
}

// A second service on an SQLite file takes over when the first has ended, and is ready then. What is old is forgotten.
func TestTheSecondService(t *testing.T) {
	t.Parallel()
	first := newServing(t)
	old := &run.Result{ID: "old", StartedOn: utc("2020-01-01 00:00:00"), EndedOn: utc("2020-01-01 00:00:00")}
	first.must(first.Store.SaveRun(t.Context(), old))
	first.start()
	first.eventually("the first works", func() bool { return strings.Contains(first.log.String(), "unit ended") })
	first.eventually("it forgets", func() bool {
		forgotten, err := first.Store.Run(t.Context(), "old")
		return err == nil && forgotten == nil
	})
	store, err := state.Open(t.Context(), first.dir+"/state.db")
	first.must(err)
	second := &serving{T: t, dir: first.dir, Options: first.Options}
	second.Store, second.Options.Log = store, slog.New(slog.NewTextHandler(&second.log, nil))
	second.Options.Run.Log = second.Options.Log
	t.Cleanup(func() { first.must(store.Close()) })
	second.start()
	second.eventually("it is refused", func() bool { return strings.Contains(second.log.String(), "no jobs can be taken from the state") })
	first.end()
	second.eventually("it works", func() bool {
		return strings.Contains(second.log.String(), "jobs are taken from the state again") && strings.Contains(second.log.String(), "unit ended")
	})
	second.end()
}
