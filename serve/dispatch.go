package serve

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/schedule"
	"github.com/registrar-sync/registrar/serve/state"
)

const (
	// longestSleep bounds what a change of the machine's clock can do.
	longestSleep = 30 * time.Second
	// retrySleep is service.retry but in tests.
	retrySleep = 5 * time.Second
	// onTime is service.late but in tests, for which minutes are short.
	onTime = 5 * time.Minute
	// missesRecorded bounds what is written after a long time without a service, latest first.
	missesRecorded = 1000
)

// dispatch hands slots out until ctx ends.
func (s *service) dispatch(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := s.tick(ctx)
		wait := next.Sub(s.Run.Now())
		if err != nil && ctx.Err() == nil {
			wait = s.retry
		}
		if ctx.Err() == nil {
			s.health.dispatched(s.Log, err)
		}
		// A slot due at the very instant is due at the next look.
		if s.Sleep(ctx, min(max(wait, time.Millisecond), longestSleep)) != nil {
			return
		}
	}
}

// tick hands out what is due, and returns when to look again. One schedule's failure does not keep the others
// from their slots.
func (s *service) tick(ctx context.Context) (time.Time, error) {
	now := s.Run.Now()
	next := now.Add(longestSleep)
	in := s.configs.current()
	var failed error
	s.health.only(in)
	for _, one := range in.schedules {
		start, err := s.settle(ctx, in, one, now)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", one.Address, err))
		}
		if !start.IsZero() && start.Before(next) {
			next = start
		}
	}
	return next, failed
}

// due is a slot whose time has come.
type due struct {
	schedule.Entry
	start time.Time // zero: never
}

// settle hands out the slots of a schedule that are due, records those that were missed, and returns when the next
// starts; zero: not soon.
func (s *service) settle(ctx context.Context, in *inForce, one *config.Schedule, now time.Time) (time.Time, error) {
	last, err := s.Store.LastSlot(ctx, one.Address)
	if err != nil {
		return time.Time{}, err
	}
	if last.IsZero() {
		last = beginning(now)
		if _, err := s.Store.Miss(ctx, one.Address, last, "the service began to look at the schedule", now); err != nil {
			return time.Time{}, err
		}
	}
	s.health.clock(s.Log, one.Address, last, now)
	calendar := in.calendars[one.Address]
	slots, next := upTo(calendar, last, now)
	if err := s.handOut(ctx, in, one, slots, now); err != nil {
		return time.Time{}, err
	}
	return next, nil
}

// beginning is where a schedule begins that was never seen: a time that is no slot, since those are whole minutes, so
// that a slot at this very minute is run.
func beginning(now time.Time) time.Time {
	minute := now.UTC().Truncate(time.Minute)
	if now.Sub(minute) < time.Second {
		return minute.Add(-time.Second)
	}
	return now.UTC().Truncate(time.Second)
}

// upTo returns the slots after last of which it is settled by now what becomes of them, and the start of
// the first that is not, if it is soon. They stay in order: no later slot is settled before an earlier one, since
// the latest recorded is all that the state remembers of a schedule.
func upTo(calendar *schedule.Calendar, last, now time.Time) (slots []due, next time.Time) {
	for entry := range calendar.Entries(last, now.Add(longestSleep), false) {
		start := calendar.Begins(entry)
		switch {
		case start.After(now):
			return slots, start
		case start.IsZero() && entry.Slot.After(now):
			return slots, entry.Slot
		}
		slots = append(slots, due{entry, start})
	}
	return slots, time.Time{}
}

func (s *service) handOut(ctx context.Context, in *inForce, one *config.Schedule, slots []due, now time.Time) error {
	closed := in.calendars[one.Address].MayStart(now)
	last := -1 // the last that may still run
	for i := range slots {
		if !slots[i].start.IsZero() {
			last = i
		}
	}
	var missed []miss
	for i, slot := range slots {
		late := now.Sub(slot.start) > s.late
		switch {
		case slot.start.IsZero():
			missed = append(missed, miss{slot.Slot, reasonText(slot.Reason), false})
		case i == last && closed == nil && (!late || one.CatchUp):
			if err := s.recordMissed(ctx, one, missed, now); err != nil {
				return err
			}
			missed = nil
			if err := s.claim(ctx, in, one, slot, late, now); err != nil {
				return err
			}
		case i == last && one.CatchUp:
			// It starts as soon as something may; what comes after it is settled then.
			return s.recordMissed(ctx, one, missed, now)
		case i < last:
			missed = append(missed, miss{slot.Slot, "the service did not run then, and a later slot was due", true})
		default:
			missed = append(missed, miss{slot.Slot, "the service did not run then", true})
		}
	}
	return s.recordMissed(ctx, one, missed, now)
}

// miss is a slot that does not run.
type miss struct {
	slot time.Time
	why  string
	// lost: it would have run, had the service been there.
	lost bool
}

func reasonText(r *schedule.Reason) string {
	if r == nil {
		return ""
	}
	return r.Text
}

func (s *service) recordMissed(ctx context.Context, one *config.Schedule, missed []miss, now time.Time) error {
	if len(missed) == 0 {
		return nil
	}
	if over := len(missed) - missesRecorded; over > 0 {
		s.Log.Warn("of the slots missed only the latest are recorded", "schedule", one.Address, "left_out", over)
		missed = missed[over:]
	}
	for _, m := range missed {
		added, err := s.Store.Miss(ctx, one.Address, m.slot, m.why, now)
		if err != nil {
			return err
		}
		if added && m.lost {
			s.metrics.ObserveMissed()
		}
	}
	latest := missed[len(missed)-1]
	s.Log.Info("slots do not run", "schedule", one.Address, "slots", len(missed), "latest", latest.slot, "why", latest.why)
	return nil
}

func (s *service) claim(ctx context.Context, in *inForce, one *config.Schedule, slot due, late bool, now time.Time) error {
	job := state.Job{
		RunID: s.Run.NewID(), Schedule: one.Address, Slot: slot.Slot, Start: slot.start, Trigger: run.Scheduled, ConfigDigest: in.cfg.Digest,
	}
	if late {
		job.Start = now
	}
	if late || !slot.Start.Equal(slot.Slot) {
		job.Trigger = run.CaughtUp
	}
	mine, err := s.Store.Claim(ctx, job, now)
	if err != nil {
		return err
	}
	if mine {
		s.Log.Debug("slot handed out", "schedule", job.Schedule, "slot", job.Slot, "run", job.RunID, "trigger", job.Trigger)
	}
	return nil
}
