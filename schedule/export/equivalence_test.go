package export

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/schedule"
)

// firing is when a scheduler calls the guard at the latest, and with which tolerance.
type firing struct {
	at        time.Time
	tolerance time.Duration
}

// clockChange is what a scheduler does where a clock shows a time twice.
type clockChange int

const (
	firesTwice     clockChange = iota // busybox, Kubernetes
	fixedFireFirst                    // Debian's cron and cronie for lines without *; systemd
	firesSecond                       // none that we know; what an unknown one may do
)

// firings are when entries are due, from each minute's local time.
func firings(entries []entry, from, until time.Time, change clockChange) []firing {
	byZone := map[string][]entry{}
	for _, e := range entries {
		byZone[e.zone.String()] = append(byZone[e.zone.String()], e)
	}
	var out []firing
	for _, some := range byZone {
		zone := some[0].zone
		for at := from; at.Before(until); {
			// In pieces of constant offset.
			_, end := at.In(zone).ZoneBounds()
			if end.IsZero() || end.After(until) {
				end = until
			}
			back := time.Duration(0)
			if start, _ := at.In(zone).ZoneBounds(); !start.IsZero() {
				back = offset(start.Add(-time.Second), zone) - offset(start, zone)
				back = start.Add(back).Sub(at) // what is left of the repeated time
			}
			ahead := offset(end.Add(-time.Second), zone) - offset(end, zone)
			for begin := at; at.Before(end); at = at.Add(time.Minute) {
				second := at.Sub(begin) < back
				first := ahead > 0 && end.Sub(at) <= ahead && end.Before(until)
				local := localMinute(at.In(zone))
				for _, e := range some {
					if second && change == fixedFireFirst && e.fixed || first && change == firesSecond {
						continue
					}
					if e.matches(local) {
						out = append(out, firing{at.Add(e.delay), e.tolerance})
					}
				}
			}
		}
	}
	return out
}

// guarded returns when the guard begins the run of which slot. starts are the calendar's, of a month before the first firing too.
func guarded(c *schedule.Calendar, starts []schedule.Entry, all []firing) map[time.Time]time.Time {
	slices.SortFunc(all, func(a, b firing) int { return a.at.Compare(b.at) })
	out := map[time.Time]time.Time{}
	next := 0 // of starts: the first that is not before the firing
	for i, f := range all {
		if i > 0 && all[i-1] == f {
			continue
		}
		for next < len(starts) && !starts[next].Start.After(f.at) {
			next++
		}
		if next == 0 {
			continue
		}
		due := starts[next-1]
		if !due.Start.After(f.at.Add(-f.tolerance)) || c.MayStart(f.at) != nil {
			continue
		}
		if _, done := out[due.Slot]; !done {
			out[due.Slot] = f.at
			if begins := c.Begins(due); begins.After(f.at) {
				out[due.Slot] = begins
			}
		}
	}
	return out
}

// span is a time over which schedules are compared.
type span struct{ from, until time.Time }

// around has the days on which a zone's clocks change, a quiet week and a turn of the year.
func around(zone *time.Location) []span {
	out := []span{
		{date(2026, 11, 9), date(2026, 11, 17)},
		{date(2027, 2, 26), date(2027, 3, 3)},
		{date(2026, 12, 29), date(2027, 1, 4)},
	}
	for _, c := range changes(zone, now) {
		if c.at.Before(date(2027, 7, 1)) {
			middle := c.at.UTC().Truncate(day)
			out = append(out, span{middle.Add(-2 * day), middle.Add(4 * day)})
		}
	}
	return out
}

