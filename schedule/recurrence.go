package schedule

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/registrar-sync/registrar/config"
)

// recurrence is every, at or cron: times of day, on some days.
type recurrence struct {
	times []time.Duration // from local midnight, in their order
	dates *Cron           // nil: each day
	text  string          // as it is written
}

func newRecurrence(s *config.Schedule) recurrence {
	switch {
	case s.Cron != "":
		cron, err := ParseCron(s.Cron)
		if err != nil {
			return recurrence{}
		}
		return recurrence{times: cron.Times, dates: cron, text: fmt.Sprintf("cron = %q", s.Cron)}
	case s.Every > 0:
		var times []time.Duration
		for at := time.Duration(0); at < day; at += s.Every {
			times = append(times, at)
		}
		return recurrence{times: times, text: fmt.Sprintf("every = %q", spanText(s.Every))}
	default:
		r := recurrence{times: slices.Compact(slices.Sorted(slices.Values(s.At)))}
		texts := make([]string, len(r.times))
		for i, at := range r.times {
			texts[i] = strconv.Quote(clockText(at))
		}
		r.text = "at = [" + listed(texts) + "]"
		return r
	}
}

// spanText is "15m" or "2h".
func spanText(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}

// on returns the times of the slots of a day, a midnight in UTC.
func (r *recurrence) on(date time.Time) []time.Duration {
	if r.dates != nil && !r.dates.match(date) {
		return nil
	}
	return r.times
}

// cursor goes through the slots of a recurrence, whatever periods and windows say.
type cursor struct {
	times *recurrence
	clock clock
	last  time.Time // the instant after which slots are looked for
	date  time.Time
	left  []time.Duration // of that date
}

func (r *reader) cursor(after time.Time) *cursor {
	c := &cursor{times: &r.times, clock: clock{zone: r.own.zone}}
	c.seek(after)
	return c
}

// seek makes next return the first slot after an instant.
func (c *cursor) seek(after time.Time) {
	c.last = after.UTC()
	wall := c.clock.wall(after)
	c.date = dateOf(wall)
	c.left = c.times.on(c.date)
	c.left = c.left[sort.Search(len(c.left), func(i int) bool { return c.date.Add(c.left[i]).After(wall) }):]
}

// next returns the next slot, in UTC; false where none is at until or before. Slots that local clocks skip
// together are one.
func (c *cursor) next(until time.Time) (time.Time, bool) {
	if len(c.times.times) == 0 {
		return time.Time{}, false
	}
	limit := dateOf(c.clock.wall(until))
	for {
		for len(c.left) > 0 {
			slot := c.clock.instant(c.date.Add(c.left[0]))
			if slot.After(until) {
				return time.Time{}, false
			}
			c.left = c.left[1:]
			// In an hour that is repeated its slots were before.
			if slot.After(c.last) {
				c.last = slot
				return slot, true
			}
		}
		if !c.date.Before(limit) {
			return time.Time{}, false
		}
		c.date = c.date.Add(day)
		c.left = c.times.on(c.date)
	}
}
