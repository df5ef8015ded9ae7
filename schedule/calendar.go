// Package schedule computes when the slots of a schedule are: in civil time, each local slot
// exactly once over both changes of the clock. It looks at no clock and starts nothing.
//
// A slot is a local date with a time of day. Its instant is the first at which local clocks show that time or, where
// they skip it, the next: a run at 02:30 is at 02:30 CEST on 2026-10-25, and at 03:00 CEST on 2027-03-28. The hours of
// windows and exceptions are in one piece, too: they begin when local clocks first show, or have skipped, their first minute. Those of
// a window end likewise, so that each slot of its hours is in it; those of an exception last until their last minute is
// over for good.
package schedule

import (
	"iter"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
)

// horizon is how far anything is looked for that may never come: within 28 years each date falls on each day of the
// week, but around a year such as 2100.
const horizon = 28 * 366 * day

const day = 24 * time.Hour

// Calendar computes the slots of one schedule under the service's own windows. It is safe for several goroutines.
type Calendar struct {
	address string
	at      config.Range
	jitter  time.Duration
	catchUp bool
	times   recurrence
	own     rules
	service *rules // nil: none
}

// New returns the calendar of a schedule; service is nil where only the schedule counts. A schedule whose cron
// expression does not parse has no slots.
func New(s *config.Schedule, service *config.Service) *Calendar {
	c := &Calendar{
		address: s.Address, at: s.Range, jitter: s.Jitter, catchUp: s.CatchUp, times: newRecurrence(s),
		own: newRules(s.Timezone, s.Active, s.Windows, s.Except, ownKinds()),
	}
	if service != nil {
		c.service = newRules(service.Timezone, service.Active, service.Windows, service.Except, serviceKinds()).orNil()
	}
	return c
}

// Entry is a slot, and what becomes of it.
type Entry struct {
	// Slot identifies it, with the schedule's address; in UTC.
	Slot time.Time
	// Start is when it may start, in UTC: at Slot, or later for one that catch_up = "last" delays; zero where it
	// never starts. Jitter is not in it.
	Start time.Time
	// Reason says why it starts later or not at all; nil where it starts at its time.
	Reason *Reason
}

// Delayed reports whether it starts, but later than at its slot.
func (e Entry) Delayed() bool { return e.Start.After(e.Slot) }

// Entries yields the slots with after < Slot <= until in their order, those that do not start too, but for
// those outside of the schedule's own periods and windows unless all is set.
func (c *Calendar) Entries(after, until time.Time, all bool) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		r := c.reader()
		for slot := range r.slots(after, until, all) {
			e := Entry{Slot: slot, Reason: r.closed(slot, ownWindows)}
			if e.Reason == nil {
				e = r.entry(slot)
			}
			if !yield(e) {
				return
			}
		}
	}
}

// Starts yields the entries with after < Slot <= until that start, in their order: those of Entries that do, found
// without looking at each of the others.
func (c *Calendar) Starts(after, until time.Time) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		r := c.reader()
		slots := r.cursor(after)
		for {
			slot, ok := r.nextSlot(slots, until)
			if !ok {
				return
			}
			if r.closed(slot, everything) == nil {
				if !yield(Entry{Slot: slot, Start: slot}) {
					return
				}
				continue
			}
			opens, ok := r.opens(slot, everything, beyond(slot))
			switch {
			case !ok:
				return
			case !c.catchUp:
				slots.seek(opens.Add(-1))
			default:
				// Of the slots that pass meanwhile the last one starts then.
				last, _ := c.Previous(opens, slot.Add(-1))
				if last.After(until) || !yield(r.entry(last)) {
					return
				}
				slots.seek(last)
			}
		}
	}
}

// MayStart returns nil where the periods, windows and exceptions of schedule and service let a run start at t,
// on a slot or not, and the reason otherwise.
func (c *Calendar) MayStart(t time.Time) *Reason { return c.reader().closed(t, everything) }

