package schedule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/registrar-sync/registrar/config"
)

// shownMinutes are what local clocks show in a stretch of time, minute by minute.
type shownMinutes struct {
	walls []time.Time
	// first is the minute in which a time is shown first, or known to be skipped; last the last one that shows it.
	// They are by minutes from base on, -1 where there is none.
	base        time.Time
	first, last []int
}

// index is where first and last have a time; -1 for one that they do not have.
func (m *shownMinutes) index(wall time.Time) int {
	if i := int(wall.Sub(m.base) / time.Minute); !wall.Before(m.base) && i < len(m.first) {
		return i
	}
	return -1
}

// firstOf and lastOf look a time up; false where no minute has it.
func (m *shownMinutes) firstOf(wall time.Time) (int, bool) { return lookUp(m.first, m.index(wall)) }
func (m *shownMinutes) lastOf(wall time.Time) (int, bool)  { return lookUp(m.last, m.index(wall)) }

func lookUp(minutes []int, i int) (int, bool) {
	if i < 0 || minutes[i] < 0 {
		return 0, false
	}
	return minutes[i], true
}

// reference goes through a stretch of time minute by minute, by the rules as they are documented and by nothing of
// the package.
type reference struct {
	schedule *config.Schedule
	service  *config.Service
	begin    time.Time // of the walk
	own      shownMinutes
	theirs   shownMinutes // of the service
	slots    []bool
	may      map[int]ReasonKind
}

// shown is what local clocks show, as a time in UTC.
func shown(t time.Time, zone *time.Location) time.Time {
	_, seconds := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(seconds) * time.Second)
}

func walkZone(zone *time.Location, begin time.Time, minutes int) shownMinutes {
	latest := shown(begin.Add(-time.Minute), zone)
	m := shownMinutes{base: latest.AddDate(0, 0, -2), walls: make([]time.Time, 0, minutes)}
	// Two days beyond either end: no change of a clock is more.
	m.first = slices.Repeat([]int{-1}, minutes+4*24*60)
	m.last = slices.Clone(m.first)
	for i := range minutes {
		wall := shown(begin.Add(time.Duration(i)*time.Minute), zone)
		for latest.Before(wall) {
			latest = latest.Add(time.Minute)
			m.first[m.index(latest)] = i
		}
		m.walls = append(m.walls, wall)
		m.last[m.index(wall)] = i
	}
	return m
}

// walk prepares a reference from begin on; the first three days are not to be relied on.
func walk(s *config.Schedule, service *config.Service, isSlot func(time.Time) bool, begin time.Time, minutes int) *reference {
	r := &reference{schedule: s, service: service, begin: begin, slots: make([]bool, minutes), may: map[int]ReasonKind{}}
	r.own = walkZone(s.Timezone, begin, minutes)
	for n, i := range r.own.first {
		if i >= 0 {
			r.slots[i] = r.slots[i] || isSlot(r.own.base.Add(time.Duration(n)*time.Minute))
		}
	}
	if service != nil {
		r.theirs = walkZone(service.Timezone, begin, minutes)
	}
	return r
}

func (r *reference) at(i int) time.Time { return r.begin.Add(time.Duration(i) * time.Minute) }

func inPeriod(p config.Period, date time.Time) bool {
	text := date.Format(time.DateOnly)
	return (p.From.IsZero() || text >= p.From.Format(time.DateOnly)) && (p.Until.IsZero() || text <= p.Until.Format(time.DateOnly))
}

// within reports whether minute i lies in hours that begin on a day of the given kind; lasting says that they last until
// their last minute is over for good.
func (m *shownMinutes) within(i int, h config.Hours, lasting bool, days func(time.Time) bool) bool {
	today := time.Date(m.walls[i].Year(), m.walls[i].Month(), m.walls[i].Day(), 0, 0, 0, 0, time.UTC)
	if h == (config.Hours{}) {
		return days(today)
	}
	for _, date := range []time.Time{today.AddDate(0, 0, 1), today, today.AddDate(0, 0, -1), today.AddDate(0, 0, -2)} {
		first, last := date.Add(h.From), date.Add(h.Until)
		if last.Before(first) {
			last = last.AddDate(0, 0, 1)
		}
		from, begins := m.firstOf(first)
		until, ends := m.firstOf(last)
		if again, twice := m.lastOf(last); twice && lasting {
			until = again
		}
		begins = begins && i >= from || first.Before(m.walls[0])
		ends = ends && i > until || last.Before(m.walls[0])
		if days(date) && begins && !ends {
			return true
		}
	}
	return false
}

