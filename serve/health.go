package serve

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// ahead is how far the last slot may lie in the future: replicas' clocks differ.
const ahead = 2 * time.Minute

// health is what /readyz tells, and what was said already, so that a log says once what lasts.
type health struct {
	mu       sync.Mutex
	dispatch error
	work     error
	stopping bool
	// early holds the schedules whose last slot lies in the future.
	early map[string]bool
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

// worked tells that no jobs are taken any more.
func (h *health) worked(log *slog.Logger, err error) {
	if err == nil {
		err = errors.New("it ended before the service did")
	}
	h.mu.Lock()
	before := h.work
	h.work = err
	h.mu.Unlock()
	if before == nil || before.Error() != err.Error() {
		log.Error("no jobs can be taken from the state; trying again", "error", err)
	}
}

// working tells that a job was taken.
func (h *health) working() {
	h.mu.Lock()
	h.work = nil
	h.mu.Unlock()
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
	said := h.early[schedule]
	if h.early == nil {
		h.early = map[string]bool{}
	}
	h.early[schedule] = early
	h.mu.Unlock()
	if early && !said {
		log.Warn("the clock was set back, or was ahead before: no slot runs until the last one recorded is past", "schedule", schedule, "last_slot", last)
	}
}

// ready is nil where slots are handed out and run.
func (h *health) ready(context.Context) error {
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
	return nil
}
