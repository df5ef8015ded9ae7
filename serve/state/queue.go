package state

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// slotArgs name a slot in River's table. What is to be done stands in the slot's own row, which alone
// says who may do it: River only brings a replica to look at it, and may do so twice.
type slotArgs struct {
	Schedule string    `json:"schedule"`
	Slot     time.Time `json:"slot"`
	// Generation of the slot for which it was queued; a job of an earlier one does nothing.
	Generation int64 `json:"generation"`
}

// Kind is what River calls such a job.
func (slotArgs) Kind() string { return "registrar_slot" }

func (s *shared) Claim(ctx context.Context, job Job, now time.Time) (bool, error) {
	if err := job.check(); err != nil {
		return false, err
	}
	claimed := false
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var ready time.Time
		if delay := job.delay(now); delay > 0 {
			if err := tx.QueryRow(ctx, "SELECT "+s.now).Scan(&ready); err != nil {
				return err
			}
			ready = ready.Add(delay)
		}
		added, err := tx.Exec(ctx, insertSlot, slotValues(Slot{Job: job, Status: pending, ClaimedOn: now}, ready)...)
		if err != nil || added.RowsAffected() == 0 {
			return err
		}
		claimed = true
		return s.enqueue(ctx, tx, slotArgs{Schedule: job.Schedule, Slot: job.Slot.UTC(), Generation: 1}, ready)
	})
	if err != nil {
		return false, fmt.Errorf("claim a slot of %s: %w", job.Schedule, err)
	}
	return claimed, nil
}

// enqueue gives River a job for a slot, in the transaction that makes it due. ready is zero for at once.
func (s *shared) enqueue(ctx context.Context, tx pgx.Tx, args slotArgs, ready time.Time) error {
	queued, err := s.queue.InsertTx(ctx, tx, args, &river.InsertOpts{ScheduledAt: ready})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE slot SET queue_id = $1 WHERE schedule = $2 AND slot_on = $3", queued.Job.ID, args.Schedule, instant(args.Slot))
	return err
}