// expect compares what the guard ran with what the calendar says. Of the first and the last day it asks nothing: a
// slot of then may be caught up.
func expect(t *testing.T, what string, s *config.Schedule, c *schedule.Calendar, over span, starts []schedule.Entry, got map[time.Time]time.Time) {
	t.Helper()
	for _, e := range starts {
		if e.Slot.Before(over.from.Add(day)) || e.Start.After(over.until.Add(-day)) {
			continue
		}
		switch ran, ok := got[e.Slot]; {
		case !ok:
			t.Fatalf("%s misses %s (%s)\n%s", what, e.Slot.In(s.Timezone), e.Slot, describe(s))
		case !e.Delayed() && !ran.Equal(c.Begins(e)):
			t.Fatalf("%s begins that of %s at %s, not at %s\n%s", what, e.Slot.In(s.Timezone), ran.In(s.Timezone), c.Begins(e).In(s.Timezone), describe(s))
		case c.MayStart(ran) != nil:
			t.Fatalf("%s begins that of %s at %s, when nothing may start\n%s", what, e.Slot.In(s.Timezone), ran.In(s.Timezone), describe(s))
		}
	}
}

func describe(s *config.Schedule) string {
	return fmt.Sprintf("%s windows %v except %v active %v catch up %v jitter %s", recurrence(s), s.Windows, s.Except, s.Active, s.CatchUp, s.Jitter)
}

var draws = flag.Int("draws", 21, "schedules that TestEquivalence draws, in seven time zones")

// Whatever a schedule says, each format's entries with the guard run its slots, each once, and no others. A long run:
// go test ./schedule/export -run Equivalence -draws=5000.
func TestEquivalence(t *testing.T) {
	zones := []string{"Europe/Paris", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago", "UTC"}
	for i := range *draws {
		zone := location(t, zones[i%len(zones)])
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, uint64(i)))
			s := randomSchedule(r, zone)
			var service *config.Service
			if r.IntN(3) == 0 {
				service = &config.Service{
					Timezone: location(t, zones[r.IntN(len(zones))]), Windows: randomWindows(r),
					Except: []config.Exception{{Hours: config.Hours{From: at(r.IntN(24), r.IntN(60)), Until: at(r.IntN(24), 30)}}},
				}
			}
			c := schedule.New(s, service)
			elsewhere := location(t, zones[r.IntN(len(zones))])
			for _, over := range around(zone) {
				checkEquivalence(t, s, service, c, over, elsewhere)
			}
			if !sameClock(zone, elsewhere, now) {
				for _, over := range around(elsewhere)[3:] {
					checkEquivalence(t, s, service, c, over, elsewhere)
				}
			}
		})
	}
}

func checkEquivalence(t *testing.T, s *config.Schedule, service *config.Service, c *schedule.Calendar, over span, elsewhere *time.Location) {
	t.Helper()
	options := func(format Format) Options {
		o := unixOptions(format)
		o.Service = service
		return o
	}
	starts := slices.Collect(c.Starts(over.from.Add(-31*day), over.until))
	check := func(what string, all []firing) {
		t.Helper()
		expect(t, what, s, c, over, starts, guarded(c, starts, all))
	}
	at := func(entries []entry, change clockChange) []firing {
		return firings(entries, over.from, over.until, change)
	}

	o := options(Crontab)
	o.Machine = s.Timezone
	crontab := crontabEntries(t, string(write(t, Crontab, o, s).Files[0].Data), s.Timezone)
	check("crontab", at(crontab, fixedFireFirst))
	check("crontab of busybox", at(crontab, firesTwice))
	o.Machine = elsewhere
	crontab = crontabEntries(t, string(write(t, Crontab, o, s).Files[0].Data), elsewhere)
	check("crontab in "+elsewhere.String(), at(crontab, fixedFireFirst))
	check("crontab of busybox in "+elsewhere.String(), at(crontab, firesTwice))

	check("systemd", at(systemdEntries(t, write(t, Systemd, options(Systemd), s).Files), fixedFireFirst))
	check("kubernetes", at(kubernetesEntries(t, string(write(t, Kubernetes, options(Kubernetes), s).Files[0].Data)), firesTwice))

	gitLab := write(t, GitLab, options(GitLab), s).Files
	entries := gitLabEntries(t, string(gitLab[0].Data), string(gitLab[1].Data))
	check("gitlab", at(entries, firesTwice))
	check("gitlab, whatever it does in a repeated hour", at(entries, firesSecond))
	check("github", at(gitHubEntries(t, string(write(t, GitHub, options(GitHub), s).Files[0].Data)), firesTwice))

	task := write(t, Windows, options(Windows), s).Files[0].Data
	check("windows by UTC's days", windowsFirings(t, task, time.UTC, over.from, over.until))
	check("windows by its zone's days", windowsFirings(t, task, s.Timezone, over.from, over.until))
}

