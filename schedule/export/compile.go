package export

import (
	"fmt"
	"math/bits"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/schedule"
)

// part is local times of one zone at which a schedule's guard has something to decide.
type part struct {
	zone *time.Location
	*times
	// all are its times whatever its windows say. A slot that a clock leaves out is at the first minute after,
	// and it is then that a window must be open.
	all     *times
	windows []config.Window
}

// compile returns when a slot may be, or with catch_up = "last" a delayed one may start: periods and
// exceptions are left to the guard.
func compile(s *config.Schedule, service *config.Service) ([]part, error) {
	slots, err := slotsOf(s, s.Windows)
	if err != nil {
		return nil, err
	}
	all, err := slotsOf(s, nil)
	if err != nil {
		return nil, err
	}
	if slots.empty() {
		return nil, fmt.Errorf("no window is open at any of its times")
	}
	parts := []part{{s.Timezone, slots, all, s.Windows}}
	if !s.CatchUp {
		return parts, nil
	}
	restricted := service != nil && len(service.Active)+len(service.Windows)+len(service.Except) > 0
	if len(s.Except) > 0 || restricted {
		addOpenings(slots, s.Active, s.Windows, s.Except)
		all.addShifted(slots, 0)
	}
	if restricted {
		openings := newTimes()
		addOpenings(openings, service.Active, service.Windows, service.Except)
		if len(service.Active) > 0 {
			addOpening(openings, service.Windows, nil, 0)
		}
		if !openings.empty() {
			parts = append(parts, part{service.Timezone, openings, openings, service.Windows})
		}
	}
	return parts, nil
}

// slotsOf returns a schedule's slots in windows, all of them where there are none.
func slotsOf(s *config.Schedule, windows []config.Window) (*times, error) {
	if s.Cron != "" {
		return slotsOfCron(s, windows)
	}
	at := s.At
	if s.Every > 0 {
		at = nil
		for slot := time.Duration(0); slot < day; slot += s.Every {
			at = append(at, slot)
		}
	}
	out := newTimes()
	for weekday := range time.Weekday(7) {
		var m minutes
		for _, slot := range at {
			if open(windows, weekday, slot) {
				m.add(int((slot + time.Minute - 1) / time.Minute))
			}
		}
		out.addWeekly(allMonths, weekday, m)
	}
	return out, nil
}

func slotsOfCron(s *config.Schedule, windows []config.Window) (*times, error) {
	cron, err := schedule.ParseCron(s.Cron)
	if err != nil {
		return nil, err
	}
	byWeekday, byDay := true, true // one of the two is enough
	if cron.Both {
		// Those that are fewer hold all days that are in both: the guard leaves the others out.
		byDay = bits.OnesCount64(cron.Days)*7 < bits.OnesCount64(cron.Weekdays)*31
		byWeekday = !byDay
	}
	out := newTimes()
	var anyDay minutes // at which a window is open on some day
	for weekday := range time.Weekday(7) {
		var m minutes
		for _, slot := range cron.Times {
			if open(windows, weekday, slot) {
				m.add(int(slot / time.Minute))
			}
		}
		anyDay.addAll(m)
		if byWeekday && cron.Weekdays&(1<<weekday) != 0 {
			out.addWeekly(cron.Months, weekday, m)
		}
	}
	if byDay {
		// Of a day of the month nobody knows the day of the week.
		out.addMonthly(monthly{cron.Months, cron.Days}, anyDay)
	}
	return out, nil
}

// open reports whether a window is open at a time of a day of the week.
func open(windows []config.Window, weekday time.Weekday, at time.Duration) bool {
	return len(windows) == 0 || slices.ContainsFunc(windows, func(w config.Window) bool {
		on := func(d time.Weekday) bool { return len(w.Days) == 0 || slices.Contains(w.Days, d) }
		minute := at.Truncate(time.Minute)
		switch h := w.Hours; {
		case h == config.Hours{}:
			return on(weekday)
		case h.From <= h.Until:
			return on(weekday) && h.From <= minute && minute <= h.Until
		default:
			// After midnight it is still the window of the day before.
			return on(weekday) && minute >= h.From || on((weekday+6)%7) && minute <= h.Until
		}
	})
}

// addOpenings adds when a delayed slot may start: the first minute after something that was closed. On more
// days than needed, for those of exceptions by date.
func addOpenings(t *times, active []config.Period, windows []config.Window, except []config.Exception) {
	if len(active) > 1 {
		addOpening(t, windows, nil, 0)
	}
	for _, w := range windows {
		addOpening(t, windows, w.Days, w.Hours.From)
	}
	for _, e := range except {
		on := e.Days
		if len(e.Dates) > 0 || !e.Period.From.IsZero() || !e.Period.Until.IsZero() {
			on = nil
		}
		end := e.Hours.Until + time.Minute
		if (e.Hours == config.Hours{}) {
			end = day
		} else if e.Hours.From > e.Hours.Until {
			end += day
		}
		days := make([]time.Weekday, len(on))
		for i, weekday := range on {
			days[i] = (weekday + time.Weekday(end/day)) % 7
		}
		addOpening(t, windows, days, end%day)
	}
}

// addOpening adds a time on days of the week, on all where there are none, if a window is open then.
func addOpening(t *times, windows []config.Window, days []time.Weekday, at time.Duration) {
	for weekday := range time.Weekday(7) {
		if (len(days) == 0 || slices.Contains(days, weekday)) && open(windows, weekday, at) {
			var m minutes
			m.add(int(at / time.Minute))
			t.addWeekly(allMonths, weekday, m)
		}
	}
}