func (m *shownMinutes) closedBy(i int, active []config.Period, windows []config.Window, except []config.Exception) ReasonKind {
	wall := m.walls[i]
	today := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	open := len(active) == 0
	for _, p := range active {
		open = open || inPeriod(p, today)
	}
	if !open {
		return Inactive
	}
	open = len(windows) == 0
	for _, w := range windows {
		open = open || m.within(i, w.Hours, false, func(date time.Time) bool { return len(w.Days) == 0 || slices.Contains(w.Days, date.Weekday()) })
	}
	if !open {
		return OutsideWindow
	}
	for _, e := range except {
		if m.within(i, e.Hours, true, func(date time.Time) bool {
			isDate := len(e.Dates) == 0
			for _, d := range e.Dates {
				isDate = isDate || d.Format(time.DateOnly) == date.Format(time.DateOnly)
			}
			return isDate && (len(e.Days) == 0 || slices.Contains(e.Days, date.Weekday())) && inPeriod(e.Period, date)
		}) {
			return Excepted
		}
	}
	return ""
}

// closed returns why minute i is closed, "" where it is open.
func (r *reference) closed(i int) ReasonKind {
	kind, found := r.may[i]
	if !found {
		kind = r.own.closedBy(i, r.schedule.Active, r.schedule.Windows, r.schedule.Except)
		if kind == "" && r.service != nil {
			if kind = r.theirs.closedBy(i, r.service.Active, r.service.Windows, r.service.Except); kind != "" {
				kind = "service " + kind
			}
		}
		r.may[i] = kind
	}
	return kind
}

func (r *reference) isReal(i int) bool {
	return r.slots[i] && r.closed(i) != Inactive && r.closed(i) != OutsideWindow
}

// outcome of a slot as text; "?" where the walk ends before it is known.
func (r *reference) outcome(i int) string {
	kind := r.closed(i)
	switch {
	case kind == "":
		return "starts"
	case kind == Inactive || kind == OutsideWindow || !r.schedule.CatchUp:
		return "never: " + string(kind)
	}
	for j := i + 1; j < len(r.slots); j++ {
		if r.isReal(j) {
			return "never: " + string(Superseded)
		}
		if r.closed(j) == "" {
			return "delayed to " + r.at(j).Format(time.RFC3339) + ": " + string(kind)
		}
	}
	return "?"
}

func outcomeOf(e Entry) string {
	switch {
	case e.Reason == nil && e.Start.Equal(e.Slot):
		return "starts"
	case e.Reason == nil:
		return "no reason"
	case e.Start.IsZero():
		return "never: " + string(e.Reason.Kind)
	default:
		return "delayed to " + e.Start.Format(time.RFC3339) + ": " + string(e.Reason.Kind)
	}
}

// What is drawn.

func drawDate(t *rapid.T, around time.Time, label string) time.Time {
	return around.Truncate(24*time.Hour).AddDate(0, 0, rapid.IntRange(-5, 9).Draw(t, label))
}

func drawHours(t *rapid.T) config.Hours {
	if rapid.IntRange(0, 3).Draw(t, "whole day") == 0 {
		return config.Hours{}
	}
	at := func(label string) time.Duration {
		return time.Duration(rapid.SampledFrom([]int{0, 15, 60, 105, 120, 150, 180, 300, 719, 1380, 1439}).Draw(t, label)) * time.Minute
	}
	return config.Hours{From: at("from"), Until: at("until")}
}

func drawDays(t *rapid.T) []time.Weekday {
	return rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) time.Weekday { return time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")) }), 0, 6, rapid.ID).Draw(t, "days")
}

func drawPeriod(t *rapid.T, around time.Time) config.Period {
	var p config.Period
	if rapid.Bool().Draw(t, "from") {
		p.From = drawDate(t, around, "from")
	}
	if p.From.IsZero() || rapid.Bool().Draw(t, "until") {
		p.Until = drawDate(t, around, "until")
	}
	return p
}

func drawRules(t *rapid.T, around time.Time) (active []config.Period, windows []config.Window, except []config.Exception) {
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "active") {
		active = append(active, drawPeriod(t, around))
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "windows") {
		windows = append(windows, config.Window{Days: drawDays(t), Hours: drawHours(t)})
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "exceptions") {
		e := config.Exception{Name: fmt.Sprint(i), Hours: drawHours(t)}
		switch rapid.IntRange(0, 3).Draw(t, "exception") {
		case 0:
			e.Days = drawDays(t)
		case 1:
			e.Dates = []time.Time{drawDate(t, around, "date"), drawDate(t, around, "date")}
		case 2:
			e.Period = drawPeriod(t, around)
		default:
			e.Days, e.Period = drawDays(t), drawPeriod(t, around)
		}
		except = append(except, e)
	}
	return active, windows, except
}