func randomWindows(r *rand.Rand) []config.Window {
	var out []config.Window
	for range r.IntN(3) {
		w := config.Window{Hours: config.Hours{From: at(r.IntN(24), r.IntN(60)), Until: at(r.IntN(24), r.IntN(60))}}
		if r.IntN(5) == 0 {
			w.Hours = config.Hours{}
		}
		for weekday := range time.Weekday(7) {
			if r.IntN(2) == 0 {
				w.Days = append(w.Days, weekday)
			}
		}
		out = append(out, w)
	}
	return out
}

func randomSchedule(r *rand.Rand, zone *time.Location) *config.Schedule {
	for {
		s := &config.Schedule{Address: "schedule.random", Name: "random", Timezone: zone, CatchUp: r.IntN(3) == 0, Windows: randomWindows(r)}
		switch r.IntN(3) {
		case 0:
			every := []int{5, 9, 10, 15, 16, 20, 30, 45, 60, 90, 96, 120, 180, 240, 360, 720, 1440}
			s.Every = time.Duration(every[r.IntN(len(every))]) * time.Minute
		case 1:
			for range 1 + r.IntN(4) {
				// Often at the hours at which clocks change.
				hour := r.IntN(24)
				if r.IntN(2) == 0 {
					hour = r.IntN(4)
				}
				s.At = append(s.At, at(hour, r.IntN(12)*5))
			}
			slices.Sort(s.At)
			s.At = slices.Compact(s.At)
		default:
			choose := func(choices ...string) string { return choices[r.IntN(len(choices))] }
			s.Cron = choose("0", "*/15", "30", "5-50/20", "*") + " " + choose("*", "2", "0-3", "22-2", "*/6", "6-19") + " " +
				choose("*", "*", "1", "*/2", "*/13", "13-16", "27-31", "1-31") + " " + choose("*", "*", "nov,mar", "*/2") + " " + choose("*", "*", "1-5", "sun", "6,7", "0-6", "*/5")
		}
		for range r.IntN(3) {
			e := config.Exception{Name: "random", Hours: config.Hours{From: at(r.IntN(24), r.IntN(60)), Until: at(r.IntN(24), r.IntN(60))}}
			switch r.IntN(4) {
			case 0:
				e.Days = []time.Weekday{time.Weekday(r.IntN(7))}
			case 1:
				e.Dates = []time.Time{date(2026, 11, 10+r.IntN(4))}
			case 2:
				e.Hours = config.Hours{}
				e.Days = []time.Weekday{time.Weekday(r.IntN(7))}
			default:
			}
			s.Except = append(s.Except, e)
		}
		if r.IntN(4) == 0 {
			s.Active = []config.Period{{Until: date(2026, 11, 12)}, {From: date(2026, 11, 14)}}
		}
		if r.IntN(2) == 0 {
			s.Jitter = []time.Duration{30 * time.Second, 4 * time.Minute, 20 * time.Minute, 3 * time.Hour}[r.IntN(4)]
			if s.Every > 0 {
				s.Jitter = min(s.Jitter, s.Every-time.Second)
			}
		}
		if _, err := compile(s, nil); err == nil {
			return s
		}
	}
}

// A slot in the second of two equal hours of the machine's clock is met by a crond, too, that starts a line of a
// fixed time once only: 07:30 in Paris is 01:30 EST in New York on 2026-11-01.
func TestCrontabInRepeatedHour(t *testing.T) {
	s := &config.Schedule{Address: "schedule.a", Timezone: location(t, "Europe/Paris"), At: []time.Duration{at(7, 30)}}
	checkEquivalence(t, s, nil, schedule.New(s, nil), span{date(2026, 10, 30), date(2026, 11, 4)}, location(t, "America/New_York"))
}
