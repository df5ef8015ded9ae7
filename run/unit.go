package run

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
)

// work is a unit on its way through a run.
type work struct {
	*runner
	*unit
	// places are the unit's destinations, by address.
	places []*place
	// out is nil as long as the unit was not begun.
	out *UnitResult
	// failure ended the last attempt; nil where the unit was not begun or has ended.
	failure error
	// back says, by sync, why operations were held back.
	back map[string]string
	// summarized: what out says of the syncs is a plan's.
	summarized bool
	// leases tell of the records that the unit has begun.
	leases []*lease
}

func (w *work) begin() {
	w.back, w.out = map[string]string{}, &UnitResult{Unit: w.address, Faculty: w.faculty, StartedOn: w.now()}
	id := ""
	if !w.scheduled() {
		id = w.opts.NewID()
	}
	for _, s := range w.syncs {
		into := s.Destination.Into
		if w.place(into.Address) == nil {
			w.places = append(w.places, &place{connection: into, id: id})
		}
		w.out.Syncs = append(w.out.Syncs, SyncResult{Sync: s.Address, Faculty: s.Faculty, Destination: into.Address, Table: s.Destination.Table})
	}
	slices.SortFunc(w.places, func(a, b *place) int { return strings.Compare(a.connection.Address, b.connection.Address) })
}

// runUnits runs units in rounds: each is tried in its turn, and after a wait those together that may succeed when they are
// tried again. A unit that needs one of these waits with it, and has its own attempts then. It returns those that
// had begun, in their order.
func (r *runner) runUnits(ctx context.Context, units []*unit) []UnitResult {
	all := make([]*work, len(units))
	for i, u := range units {
		all[i] = &work{runner: r, unit: u}
	}
	defer func() { // where there is a panic
		for _, w := range all {
			w.endLeases()
		}
	}()
	wait := waits(r.cfg.Settings.Retry)
	for pending := all; len(pending) > 0 && ctx.Err() == nil; {
		if pending = r.round(ctx, pending); len(pending) == 0 || ctx.Err() != nil {
			break
		}
		pause := wait()
		if !r.mayStart(r.now().Add(pause)) {
			pending = closeWindow(ctx, pending)
			continue
		}
		for _, w := range pending {
			if w.failure != nil && r.opts.Retrying != nil {
				r.opts.Retrying(Retrying{Unit: w.address, Attempt: w.out.Attempts, Of: r.attempts(), Wait: pause, Message: message(w.failure)})
			}
		}
		r.log.InfoContext(ctx, "units are tried again", "units", len(pending), "wait", pause)
		if r.opts.Sleep(ctx, pause) != nil {
			break
		}
		// The clock may have gone further than the wait.
		if !r.mayStart(r.now()) {
			pending = closeWindow(ctx, pending)
		}
	}
	ended := []UnitResult{}
	for _, w := range all {
		if w.failure != nil { // interrupted
			w.giveUp(ctx, w.failure)
		}
		if w.out != nil {
			ended = append(ended, *w.out)
		}
	}
	return ended
}

// round tries units, and returns those that are to be tried in the next one.
func (r *runner) round(ctx context.Context, units []*work) []*work {
	var again []*work
	for _, w := range units {
		blocked := slices.ContainsFunc(again, func(other *work) bool { return slices.Contains(w.needs, other.unit) })
		if ctx.Err() != nil || blocked {
			again = append(again, w)
			continue
		}
		if w.try(ctx); w.failure != nil {
			again = append(again, w)
		}
	}
	return again
}

// closeWindow ends the units that may not be tried again, and returns those that were not begun yet: of a run that has
// started the window keeps nothing.
func closeWindow(ctx context.Context, pending []*work) (left []*work) {
	for _, w := range pending {
		if w.failure == nil {
			left = append(left, w)
			continue
		}
		w.giveUp(ctx, &windowError{w.out.Attempts + 1, w.failure})
	}
	return left
}

// try makes an attempt. Where another one may help, failure says what failed; else the unit has ended.
func (w *work) try(ctx context.Context) {
	if w.out == nil {
		w.begin()
	}
	w.out.Attempts++
	err := w.attempt(ctx)
	busy, isBusy := errors.AsType[*busyError](err)
	switch {
	case isBusy:
		w.leaveAlone(busy)
		w.finish(ctx)
	case err == nil:
		w.finish(ctx)
	case w.out.Attempts >= w.attempts() || !w.mayHelp(ctx, err):
		w.giveUp(ctx, err)
	default:
		w.failure = err
		w.log.WarnContext(ctx, "attempt failed", "unit", w.address, "attempt", w.out.Attempts, "error", brief(err))
	}
}

func (w *work) giveUp(ctx context.Context, cause error) {
	w.fail(ctx, cause)
	w.finish(ctx)
}

// finish is of a unit that is not tried again.
func (w *work) finish(ctx context.Context) {
	w.endLeases()
	w.failure = nil
	w.recall(ctx)
	w.out.EndedOn = w.now()
	counts := map[config.Operation]int64{}
	for i := range w.out.Syncs {
		for operation, n := range w.out.Syncs[i].Counts {
			counts[operation] += n
		}
	}
	w.log.InfoContext(ctx, "unit ended", "unit", w.address, "outcome", w.out.Outcome, "attempts", w.out.Attempts, "plan", w.out.PlanID, "counts", counts)
	if w.opts.Ended != nil {
		w.opts.Ended(*w.out)
	}
}
