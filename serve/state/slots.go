package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/run"
)

// insertSlot takes what slotValues returns and adds nothing where the slot is there already.
const insertSlot = `INSERT INTO slot (schedule, slot_on, run_id, start_on, triggered_by, config_digest, status, claimed_on, ended_on, why, ready_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (schedule, slot_on) DO NOTHING`

func slotValues(s Slot, ready time.Time) []any {
	return []any{
		s.Schedule, instant(s.Slot), s.RunID, instant(s.Start), string(s.Trigger), s.ConfigDigest,
		s.Status, instant(s.ClaimedOn), instant(s.EndedOn), s.Why, instant(ready),
	}
}

// check refuses what could not be told apart from other slots.
func (j Job) check() error {
	if j.Schedule == "" || j.Slot.IsZero() {
		return errors.New("a slot has a schedule and a time")
	}
	return nil
}

// delay is how long after it is claimed the job may begin.
func (j Job) delay(now time.Time) time.Duration {
	if j.Start.IsZero() {
		return 0
	}
	return max(0, j.Start.Sub(now))
}

func (d *database) Miss(ctx context.Context, schedule string, slot time.Time, why string, now time.Time) (bool, error) {
	s := Slot{Job: Job{Schedule: schedule, Slot: slot}, Status: missed, ClaimedOn: now, EndedOn: now, Why: printable(why)}
	if err := s.check(); err != nil {
		return false, err
	}
	added, err := d.exec(ctx, insertSlot, slotValues(s, time.Time{})...)
	if err != nil {
		return false, fmt.Errorf("record a missed slot of %s: %w", schedule, err)
	}
	return added == 1, nil
}

func (d *database) LastSlot(ctx context.Context, schedule string) (time.Time, error) {
	var last instant
	if err := d.db.QueryRowContext(ctx, "SELECT max(slot_on) FROM slot WHERE schedule = $1", schedule).Scan(&last); err != nil {
		return time.Time{}, fmt.Errorf("read the last slot of %s: %w", schedule, err)
	}
	return time.Time(last), nil
}

// jobColumns are what scanJob reads.
const jobColumns = "schedule, slot_on, run_id, start_on, triggered_by, config_digest"

func scanJob(row interface{ Scan(into ...any) error }, job *Job, more ...any) error {
	var slot, start instant
	var trigger string
	if err := row.Scan(append([]any{&job.Schedule, &slot, &job.RunID, &start, &trigger, &job.ConfigDigest}, more...)...); err != nil {
		return err
	}
	job.Slot, job.Start, job.Trigger = time.Time(slot), time.Time(start), run.Trigger(trigger)
	return nil
}

// beginColumns are what scanBegun reads.
const beginColumns = jobColumns + ", heard_on, {now}"

// scanBegun reads a job that begins.
func scanBegun(row interface{ Scan(into ...any) error }, job *Job) error {
	var heard, now instant
	if err := scanJob(row, job, &heard, &now); err != nil {
		return err
	}
	if job.Begun = !time.Time(heard).IsZero(); job.Begun {
		job.Silence = max(0, time.Time(now).Sub(time.Time(heard)))
	}
	return nil
}

func (d *database) Slots(ctx context.Context, limit int) ([]Slot, error) {
	slots, err := read(ctx, d, func(row *sql.Rows, s *Slot) error {
		var claimed, ended instant
		if err := scanJob(row, &s.Job, &s.Status, &claimed, &ended, &s.Why); err != nil {
			return err
		}
		s.ClaimedOn, s.EndedOn = time.Time(claimed), time.Time(ended)
		return nil
	}, "SELECT "+jobColumns+", status, claimed_on, ended_on, why FROM slot ORDER BY slot_on DESC, schedule LIMIT $1", limit)
	if err != nil {
		return nil, fmt.Errorf("read the slots: %w", err)
	}
	return slots, nil
}