// drawCronField returns the text of a field and what it means.
func drawCronField(t *rapid.T, low, high int) (string, func(int) bool) {
	switch rapid.IntRange(0, 3).Draw(t, "field") {
	case 0:
		return "*", func(int) bool { return true }
	case 1:
		step := rapid.IntRange(2, 7).Draw(t, "step")
		return fmt.Sprintf("*/%d", step), func(n int) bool { return (n-low)%step == 0 }
	case 2:
		first := rapid.IntRange(low, high).Draw(t, "first")
		last := rapid.IntRange(first, high).Draw(t, "last")
		return fmt.Sprintf("%d-%d", first, last), func(n int) bool { return first <= n && n <= last }
	default:
		one, other := rapid.IntRange(low, high).Draw(t, "one"), rapid.IntRange(low, high).Draw(t, "other")
		return fmt.Sprintf("%d,%d", one, other), func(n int) bool { return n == one || n == other }
	}
}

func drawRecurrence(t *rapid.T, s *config.Schedule) func(wall time.Time) bool {
	minuteOf := func(wall time.Time) int { return wall.Hour()*60 + wall.Minute() }
	switch rapid.IntRange(0, 2).Draw(t, "recurrence") {
	case 0:
		every := rapid.SampledFrom([]int{1, 5, 15, 30, 60, 120, 480, 1440}).Draw(t, "every")
		s.Every = time.Duration(every) * time.Minute
		return func(wall time.Time) bool { return minuteOf(wall)%every == 0 }
	case 1:
		at := rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 30, 60, 90, 119, 120, 125, 150, 179, 180, 719, 1430, 1439}), 1, 4).Draw(t, "at")
		slices.Sort(at)
		at = slices.Compact(at)
		for _, m := range at {
			s.At = append(s.At, time.Duration(m)*time.Minute)
		}
		return func(wall time.Time) bool { return slices.Contains(at, minuteOf(wall)) }
	default:
		minute, isMinute := drawCronField(t, 0, 59)
		hour, isHour := drawCronField(t, 0, 23)
		dom, isDom := drawCronField(t, 1, 31)
		month, isMonth := "*", func(int) bool { return true }
		if rapid.IntRange(0, 4).Draw(t, "months") == 0 {
			month, isMonth = drawCronField(t, 1, 12)
		}
		dow, isDow := drawCronField(t, 0, 6)
		s.Cron = strings.Join([]string{minute, hour, dom, month, dow}, " ")
		return func(wall time.Time) bool {
			onDay := isDom(wall.Day()) && isDow(int(wall.Weekday()))
			if dom[0] != '*' && dow[0] != '*' {
				onDay = isDom(wall.Day()) || isDow(int(wall.Weekday()))
			}
			return onDay && isMinute(wall.Minute()) && isHour(wall.Hour()) && isMonth(int(wall.Month()))
		}
	}
}

// transitions are the hours in which the clocks of a zone change within three years.
func transitions(zone *time.Location, year int) []time.Time {
	var out []time.Time
	at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 3 * 365 * 24 {
		next := at.Add(time.Hour)
		if !shown(next, zone).Equal(shown(at, zone).Add(time.Hour)) {
			out = append(out, at)
		}
		at = next
	}
	return out
}

// The calendar says the same as a walk minute by minute: in each zone over three years, on days drawn and on those on
// which the clocks change. A long run, of 1000 times as many draws: go test ./schedule -run Reference -rapid.checks=100000 -timeout 1h.
func TestAgainstTheReference(t *testing.T) {
	t.Parallel()
	for _, zone := range []struct {
		name  string
		first int // of the three years
	}{
		{"Europe/Paris", 2026},
		{"America/New_York", 2026},
		{"Australia/Lord_Howe", 2026}, // by half an hour
		{"America/Sao_Paulo", 2015},   // at midnight
		{"Pacific/Apia", 2010},        // leaves a day out, too
		{"Asia/Kathmandu", 2026},      // never
	} {
		t.Run(zone.name, func(t *testing.T) {
			t.Parallel()
			location := mustZone(t, zone.name)
			changes := transitions(location, zone.first)
			if len(changes) < 4 && zone.name != "Asia/Kathmandu" {
				t.Fatalf("the clocks change at %v", changes)
			}
			rapid.Check(t, func(t *rapid.T) {
				from := time.Date(zone.first, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 3*365).Draw(t, "day"))
				if len(changes) > 0 && rapid.IntRange(0, 3).Draw(t, "change of the clock") > 0 {
					from = rapid.SampledFrom(changes).Draw(t, "change").UTC().Add(-time.Duration(rapid.IntRange(1, 48).Draw(t, "hours before")) * time.Hour)
				}
				compareStretch(t, location, from.Truncate(time.Minute))
			})
		})
	}
}

