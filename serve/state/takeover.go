package state

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// keep tells, as long as ctx lasts, that this process's jobs are being worked on, and queues anew those of which
// nobody has told that for too long.
//
// A replica is dead when it has been silent for two thirds of Takeover, and all look and tell six times in
// Takeover: a job is therefore taken over within Takeover of the death, and a live one only after three
// beats that were lost.
func (s *shared) keep(ctx context.Context, w *worker) {
	every, silence := w.Takeover/6, w.Takeover*2/3
	limit := max(every, time.Second) // of one question to the database
	var answers watch
	var silent outage
	for {
		now, err := s.beat(ctx, w, limit)
		if ctx.Err() != nil {
			return
		}
		silent.tell(w.Log, err)
		if answers.longer(now, err, silence, every) {
			if err := s.requeue(ctx, w, silence, limit); err != nil && ctx.Err() == nil {
				w.Log.Warn("jobs of replicas that died could not be looked for", "error", err)
				answers = watch{}
			}
		}
		if !wait(every, ctx.Done()) {
			return
		}
	}
}

// outage says once that the database does not answer, and once that it does again.
type outage struct{ lasts bool }

func (o *outage) tell(log *slog.Logger, err error) {
	switch {
	case err != nil && !o.lasts:
		log.Warn("the service's state could not be told that this replica lives; trying again", "error", err)
	case err == nil && o.lasts:
		log.Info("the service's state is told again that this replica lives")
	}
	o.lasts = err != nil
}

// watch is how long the database has answered without a break. While it did not, nobody could tell
// that he lives; so nobody is thought dead for what was not heard then, nor for what a clock that was set did.
type watch struct{ since, last time.Time }

// longer notes an answer or an error, and reports whether answers alone have come for longer than silence, every so
// often.
func (w *watch) longer(now time.Time, err error, silence, every time.Duration) bool {
	if err != nil {
		*w = watch{}
		return false
	}
	if step := now.Sub(w.last); w.since.IsZero() || step < 0 || step > 3*every {
		w.since = now
	}
	w.last = now
	return now.Sub(w.since) >= silence
}

// beat tells that this process's jobs are being worked on, and ends those that are another's by now. It
// returns the database's time.
func (s *shared) beat(ctx context.Context, w *worker, limit time.Duration) (now time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	mine := w.attempts()
	if len(mine) > 0 {
		rows, err := s.pool.Query(ctx, "UPDATE slot SET beat_on = "+s.now+" WHERE worker = ANY($1) AND status = 'running' RETURNING worker", mine)
		if err != nil {
			return time.Time{}, err
		}
		still, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return time.Time{}, err
		}
		if lost := slices.DeleteFunc(mine, func(name string) bool { return slices.Contains(still, name) }); len(lost) > 0 {
			w.cancel(ErrTakenOver, lost...)
		}
	}
	err = s.pool.QueryRow(ctx, "SELECT "+s.now).Scan(&now)
	return now, err
}

// lost are the slots of which nobody has told for $1 that he works on them, or that wait for a job that River has not, or
// has given to somebody who has not begun it for as long. A beat in the future is of a clock that was set back since.
const lost = `SELECT slot.schedule, slot.slot_on, slot.generation, CASE WHEN slot.ready_on > clock_timestamp() THEN slot.ready_on END, coalesce(slot.worker, '')
FROM slot LEFT JOIN river_job queued ON queued.id = slot.queue_id
WHERE slot.status = 'running' AND (slot.beat_on < clock_timestamp() - $1::interval OR slot.beat_on > clock_timestamp() + $1::interval)
	OR slot.status = 'pending' AND (queued.id IS NULL OR queued.finalized_at IS NOT NULL
		OR queued.state::text = 'running' AND queued.attempted_at < clock_timestamp() - $1::interval)
ORDER BY slot.slot_on, slot.schedule
FOR UPDATE OF slot SKIP LOCKED`

// requeue queues lost slots anew, under a new generation: what the one who had them writes counts no more.
func (s *shared) requeue(ctx context.Context, w *worker, silence, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, lost, silence)
		if err != nil {
			return err
		}
		type slot struct {
			slotArgs
			ready  *time.Time
			worker string
		}
		slots, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (one slot, err error) {
			return one, row.Scan(&one.Schedule, &one.Slot, &one.Generation, &one.ready, &one.worker)
		})
		if err != nil {
			return err
		}
		for _, one := range slots {
			one.Generation++
			one.Slot = one.Slot.UTC()
			if _, err := tx.Exec(ctx, "UPDATE slot SET status = 'pending', generation = $1, worker = NULL, heard_on = coalesce(beat_on, heard_on), beat_on = NULL WHERE schedule = $2 AND slot_on = $3",
				one.Generation, one.Schedule, instant(one.Slot)); err != nil {
				return err
			}
			var ready time.Time
			if one.ready != nil {
				ready = *one.ready
			}
			if err := s.enqueue(ctx, tx, one.slotArgs, ready); err != nil {
				return err
			}
			w.Log.Warn("a job that nobody works on is handed out again", "schedule", one.Schedule, "slot", one.Slot, "was", one.worker)
		}
		return nil
	})
}
