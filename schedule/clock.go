package schedule

import "time"

// clock translates between instants and what local clocks show. What they show, the wall, is
// written as the instant at which clocks in UTC show the same. It remembers the stretch of constant offset that
// was asked for last, and is for one goroutine.
type clock struct {
	zone       *time.Location
	start, end time.Time // of the stretch; zero: it has none
	offset     time.Duration
	known      bool
}

// reach is more than any offset, and any change of one but for a day that an island left out.
const reach = 26 * time.Hour

// stretch finds the stretch of constant offset that t lies in.
func (k *clock) stretch(t time.Time) {
	if k.known && (k.start.IsZero() || !t.Before(k.start)) && (k.end.IsZero() || t.Before(k.end)) {
		return
	}
	local := t.In(k.zone)
	_, seconds := local.Zone()
	start, end := local.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		// On 31 December of a leap year the library's end of a stretch that a rule extends lies a day before.
		end = t.Truncate(day).Add(day)
	}
	*k = clock{zone: k.zone, start: start.UTC(), end: end.UTC(), offset: time.Duration(seconds) * time.Second, known: true}
}

// wall is what local clocks show at t.
func (k *clock) wall(t time.Time) time.Time {
	k.stretch(t)
	return t.UTC().Add(k.offset)
}

// instant is the first at which local clocks show wall or, where they skip it, later.
func (k *clock) instant(wall time.Time) time.Time {
	from := wall.Add(-reach)
	for {
		k.stretch(from)
		at := wall.Add(-k.offset)
		switch {
		case at.Before(from):
			return from
		case k.end.IsZero() || at.Before(k.end):
			return at
		}
		from = k.end
	}
}

// last is the last instant at which local clocks show wall or, where they skip it, the first later one.
func (k *clock) last(wall time.Time) time.Time {
	at := k.instant(wall)
	for from := at; ; from = k.end {
		k.stretch(from)
		if again := wall.Add(-k.offset); !again.Before(from) && (k.end.IsZero() || again.Before(k.end)) {
			at = again
		}
		if k.end.IsZero() || k.end.After(wall.Add(reach)) {
			return at
		}
	}
}

// steady reports whether clocks are not changed within days of t: what they show then tells all.
func (k *clock) steady(t time.Time) bool {
	const margin = 2*day + reach
	k.stretch(t)
	return (k.start.IsZero() || t.Sub(k.start) > margin) && (k.end.IsZero() || k.end.Sub(t) > margin)
}

// dateOf is the midnight at which the day of a wall begins.
func dateOf(wall time.Time) time.Time { return wall.Truncate(day) }

// At returns the first instant at which local clocks show a time, given as clocks in UTC would show it or, where they
// skip it, later.
func At(wall time.Time, zone *time.Location) time.Time {
	k := clock{zone: zone}
	return k.instant(wall)
}