// Reasons returns every reason why nothing starts at t by the schedule, also that t is no slot; none where a slot starts
// at its time.
func (c *Calendar) Reasons(t time.Time) []*Reason {
	var out []*Reason
	if _, isSlot := c.Slot(t); !isSlot {
		out = append(out, &Reason{Kind: NoSlot, Range: c.at, Text: "no slot of " + c.times.text})
	}
	r := c.reader()
	out = slices.AppendSeq(out, r.own.closing(&r.ownClock, t))
	if r.service != nil {
		out = slices.AppendSeq(out, r.service.closing(&r.serviceClock, t))
	}
	return out
}

// Opens returns the first time at or after t, to the minute, at which MayStart is nil; false where there is none
// within 28 years.
func (c *Calendar) Opens(t time.Time) (time.Time, bool) {
	return c.reader().opens(t.UTC(), everything, beyond(t))
}

// Slot returns the entry at t; false where t is no slot of every, at or cron. One outside of the schedule's own
// periods and windows is an entry with that reason.
func (c *Calendar) Slot(t time.Time) (Entry, bool) {
	for e := range c.Entries(t.Add(-1), t, true) {
		return e, true
	}
	return Entry{}, false
}

// Previous returns the latest slot with after < slot <= t (it looks at each day between) within the schedule's own periods and windows; false where
// there is none.
func (c *Calendar) Previous(t, after time.Time) (time.Time, bool) {
	r := c.reader()
	for date := dateOf(r.ownClock.wall(t)); ; date = date.Add(-day) {
		for i, times := 0, c.times.on(date); i < len(times); i++ {
			slot := r.ownClock.instant(date.Add(times[len(times)-1-i]))
			if !slot.After(after) {
				return time.Time{}, false
			}
			if !slot.After(t) && r.closed(slot, ownWindows) == nil {
				return slot, true
			}
		}
		if date.Before(after.Add(-2 * day)) {
			return time.Time{}, false
		}
	}
}

// reader reads a calendar; it is for one goroutine.
type reader struct {
	*Calendar
	ownClock, serviceClock clock
}

func (c *Calendar) reader() *reader {
	r := &reader{Calendar: c, ownClock: clock{zone: c.own.zone}}
	if c.service != nil {
		r.serviceClock.zone = c.service.zone
	}
	return r
}

// slots yields the slots with after < slot <= until; unless all is set, only those within the schedule's own periods
// and windows.
func (r *reader) slots(after, until time.Time, all bool) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		slots := r.cursor(after)
		next := func() (time.Time, bool) { return r.nextSlot(slots, until) }
		if all {
			next = func() (time.Time, bool) { return slots.next(until) }
		}
		for slot, ok := next(); ok; slot, ok = next() {
			if !yield(slot) {
				return
			}
		}
	}
}

// nextSlot returns the next slot within the schedule's own periods and windows.
func (r *reader) nextSlot(slots *cursor, until time.Time) (time.Time, bool) {
	for {
		slot, ok := slots.next(until)
		if !ok || r.closed(slot, ownWindows) == nil {
			return slot, ok
		}
		opens, ok := r.opens(slot, ownWindows, until)
		if !ok {
			return time.Time{}, false
		}
		slots.seek(opens.Add(-1))
	}
}

// entry says what becomes of a slot within the schedule's own periods and windows.
func (r *reader) entry(slot time.Time) Entry {
	reason := r.closed(slot, everything)
	if reason == nil {
		return Entry{Slot: slot, Start: slot}
	}
	e := Entry{Slot: slot, Reason: reason}
	if !r.catchUp {
		return e
	}
	limit := beyond(slot)
	next, found := r.nextSlot(r.cursor(slot), limit)
	if found {
		limit = next
	}
	opens, ok := r.opens(slot, everything, limit)
	switch {
	case found && (!ok || !opens.Before(next)):
		e.Reason = reason.superseded(next.In(r.own.zone))
	case ok:
		e.Start = opens
	}
	return e
}

// beyond is the horizon after t, at most the last day of the year 9999.
func beyond(t time.Time) time.Time {
	return earlier(t.Add(horizon), time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC))
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
