package schedule

import (
	"iter"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
)

// level is how many of the rules count; those before them do, too.
type level int

const (
	ownWindows level = iota // the schedule's own periods and windows: what makes a slot
	everything              // its exceptions, and all that the service says
)

// rules are the periods, windows and exceptions of a schedule, or of the service.
type rules struct {
	zone    *time.Location
	active  []config.Period // of midnights in UTC
	windows []config.Window
	except  []config.Exception
	// begins and ends are the times of day at which hours begin, and their last minutes. Midnight is among begins.
	begins, ends []time.Duration
	// The reasons that there are, made once.
	inactive, outside *Reason
	excepted          []*Reason // beside except
}

func newRules(zone *time.Location, active []config.Period, windows []config.Window, except []config.Exception, k kinds) rules {
	if zone == nil {
		zone = time.UTC
	}
	r := rules{zone: zone, windows: windows, begins: []time.Duration{0}}
	for _, p := range active {
		r.active = append(r.active, cleanPeriod(p))
	}
	for _, w := range windows {
		r.bound(w.Hours)
	}
	for _, e := range except {
		e.Period = cleanPeriod(e.Period)
		e.Dates = slices.Clone(e.Dates)
		for i := range e.Dates {
			e.Dates[i] = cleanDate(e.Dates[i])
		}
		r.except = append(r.except, e)
		r.bound(e.Hours)
		r.excepted = append(r.excepted, k.exception(e))
	}
	r.inactive, r.outside = k.inactive(active), k.window(windows)
	return r
}

// orNil is nil where nothing is ruled.
func (r rules) orNil() *rules {
	if len(r.active)+len(r.windows)+len(r.except) == 0 {
		return nil
	}
	return &r
}

// bound notes when a span of hours begins and ends.
func (r *rules) bound(h config.Hours) {
	if h != (config.Hours{}) {
		r.begins, r.ends = append(r.begins, h.From), append(r.ends, h.Until)
	}
}

func cleanPeriod(p config.Period) config.Period {
	p.From, p.Until = cleanDate(p.From), cleanDate(p.Until)
	return p
}

// cleanDate leaves the date alone.
func cleanDate(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	year, month, d := t.Date()
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

// closed returns why nothing starts at t, nil where something may. The clock is of the rules' zone.
func (r *rules) closed(k *clock, t time.Time, l level) *Reason {
	for reason := range r.closing(k, t) {
		if l == ownWindows && reason != r.inactive && reason != r.outside {
			return nil
		}
		return reason
	}
	return nil
}

// closing yields the reasons why nothing starts at t: periods, windows, exceptions as written.
func (r *rules) closing(k *clock, t time.Time) iter.Seq[*Reason] {
	return func(yield func(*Reason) bool) {
		date := dateOf(k.wall(t))
		if len(r.active) > 0 && !slices.ContainsFunc(r.active, func(p config.Period) bool { return holds(p, date) }) && !yield(r.inactive) {
			return
		}
		if len(r.windows) > 0 && !slices.ContainsFunc(r.windows, func(w config.Window) bool {
			return covers(w.Hours, k, t, k.instant, func(d time.Time) bool { return onWeekday(w.Days, d) })
		}) && !yield(r.outside) {
			return
		}
		for i := range r.except {
			e := &r.except[i]
			if covers(e.Hours, k, t, k.last, func(d time.Time) bool { return selects(e, d) }) && !yield(r.excepted[i]) {
				return
			}
		}
	}
}

func holds(p config.Period, date time.Time) bool {
	return (p.From.IsZero() || !date.Before(p.From)) && (p.Until.IsZero() || !date.After(p.Until))
}

// covers reports whether hours that begin on a day that is among days have t in them. They begin with the first
// instant that shows their first minute; end tells which instant that shows their last one is theirs, too: both
// matter where clocks are changed, for there a time is shown twice or not at all, and hours are in one piece all the same.
func covers(h config.Hours, k *clock, t time.Time, end func(wall time.Time) time.Time, days func(time.Time) bool) bool {
	wall := k.wall(t)
	date := dateOf(wall)
	if h == (config.Hours{}) {
		return days(date)
	}
	if k.steady(t) {
		at := wall.Sub(date).Truncate(time.Minute)
		if h.From <= h.Until {
			return h.From <= at && at <= h.Until && days(date)
		}
		return at >= h.From && days(date) || at <= h.Until && days(date.Add(-day))
	}
	for d := date.Add(-2 * day); !d.After(date.Add(day)); d = d.Add(day) {
		last := d.Add(h.Until)
		if h.Until < h.From {
			last = last.Add(day)
		}
		if days(d) && !t.Before(k.instant(d.Add(h.From))) && t.Before(end(last).Add(time.Minute)) {
			return true
		}
	}
	return false
}

func onWeekday(days []time.Weekday, date time.Time) bool {
	return len(days) == 0 || slices.Contains(days, date.Weekday())
}

// selects reports whether a day is one of an exception's: all that it says of days must hold.
func selects(e *config.Exception, date time.Time) bool {
	return onWeekday(e.Days, date) && holds(e.Period, date) &&
		(len(e.Dates) == 0 || slices.ContainsFunc(e.Dates, date.Equal))
}

// changes returns the next instant at which closed may say something else; false where it never will.
func (r *rules) changes(k *clock, t time.Time) (time.Time, bool) {
	date := dateOf(k.wall(t))
	if begins, inactive := r.nextActive(date); inactive {
		if begins.IsZero() {
			return time.Time{}, false
		}
		return k.instant(begins), true
	}
	var next time.Time
	consider := func(at time.Time) {
		if at.After(t) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	first, last := date, date.Add(day)
	steady := k.steady(t)
	if !steady {
		first = date.Add(-day)
		k.stretch(t)
		consider(k.end)
	}
	for d := first; !d.After(last); d = d.Add(day) {
		for _, b := range r.begins {
			consider(k.instant(d.Add(b)))
		}
		for _, b := range r.ends {
			consider(k.instant(d.Add(b)).Add(time.Minute))
			if !steady {
				consider(k.last(d.Add(b)).Add(time.Minute))
			}
		}
	}
	return next, true
}

// nextActive returns the day on which the next active period begins, zero for none; false on a day of one.
func (r *rules) nextActive(date time.Time) (begins time.Time, inactive bool) {
	if len(r.active) == 0 {
		return time.Time{}, false
	}
	for _, p := range r.active {
		if holds(p, date) {
			return time.Time{}, false
		}
		if p.From.After(date) && (begins.IsZero() || p.From.Before(begins)) {
			begins = p.From
		}
	}
	return begins, true
}

// closed returns the first reason why nothing starts at t.
func (r *reader) closed(t time.Time, l level) *Reason {
	if reason := r.own.closed(&r.ownClock, t, l); reason != nil || l == ownWindows || r.service == nil {
		return reason
	}
	return r.service.closed(&r.serviceClock, t, l)
}

// opens returns the first time from t to limit at which closed is nil.
func (r *reader) opens(t time.Time, l level, limit time.Time) (time.Time, bool) {
	for !t.After(limit) {
		if r.closed(t, l) == nil {
			return t, true
		}
		closing, clock := &r.own, &r.ownClock
		if r.own.closed(clock, t, l) == nil {
			closing, clock = r.service, &r.serviceClock
		}
		next, ok := closing.changes(clock, t)
		if !ok {
			return time.Time{}, false
		}
		t = next
	}
	return time.Time{}, false
}