func compareStretch(t *rapid.T, zone *time.Location, from time.Time) {
	const compared, walked = 54 * 60, 4 * 24 * 60 // minutes
	s := &config.Schedule{Address: "schedule.drawn", Timezone: zone, CatchUp: rapid.Bool().Draw(t, "catch up")}
	isSlot := drawRecurrence(t, s)
	s.Active, s.Windows, s.Except = drawRules(t, from)
	var service *config.Service
	if rapid.IntRange(0, 2).Draw(t, "service") == 0 {
		service = &config.Service{Timezone: mustZone(t, rapid.SampledFrom([]string{"Europe/Paris", "UTC", "Asia/Kathmandu"}).Draw(t, "service zone"))}
		service.Active, service.Windows, service.Except = drawRules(t, from)
	}
	const lead = 3 * 24 * 60
	r := walk(s, service, isSlot, from.Add(-lead*time.Minute), lead+walked)
	c := New(s, service)
	describe := func() string { return fmt.Sprintf("%+v under %+v", *s, service) }

	var wantAll, wantReal, wantStarts, gotAll, gotReal, gotStarts []string
	unknown := map[string]bool{}
	for i := lead + 1; i <= lead+compared; i++ {
		if !r.slots[i] {
			continue
		}
		slot := r.at(i).Format(time.RFC3339)
		outcome := r.outcome(i)
		unknown[slot] = outcome == "?"
		wantAll = append(wantAll, slot+" "+outcome)
		if r.isReal(i) {
			wantReal = append(wantReal, slot+" "+outcome)
			if outcome == "starts" || strings.HasPrefix(outcome, "delayed") {
				wantStarts = append(wantStarts, slot+" "+outcome)
			}
		}
	}
	until := r.at(lead + compared)
	end := r.at(len(r.slots) - 1)
	line := func(e Entry) string {
		slot := e.Slot.Format(time.RFC3339)
		if unknown[slot] && (e.Start.IsZero() || e.Start.After(end)) {
			return slot + " ?"
		}
		return slot + " " + outcomeOf(e)
	}
	for e := range c.Entries(from, until, true) {
		gotAll = append(gotAll, line(e))
	}
	for e := range c.Entries(from, until, false) {
		gotReal = append(gotReal, line(e))
	}
	for e := range c.Starts(from, until) {
		if got := line(e); !strings.HasSuffix(got, "?") {
			gotStarts = append(gotStarts, got)
		}
	}
	for _, one := range []struct {
		what      string
		want, got []string
	}{{"Entries of all", wantAll, gotAll}, {"Entries", wantReal, gotReal}, {"Starts", wantStarts, gotStarts}} {
		if diff := cmp.Diff(one.want, one.got); diff != "" {
			t.Fatalf("%s of %s (-want +got):\n%s", one.what, describe(), diff)
		}
	}
	compareMinutes(t, c, r, lead, describe)
}

func compareMinutes(t *rapid.T, c *Calendar, r *reference, lead int, describe func() string) {
	for range 60 {
		i := lead + rapid.IntRange(1, len(r.slots)-lead-1).Draw(t, "minute")
		at := r.at(i).Add(time.Duration(rapid.IntRange(0, 59).Draw(t, "second")) * time.Second)
		want := r.closed(i)
		got := ReasonKind("")
		if reason := c.MayStart(at); reason != nil {
			got = reason.Kind
		}
		if got != want {
			t.Fatalf("MayStart(%s) = %q, want %q, of %s", at, got, want, describe())
		}
		if _, isSlot := c.Slot(r.at(i)); isSlot != r.slots[i] {
			t.Fatalf("Slot(%s) = %t, of %s", r.at(i), isSlot, describe())
		}
		before := i
		for before > lead && !r.isReal(before) {
			before--
		}
		previous, found := c.Previous(at, r.at(lead))
		if found != (before > lead) || found && !previous.Equal(r.at(before)) {
			t.Fatalf("Previous(%s) = %s, %t, want that of %s, of %s", at, previous, found, r.at(before), describe())
		}
	}
}

func mustZone(t interface{ Fatal(args ...any) }, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
