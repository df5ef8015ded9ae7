package export

import (
	"slices"
	"time"
)

// horizon is for how long the changes of a time zone are looked at. Files older than that must be written
// again; rules change sooner.
const horizon = 10 * 366 * day

// change is when a zone's offset from UTC changes.
type change struct {
	at            time.Time
	before, after time.Duration // offsets
}

func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// changes returns those of a zone from a day before a time on.
func changes(zone *time.Location, from time.Time) []change {
	var out []change
	for t, until := from.Add(-day), from.Add(horizon); ; {
		_, end := t.In(zone).ZoneBounds()
		if end.IsZero() || end.After(until) {
			return out
		}
		c := change{at: end, before: offset(end.Add(-time.Second), zone), after: offset(end, zone)}
		if c.before != c.after { // not only a name
			out = append(out, c)
		}
		t = end
	}
}

// sameClock reports whether two zones show the same time.
func sameClock(a, b *time.Location, from time.Time) bool {
	return offset(from.Add(-day), a) == offset(from.Add(-day), b) && slices.EqualFunc(changes(a, from), changes(b, from), func(x, y change) bool {
		return x.at.Equal(y.at) && x.after == y.after
	})
}

// differences are those between what two zones show, in minutes, that occur from a time on.
func differences(zone, other *time.Location, from time.Time) []int {
	at := []time.Time{from.Add(-day)}
	for _, c := range slices.Concat(changes(zone, from), changes(other, from)) {
		at = append(at, c.at)
	}
	var out []int
	for _, t := range at {
		out = append(out, int((offset(t, other)-offset(t, zone))/time.Minute))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// in returns a part's times as another zone's clocks show them: under each difference that there is between
// both. A slot that its own zone's clock leaves out is there at the first minute after.
//
// It assumes that who reads them fires, where a clock shows a minute twice, on the first at least. repeated is
// not empty where that is not enough: its minutes are needed on the second, too.
func (p part) in(zone *time.Location, from time.Time) (out, repeated *times) {
	out, repeated = newTimes(), newTimes()
	if sameClock(p.zone, zone, from) {
		out.addShifted(p.times, 0)
	} else {
		for _, difference := range differences(p.zone, zone, from) {
			out.addShifted(p.times, difference)
		}
		for _, c := range changes(zone, from) {
			for t := c.at; t.Before(c.at.Add(c.before - c.after)); t = t.Add(time.Minute) {
				if p.has(t.In(p.zone)) {
					repeated.addMinute(t.In(zone))
				}
			}
		}
	}
	for _, c := range changes(p.zone, from) {
		first := c.at.Add(time.Minute - 1).Truncate(time.Minute)
		if own := first.In(p.zone); out.has(first.In(zone)) || !open(p.windows, own.Weekday(), time.Duration(own.Hour()*60+own.Minute())*time.Minute) {
			continue
		}
		for skipped := c.before; skipped < c.after; skipped += time.Minute {
			if p.all.has(c.at.UTC().Add(skipped)) {
				out.addMinute(first.In(zone))
				break
			}
		}
	}
	return out, repeated
}

// union joins what several parts say in one zone.
func union(parts []part, zone *time.Location, from time.Time) (out, repeated *times) {
	out, repeated = newTimes(), newTimes()
	for _, p := range parts {
		some, twice := p.in(zone, from)
		out.addShifted(some, 0)
		repeated.addShifted(twice, 0)
	}
	return out, repeated
}
