package run

import (
	"context"
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
	out    *UnitResult
	// back says, by sync, why operations were held back.
	back map[string]string
}

func (r *runner) begin(u *unit) *work {
	w := &work{runner: r, unit: u, back: map[string]string{}, out: &UnitResult{Unit: u.address, Faculty: u.faculty, StartedOn: r.now()}}
	id := ""
	if !r.scheduled() {
		id = r.opts.NewID()
	}
	for _, s := range u.syncs {
		into := s.Destination.Into
		if w.place(into.Address) == nil {
			w.places = append(w.places, &place{connection: into, id: id})
		}
		w.out.Syncs = append(w.out.Syncs, SyncResult{Sync: s.Address, Faculty: s.Faculty, Destination: into.Address, Table: s.Destination.Table})
	}
	slices.SortFunc(w.places, func(a, b *place) int { return strings.Compare(a.connection.Address, b.connection.Address) })
	return w
}

// unit runs a unit, as often as it takes.
func (r *runner) unit(ctx context.Context, u *unit) UnitResult {
	w := r.begin(u)
	log := r.log.With("unit", u.address)
	wait := waits(r.cfg.Settings.Retry)
	attempts := max(1, r.cfg.Settings.Retry.Attempts)
	for {
		w.out.Attempts++
		err := w.attempt(ctx)
		if err == nil {
			break
		}
		if w.out.Attempts == attempts || !r.mayHelp(ctx, err) {
			w.fail(ctx, err)
			break
		}
		pause := wait()
		log.WarnContext(ctx, "attempt failed", "attempt", w.out.Attempts, "wait", pause, "error", brief(err))
		if !r.mayStart(r.now().Add(pause)) {
			w.fail(ctx, &windowError{w.out.Attempts + 1, err})
			break
		}
		if r.opts.Retrying != nil {
			r.opts.Retrying(Retrying{Unit: u.address, Attempt: w.out.Attempts, Of: attempts, Wait: pause, Message: message(err)})
		}
		if slept := r.opts.Sleep(ctx, pause); slept != nil {
			w.fail(ctx, err)
			break
		}
		// The clock may have gone further than the wait.
		if !r.mayStart(r.now()) {
			w.fail(ctx, &windowError{w.out.Attempts + 1, err})
			break
		}
	}
	w.out.EndedOn = r.now()
	counts := map[config.Operation]int64{}
	for i := range w.out.Syncs {
		for operation, n := range w.out.Syncs[i].Counts {
			counts[operation] += n
		}
	}
	log.InfoContext(ctx, "unit ended", "outcome", w.out.Outcome, "attempts", w.out.Attempts, "plan", w.out.PlanID, "counts", counts)
	return *w.out
}
