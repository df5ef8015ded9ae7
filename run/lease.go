package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

const (
	// defaultBeat is how often a process tells that it lives.
	defaultBeat = 3 * time.Second
	// silentBeats is how many beats must not have come before a run is another process's to take over.
	silentBeats = 5
)

// busyError: another process runs the unit at this slot, and lives.
type busyError struct{ holder *register.Run }

func (e *busyError) Error() string {
	return fmt.Sprintf("being run by %s since %s", e.holder.StartedBy, e.holder.StartedOn.UTC().Format("2006-01-02 15:04 UTC"))
}

// leaveAlone ends a unit that another process is running. Nothing is recorded of that.
func (w *work) leaveAlone(busy *busyError) {
	w.out.Outcome, w.out.Message = Busy, busy.Error()
}

// claim decides about a run that is recorded as running: nil where the caller may take it over, a *busyError where it is
// somebody else's. seen is the attempt that the caller has found dead before; 0 for none.
func (w *work) claim(ctx context.Context, s *session, holder *register.Run, seen int64) error {
	switch {
	case holder.RunID == w.request.ID:
		return nil // whoever hands a job out again has found out that nobody works on it
	case seen != 0:
		return &busyError{holder} // another one was faster
	default:
		return w.watch(ctx, s, holder)
	}
}

// watch waits until a run's beats have not come for so long that whoever made them must be dead. It is a *busyError
// where they come. Beats are compared with one another, and no machine's clock with another's.
//
// They cannot come while somebody writes in a database that lets only one write: that time says nothing.
func (w *work) watch(ctx context.Context, s *session, holder *register.Run) error {
	before, silent := int64(-1), 0
	most := silentBeats + int(w.opts.LockTimeout/w.opts.Beat)
	for looks := 0; silent < silentBeats; looks++ {
		if looks > most {
			return &busyError{holder}
		}
		if looks > 0 {
			if err := sleep(ctx, w.opts.Beat); err != nil {
				return err
			}
		}
		now, beats, err := s.look(ctx, holder.ID, w.opts.Beat)
		switch {
		case errors.Is(err, providers.ErrLocked):
		case err != nil:
			return err
		case now == nil || now.Status != register.RunRunning || now.Attempt != holder.Attempt:
			return nil // beginning it tells what it is now
		case before < 0:
			before = beats
		case beats != before:
			return &busyError{holder}
		default:
			silent++
		}
	}
	w.log.InfoContext(ctx, "a run is taken over: nobody works on it any more", "unit", w.address, "was", holder.StartedBy, "since", holder.StartedOn)
	return nil
}

// look reads a run and its beats. It is providers.ErrLocked where nobody else could write meanwhile.
func (s *session) look(ctx context.Context, id string, wait time.Duration) (now *register.Run, beats int64, err error) {
	quick := *s
	quick.wait = min(wait, s.wait)
	err = quick.write(ctx, func(tx *sql.Tx) (err error) {
		if now, err = s.register.Run(ctx, tx, id); err == nil {
			beats, err = s.register.Beats(ctx, tx, id)
		}
		return err
	})
	return now, beats, err
}

// failedBefore reports whether another process has recorded that the unit failed at this slot.
func (w *work) failedBefore() bool {
	return slices.ContainsFunc(w.places, func(p *place) bool { return p.before && p.record.Status == register.RunFailed })
}

// keepFailed ends the unit as failed wherever it has not ended yet: its rest alone would be half of it.
func (w *work) keepFailed(ctx context.Context) error {
	w.conclude() // for what there is to say
	for _, p := range w.places {
		if p.record == nil || p.ended() {
			continue
		}
		if err := w.endAlone(ctx, p, register.RunFailed, w.out.Message); err != nil {
			return err
		}
	}
	w.conclude()
	return nil
}

// lease tells other processes, for as long as a unit lasts, that this one lives.
type lease struct {
	stop context.CancelFunc
	all  sync.WaitGroup
}

// holdLease begins to tell it in a destination in which the run has begun. It goes on after the end of ctx: a unit
// that is interrupted has its records to end.
func (w *work) holdLease(ctx context.Context, p *place) {
	l := &lease{}
	ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	w.leases = append(w.leases, l)
	connection, id := p.connection, p.record.ID
	l.all.Go(func() {
		var s *session
		for sleep(ctx, w.opts.Beat) == nil {
			var err error
			if s, err = w.beat(ctx, s, connection, id); err != nil && ctx.Err() == nil {
				w.log.DebugContext(ctx, "a beat could not be recorded", "unit", w.address, "destination", connection.Address, "error", brief(err))
			}
		}
		if s != nil {
			s.close()
		}
	})
}

// beat tells once that the process lives. It returns the connection to be used for the next time; nil for a new one.
func (w *work) beat(ctx context.Context, s *session, connection *config.Connection, id string) (*session, error) {
	if s == nil {
		var err error
		if s, err = w.open(ctx, connection); err != nil {
			return nil, err
		}
		s.wait = min(w.opts.Beat, s.wait)
	}
	err := s.write(ctx, func(tx *sql.Tx) error { return s.register.Beat(ctx, tx, id) })
	if err == nil || errors.Is(err, providers.ErrLocked) {
		return s, err
	}
	s.close()
	return nil, err
}

// endLeases ends what holdLease began.
func (w *work) endLeases() {
	for _, l := range w.leases {
		l.stop()
	}
	for _, l := range w.leases {
		l.all.Wait()
	}
	w.leases = nil
}
