package schedule

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
)

func date(t testing.TB, text string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	m, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func clockTime(hours, minutes int) time.Duration {
	return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
}

// paris is a schedule in Europe/Paris.
func paris(t testing.TB, s config.Schedule) *config.Schedule {
	t.Helper()
	s.Address, s.Timezone = "schedule.nightly", mustZone(t, "Europe/Paris")
	return &s
}

// starts lists the slots that start in a stretch of time, in local time, with their delays.
func starts(t testing.TB, s *config.Schedule, service *config.Service, after, until string) []string {
	t.Helper()
	c := New(s, service)
	var out []string
	for e := range c.Starts(moment(t, after), moment(t, until)) {
		line := e.Slot.In(s.Timezone).Format(time.RFC3339)
		if e.Delayed() {
			line += " at " + e.Start.In(s.Timezone).Format(time.RFC3339)
		}
		out = append(out, line)
	}
	var checked []string
	for e := range c.Entries(moment(t, after), moment(t, until), false) {
		if !e.Start.IsZero() {
			checked = append(checked, e.Slot.In(s.Timezone).Format(time.RFC3339))
		}
	}
	if len(checked) != len(out) {
		t.Errorf("Entries has %q, Starts %q", checked, out)
	}
	return out
}

func expect(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Both days on which the clocks change: 02:30 is there once, in March at 03:00.
func TestClocksChange(t *testing.T) {
	t.Parallel()
	nightly := paris(t, config.Schedule{At: []time.Duration{clockTime(2, 30)}})
	expect(t, "October", starts(t, nightly, nil, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"),
		"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00")
	expect(t, "March", starts(t, nightly, nil, "2027-03-27T12:00:00Z", "2027-03-29T12:00:00Z"),
		"2027-03-28T03:00:00+02:00", "2027-03-29T02:30:00+02:00")
	for e := range New(nightly, nil).Starts(moment(t, "2026-10-24T12:00:00Z"), moment(t, "2026-10-25T12:00:00Z")) {
		if want := moment(t, "2026-10-25T00:30:00Z"); !e.Slot.Equal(want) || e.Slot.Location() != time.UTC {
			t.Errorf("the slot is %s, want %s in UTC", e.Slot, want)
		}
	}

	quarters := paris(t, config.Schedule{Every: 15 * time.Minute})
	expect(t, "every 15m in October", starts(t, quarters, nil, "2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z"),
		"2026-10-25T02:45:00+02:00", "2026-10-25T03:00:00+01:00")
	expect(t, "every 15m in March", starts(t, quarters, nil, "2027-03-28T00:30:00Z", "2027-03-28T01:15:00Z"),
		"2027-03-28T01:45:00+01:00", "2027-03-28T03:00:00+02:00", "2027-03-28T03:15:00+02:00")
	if n := len(starts(t, quarters, nil, "2026-10-24T21:59:59Z", "2026-10-25T22:59:59Z")); n != 96 {
		t.Errorf("the day of 25 hours has %d slots, want 96", n)
	}
	if n := len(starts(t, quarters, nil, "2027-03-27T22:59:59Z", "2027-03-28T21:59:59Z")); n != 92 {
		t.Errorf("the day of 23 hours has %d slots, want 92: those skipped are the one at 03:00", n)
	}
}

// From one slot on, the next is found, whichever of them is asked for.
func TestEachSlotLeadsToTheNext(t *testing.T) {
	t.Parallel()
	c := New(paris(t, config.Schedule{Every: 30 * time.Minute}), nil)
	until := moment(t, "2026-10-25T12:00:00Z")
	all := slices.Collect(c.Starts(moment(t, "2026-10-24T12:00:00Z"), until))
	for i, e := range all[:len(all)-1] {
		for next := range c.Starts(e.Slot, until) {
			if next != all[i+1] {
				t.Errorf("after %s comes %s, want %s", e.Slot, next.Slot, all[i+1].Slot)
			}
			break
		}
	}
}

func TestLeapDay(t *testing.T) {
	t.Parallel()
	leap := paris(t, config.Schedule{Cron: "0 3 29 2 *"})
	expect(t, "29 February", starts(t, leap, nil, "2026-01-01T00:00:00Z", "2033-01-01T00:00:00Z"),
		"2028-02-29T03:00:00+01:00", "2032-02-29T03:00:00+01:00")
}

// On the last day of a leap year the library's bounds of a zone lie before it.
func TestEndOfALeapYear(t *testing.T) {
	t.Parallel()
	hourly := paris(t, config.Schedule{Every: 12 * time.Hour, Windows: []config.Window{{Hours: config.Hours{From: clockTime(11, 0), Until: clockTime(13, 0)}}}})
	expect(t, "the turn of the year", starts(t, hourly, nil, "2028-12-30T00:00:00Z", "2029-01-02T00:00:00Z"),
		"2028-12-30T12:00:00+01:00", "2028-12-31T12:00:00+01:00", "2029-01-01T12:00:00+01:00")
}

// E11: the academic year before overlaps until the end of September.
func TestOverlappingYears(t *testing.T) {
	t.Parallel()
	s := paris(t, config.Schedule{At: []time.Duration{clockTime(6, 0)}, Active: []config.Period{
		{From: date(t, "2025-09-01"), Until: date(t, "2026-09-30")},
		{From: date(t, "2026-09-15"), Until: date(t, "2027-09-30")},
	}})
	if got := starts(t, s, nil, "2026-09-01T00:00:00Z", "2026-10-31T23:00:00Z"); len(got) != 61 || slices.ContainsFunc(got, func(a string) bool { return a == "" }) {
		t.Errorf("September and October have %d runs, want one a day: %q", len(got), got)
	}
	expect(t, "the last days", starts(t, s, nil, "2027-09-29T00:00:00Z", "2028-01-01T00:00:00Z"),
		"2027-09-29T06:00:00+02:00", "2027-09-30T06:00:00+02:00")
	if got := New(s, nil).MayStart(moment(t, "2027-09-30T22:00:00Z")); got == nil || got.Kind != Inactive {
		t.Errorf("after the last day it may start: %+v", got)
	}
}

func closedOnSundays() config.Exception {
	return config.Exception{Name: "weekly optimisation", Days: []time.Weekday{time.Sunday}, Hours: config.Hours{From: clockTime(9, 0), Until: clockTime(11, 0)}}
}

// E16: the destination is away on Sundays from 9 to 11.
func TestSundays(t *testing.T) {
	t.Parallel()
	s := paris(t, config.Schedule{Every: 30 * time.Minute, Except: []config.Exception{closedOnSundays()}})
	const after, until = "2026-09-06T06:00:00Z", "2026-09-06T09:45:00Z"
	expect(t, "without catch_up", starts(t, s, nil, after, until),
		"2026-09-06T08:30:00+02:00", "2026-09-06T11:30:00+02:00")
	s.CatchUp = true
	expect(t, "with catch_up", starts(t, s, nil, after, until),
		"2026-09-06T08:30:00+02:00", "2026-09-06T11:00:00+02:00 at 2026-09-06T11:01:00+02:00", "2026-09-06T11:30:00+02:00")
	var reasons []string
	for e := range New(s, nil).Entries(moment(t, after), moment(t, "2026-09-06T07:30:00Z"), false) {
		if e.Reason != nil {
			reasons = append(reasons, string(e.Reason.Kind)+": "+e.Reason.Text)
		}
	}
	expect(t, "reasons", reasons,
		`superseded: exception "weekly optimisation", sun 09:00-11:00, until the next slot (2026-09-06 09:30) is due`,
		`superseded: exception "weekly optimisation", sun 09:00-11:00, until the next slot (2026-09-06 10:00) is due`)
}

// A window past midnight belongs to the day on which it begins.
func TestWindowPastMidnight(t *testing.T) {
	t.Parallel()
	s := paris(t, config.Schedule{Every: time.Hour, Windows: []config.Window{
		{Days: []time.Weekday{time.Friday}, Hours: config.Hours{From: clockTime(22, 0), Until: clockTime(1, 0)}},
	}})
	expect(t, "the night to Saturday", starts(t, s, nil, "2026-09-01T00:00:00Z", "2026-09-08T00:00:00Z"),
		"2026-09-04T22:00:00+02:00", "2026-09-04T23:00:00+02:00", "2026-09-05T00:00:00+02:00", "2026-09-05T01:00:00+02:00")
	c := New(s, nil)
	for at, want := range map[string]bool{"2026-09-04T23:00:59Z": true, "2026-09-04T23:01:00Z": false, "2026-09-03T23:00:00Z": false} {
		if got := c.MayStart(moment(t, at)) == nil; got != want {
			t.Errorf("MayStart(%s) is %t, want %t: the last minute is included", at, got, want)
		}
	}
}

// Of exceptions that overlap the first that is written is named.
func TestOverlappingExceptions(t *testing.T) {
	t.Parallel()
	s := paris(t, config.Schedule{Every: time.Hour, CatchUp: true, Except: []config.Exception{
		closedOnSundays(),
		{Name: "removal", Period: config.Period{From: date(t, "2026-09-05"), Until: date(t, "2026-09-06")}},
	}})
	c := New(s, nil)
	for at, want := range map[string]string{"2026-09-06T08:00:00Z": "weekly optimisation", "2026-09-06T10:00:00Z": "removal"} {
		if got := c.MayStart(moment(t, at)); got == nil || got.Name != want {
			t.Errorf("at %s the reason is %+v, want %q", at, got, want)
		}
	}
	opens, ok := c.Opens(moment(t, "2026-09-05T08:00:00Z"))
	if want := moment(t, "2026-09-06T22:00:00Z"); !ok || !opens.Equal(want) {
		t.Errorf("it opens at %s, want %s", opens, want)
	}
}

// The service's windows stop what the schedule allows, in a time zone of their own.
func TestServiceWindow(t *testing.T) {
	t.Parallel()
	s := paris(t, config.Schedule{At: []time.Duration{clockTime(1, 0), clockTime(2, 0)}, CatchUp: true})
	service := &config.Service{Timezone: time.UTC, Windows: []config.Window{{Hours: config.Hours{From: clockTime(3, 0), Until: clockTime(22, 0)}}}}
	expect(t, "two nights", starts(t, s, service, "2026-09-01T12:00:00Z", "2026-09-03T12:00:00Z"),
		"2026-09-02T02:00:00+02:00 at 2026-09-02T05:00:00+02:00", "2026-09-03T02:00:00+02:00 at 2026-09-03T05:00:00+02:00")
	reason := New(s, service).MayStart(moment(t, "2026-09-02T00:00:00Z"))
	if reason == nil || reason.Kind != ServiceWindow || reason.Text != "outside the service's window (03:00-22:00)" {
		t.Errorf("the reason is %+v", reason)
	}
}

func TestCron(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ cron, want string }{
		{"0 0 13 * 5", "2026-11-06T00:00:00+01:00"},   // the 13th or a Friday
		{"0 0 */13 * 5", "2026-11-27T00:00:00+01:00"}, // as in crontab(5): a field that begins with * is not restricted
		{"0 0 31 * *", "2026-12-31T00:00:00+01:00"},
		{"30 6 * * 7", "2026-11-08T06:30:00+01:00"},
	} {
		got := starts(t, paris(t, config.Schedule{Cron: c.cron}), nil, "2026-11-01T12:00:00Z", "2027-01-01T12:00:00Z")
		if len(got) == 0 || got[0] != c.want {
			t.Errorf("%s is first at %q, want %s", c.cron, got, c.want)
		}
	}
	for _, bad := range []string{"", "* * * *", "0 0 3 * * *", "@daily", "TZ=UTC * * * *", "61 * * * *", "0 0 * * mon#2", "H * * * *"} {
		if _, err := ParseCron(bad); err == nil {
			t.Errorf("%q is no mistake", bad)
		}
	}
}

// Whatever never opens ends, however far one looks.
func TestNeverOpens(t *testing.T) {
	t.Parallel()
	always := config.Exception{Name: "always"}
	never := []*config.Schedule{
		paris(t, config.Schedule{Cron: "0 0 30 2 *"}),
		paris(t, config.Schedule{Cron: "not cron"}),
		paris(t, config.Schedule{Every: time.Minute, Except: []config.Exception{always}}),
		paris(t, config.Schedule{Every: time.Minute, CatchUp: true, Except: []config.Exception{always}}),
		paris(t, config.Schedule{Every: time.Minute, Active: []config.Period{{Until: date(t, "1999-12-31")}}}),
		paris(t, config.Schedule{At: []time.Duration{clockTime(6, 0)}, Windows: []config.Window{{Hours: config.Hours{From: clockTime(7, 0), Until: clockTime(8, 0)}}}}),
	}
	far := time.Unix(math.MaxInt32, 0)
	for _, s := range never {
		c := New(s, nil)
		for e := range c.Starts(moment(t, "2026-01-01T00:00:00Z"), far) {
			t.Errorf("%+v starts: %+v", s, e)
			break
		}
		if s.Except == nil {
			for e := range c.Entries(moment(t, "2026-01-01T00:00:00Z"), far, false) {
				t.Errorf("%+v has an entry: %+v", s, e)
				break
			}
		}
	}
	if _, ok := New(never[2], nil).Opens(moment(t, "2026-01-01T00:00:00Z")); ok {
		t.Error("it opens")
	}
}

func TestNever(t *testing.T) {
	t.Parallel()
	sundays := []config.Window{{Days: []time.Weekday{time.Sunday}}}
	week := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	for _, c := range []struct {
		name    string
		s       config.Schedule
		service *config.Service
		want    ReasonKind
		named   string
	}{
		{name: "each day", s: config.Schedule{Every: time.Hour}},
		{name: "29 February", s: config.Schedule{Cron: "0 0 29 2 *"}},
		{name: "a Sunday 29 February", s: config.Schedule{Cron: "0 0 29 2 *", Windows: sundays}},
		{name: "an ended year", s: config.Schedule{Every: time.Hour, Active: []config.Period{{From: date(t, "2019-09-01"), Until: date(t, "2020-07-31")}}}},
		{name: "an end", s: config.Schedule{Every: time.Hour, Except: []config.Exception{{Period: config.Period{From: date(t, "2026-09-01")}}}}},
		{name: "30 February", s: config.Schedule{Cron: "0 0 30 2 *"}, want: NoSlot},
		{name: "no window", s: config.Schedule{Cron: "0 0 * * 1", Windows: sundays}, want: OutsideWindow},
		{name: "not in its year", s: config.Schedule{Cron: "0 0 1 8 *", Active: []config.Period{{From: date(t, "2026-09-01"), Until: date(t, "2027-07-31")}}}, want: Inactive},
		{name: "each excepted", s: config.Schedule{Every: time.Hour, CatchUp: true, Except: []config.Exception{
			{Name: "nights", Hours: config.Hours{From: clockTime(20, 0), Until: clockTime(6, 0)}}, {Name: "week", Days: week}, closedOnSundays(),
		}}, want: Excepted, named: "week"},
		{
			name: "made up for", s: config.Schedule{At: []time.Duration{clockTime(9, 30)}, Windows: sundays, Except: []config.Exception{closedOnSundays()}, CatchUp: true},
		},
		{
			name: "not made up for", s: config.Schedule{At: []time.Duration{clockTime(9, 30)}, Windows: sundays, Except: []config.Exception{closedOnSundays()}},
			want: Excepted, named: "weekly optimisation",
		},
		{
			name: "the service's window", s: config.Schedule{At: []time.Duration{clockTime(2, 0)}}, want: ServiceWindow,
			service: &config.Service{Windows: []config.Window{{Hours: config.Hours{From: clockTime(6, 0), Until: clockTime(20, 0)}}}},
		},
		{
			name: "the service's exception", s: config.Schedule{At: []time.Duration{clockTime(2, 0)}}, want: ServiceExcepted, named: "nights",
			service: &config.Service{Except: []config.Exception{{Name: "nights", Hours: config.Hours{From: clockTime(22, 0), Until: clockTime(6, 0)}}}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := c.s
			s.Timezone = time.UTC
			if got := Never(&s, c.service); got == nil && c.want != "" || got != nil && (got.Kind != c.want || got.Name != c.named) {
				t.Errorf("the reason is %+v, want %q %q", got, c.want, c.named)
			}
		})
	}
}

// Of what keeps the last slots from starting, the reason is what does so for good.
func TestNoMore(t *testing.T) {
	t.Parallel()
	weekend := config.Exception{Name: "weekend", Days: []time.Weekday{time.Saturday, time.Sunday}}
	week := config.Exception{Name: "week", Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, Hours: config.Hours{From: 0, Until: clockTime(4, 0)}}
	end := config.Exception{Name: "end", Period: config.Period{From: date(t, "2027-01-01")}}
	at := []time.Duration{clockTime(2, 0), clockTime(6, 0)}
	for _, c := range []struct {
		name    string
		s       config.Schedule
		service *config.Service
		want    ReasonKind
		named   string
	}{
		{"weekends before", config.Schedule{At: at, Except: []config.Exception{weekend, week, end}}, nil, Excepted, "end"},
		{"weekends after", config.Schedule{At: at, Except: []config.Exception{end, week, weekend}}, nil, Excepted, "end"},
		{"the year ends", config.Schedule{At: at, Except: []config.Exception{weekend}, Active: []config.Period{{Until: date(t, "2026-12-31")}}}, nil, Inactive, ""},
		{"the service's", config.Schedule{At: at, Except: []config.Exception{weekend}}, &config.Service{Except: []config.Exception{weekend, end}}, ServiceExcepted, "end"},
		{"it goes on", config.Schedule{At: at, Except: []config.Exception{weekend, week}}, nil, "", ""},
	} {
		s := c.s
		s.Timezone = time.UTC
		got := NoMore(&s, c.service, moment(t, "2026-12-31T12:00:00Z"))
		if got == nil && c.want != "" || got != nil && (got.Kind != c.want || got.Name != c.named) {
			t.Errorf("%s: the reason is %+v, want %q %q", c.name, got, c.want, c.named)
		}
	}
}

func TestJitter(t *testing.T) {
	t.Parallel()
	s := paris(t, config.Schedule{Every: time.Hour, Jitter: 5 * time.Minute})
	a, b := New(s, nil), New(s, nil)
	different := map[time.Duration]bool{}
	for e := range a.Starts(moment(t, "2026-01-01T00:00:00Z"), moment(t, "2026-01-08T00:00:00Z")) {
		got := a.Jitter(e.Slot)
		if got < 0 || got >= s.Jitter {
			t.Errorf("the jitter of %s is %s", e.Slot, got)
		}
		if again := b.Jitter(e.Slot.In(s.Timezone)); again != got {
			t.Errorf("another replica's jitter of %s is %s, not %s", e.Slot, again, got)
		}
		different[got] = true
	}
	if len(different) < 100 {
		t.Errorf("168 slots have %d jitters", len(different))
	}
	s.Jitter = 0
	if got := New(s, nil).Jitter(moment(t, "2026-01-01T00:00:00Z")); got != 0 {
		t.Errorf("without jitter it is %s", got)
	}
}

// Whatever the jitter, a run begins while its window is open and before the next slot.
func TestBegins(t *testing.T) {
	t.Parallel()
	s := paris(t, config.Schedule{
		At: []time.Duration{clockTime(6, 0), clockTime(6, 7), clockTime(19, 45)}, Jitter: 30 * time.Minute,
		Windows: []config.Window{{Hours: config.Hours{From: clockTime(6, 0), Until: clockTime(19, 45)}}},
	})
	c := New(s, nil)
	var previous time.Time
	carried := 0
	for e := range c.Starts(moment(t, "2026-01-01T00:00:00Z"), moment(t, "2026-03-01T00:00:00Z")) {
		at := c.Begins(e)
		if at.Before(e.Start) || at.After(e.Start.Add(c.Jitter(e.Slot))) || c.MayStart(at) != nil {
			t.Errorf("the run of %s begins at %s", e.Slot, at)
		}
		if !e.Slot.After(previous) {
			t.Errorf("the run before that of %s begins at %s", e.Slot, previous)
		}
		if at.Sub(e.Start) > time.Minute {
			carried++
		}
		previous = at
	}
	if carried < 59 {
		t.Errorf("%d of 177 runs begin more than a minute late: there is no jitter", carried)
	}
	if got := c.Begins(Entry{Slot: moment(t, "2026-01-01T05:00:00Z")}); !got.IsZero() {
		t.Errorf("what never starts begins at %s", got)
	}
}

func TestDaysText(t *testing.T) {
	t.Parallel()
	for want, days := range map[string][]time.Weekday{
		"":                   nil,
		"mon-fri":            {time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
		"mon, tue, sat, sun": {time.Saturday, time.Sunday, time.Monday, time.Tuesday},
		"sun":                {time.Sunday},
	} {
		if got := daysText(days); got != want {
			t.Errorf("%v is %q, want %q", days, got, want)
		}
	}
}

// In the night in which 02:00 to 03:00 is shown twice an exception that begins in it is over at its end, and not when
// 02:00 is shown again.
func TestHoursInOnePiece(t *testing.T) {
	t.Parallel()
	hours := config.Hours{From: clockTime(2, 15), Until: clockTime(5, 30)}
	s := paris(t, config.Schedule{At: []time.Duration{clockTime(2, 30)}, CatchUp: true, Except: []config.Exception{{Name: "backups", Hours: hours}}})
	expect(t, "October", starts(t, s, nil, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
		"2026-10-25T02:30:00+02:00 at 2026-10-25T05:31:00+01:00")
	s.Except[0].Hours = config.Hours{From: clockTime(1, 0), Until: clockTime(2, 30)}
	expect(t, "until the second 02:30", starts(t, s, nil, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
		"2026-10-25T02:30:00+02:00 at 2026-10-25T02:31:00+01:00")

	// A window that the clocks skip has its slot all the same.
	s.Except, s.Windows = nil, []config.Window{{Hours: config.Hours{From: clockTime(2, 0), Until: clockTime(2, 59)}}}
	expect(t, "March", starts(t, s, nil, "2027-03-27T12:00:00Z", "2027-03-28T12:00:00Z"), "2027-03-28T03:00:00+02:00")
}
