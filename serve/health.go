package serve

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// ahead is how far the last slot may lie in the future: replicas' clocks differ.
	ahead = 2 * time.Minute
	// tooFarAhead is how far where the clocks change or somebody sets one; beyond, somebody must look.
	tooFarAhead = time.Hour
)

// health is what /readyz tells, and what was said already, so that a log says once what lasts.
type health struct {
	mu       sync.Mutex
	dispatch error
	work     error
	stopping bool
	// early holds the schedules whose last slot lies in the future, and that slot.
	early map[string]time.Time
}

// dispatched tells how the last look at the schedules went.
func (h *health) dispatched(log *slog.Logger, err error) {
	h.mu.Lock()
	before := h.dispatch
	h.dispatch = err
	h.mu.Unlock()
	switch {
	case err != nil && (before == nil || before.Error() != err.Error()):
		log.Error("slots cannot be handed out", "error", err)
	case err == nil && before != nil:
		log.Info("slots are handed out again")
	}
}

// worked tells what prevents that jobs are taken; nil: nothing does.
func (h *health) worked(log *slog.Logger, err error) {
	h.mu.Lock()
	before := h.work
	h.work = err
	h.mu.Unlock()
	switch {
	case err != nil && (before == nil || before.Error() != err.Error()):
		log.Error("no jobs can be taken from the state; trying again", "error", err)
	case err == nil && before != nil:
		log.Info("jobs are taken from the state again")
	}
}

func (h *health) stop() {
	h.mu.Lock()
	h.stopping = true
	h.mu.Unlock()
}

// clock warns where a schedule's last slot lies in the future: none runs until then, since none may run twice.
func (h *health) clock(log *slog.Logger, schedule string, last, now time.Time) {
	early := last.Sub(now) > ahead
	h.mu.Lock()
	_, said := h.early[schedule]
	if h.early == nil {
		h.early = map[string]time.Time{}
	}
	delete(h.early, schedule)
	if early {
		h.early[schedule] = last
	}
	h.mu.Unlock()
	if early && !said {
		log.Warn("the clock was set back, or was ahead before: no slot runs until the last one recorded is past", "schedule", schedule, "last_slot", last)
	}
}

// only forgets the schedules that are not in force any more.
func (h *health) only(in *inForce) {
	h.mu.Lock()
	maps.DeleteFunc(h.early, func(schedule string, _ time.Time) bool { return in.schedule(schedule) == nil })
	h.mu.Unlock()
}

// ready is nil where slots are handed out and run.
func (h *health) ready(now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.stopping:
		return errors.New("the service is stopping")
	case h.dispatch != nil:
		return errors.New("slots cannot be handed out")
	case h.work != nil:
		return errors.New("no jobs can be taken from the state")
	}
	for _, schedule := range slices.Sorted(maps.Keys(h.early)) {
		if last := h.early[schedule]; last.Sub(now) > tooFarAhead {
			return fmt.Errorf("%s runs no slot before %s, since the state has one of then: the clock is wrong, or was", schedule, last.UTC().Format("2006-01-02 15:04 UTC"))
		}
	}
	return nil
}
