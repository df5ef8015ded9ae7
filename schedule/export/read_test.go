package export

import (
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/netresearch/go-cron"
)

// What the schedulers make of their files, read from the files alone.

// entry is one line of a scheduler: in whose zone, when, and with which tolerance the guard is called.
type entry struct {
	zone    *time.Location
	matches func(minute) bool
	// fixed: crond starts it once only on a day when clocks go back.
	fixed     bool
	tolerance time.Duration
	delay     time.Duration // by which the scheduler itself may start it later
}

// minute is what a local clock and calendar show.
type minute struct{ month, day, weekday, hour, minute int }

func localMinute(t time.Time) minute {
	_, month, day := t.Date()
	return minute{int(month), day, int(t.Weekday()), t.Hour(), t.Minute()}
}

var systemdDelay = regexp.MustCompile(`(?m)^RandomizedDelaySec=(\d+)$`)

var toleranceFlag = regexp.MustCompile(`--tolerance(?:"\s+- "|[" ]+)([0-9a-z]+)`)

func toleranceOf(t testing.TB, text string) time.Duration {
	t.Helper()
	found := toleranceFlag.FindStringSubmatch(text)
	if found == nil {
		return 5 * time.Minute
	}
	d, err := time.ParseDuration(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func entryOfCron(t testing.TB, line string, zone *time.Location, tolerance time.Duration) entry {
	t.Helper()
	parsed, err := cron.ParseStandard(line)
	if err != nil {
		t.Fatalf("cron %q: %v", line, err)
	}
	s, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		t.Fatalf("cron %q has no fields", line)
	}
	fields := strings.Fields(line)
	return entry{
		zone: zone, tolerance: tolerance, fixed: !strings.HasPrefix(fields[0], "*") && !strings.HasPrefix(fields[1], "*"),
		matches: func(local minute) bool {
			if s.Month&(1<<local.month) == 0 || s.Hour&(1<<local.hour) == 0 || s.Minute&(1<<local.minute) == 0 {
				return false
			}
			day := s.Dom&(1<<local.day) != 0
			weekday := s.Dow&(1<<local.weekday) != 0
			if fields[2] != "*" && fields[4] != "*" {
				return day || weekday
			}
			return day && weekday
		},
	}
}

var crontabLine = regexp.MustCompile(`^((?:\S+ ){4}\S+) registrar (.*)$`)

// crontabEntries reads a crontab as Debian's cron does, in the machine's zone.
func crontabEntries(t testing.TB, text string, machine *time.Location) []entry {
	t.Helper()
	var out []entry
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' || line[0] == '@' || strings.Contains(strings.Fields(line)[0], "=") {
			continue
		}
		found := crontabLine.FindStringSubmatch(line)
		if found == nil {
			t.Fatalf("not a line of a crontab: %q", line)
		}
		out = append(out, entryOfCron(t, found[1], machine, toleranceOf(t, found[2])))
	}
	return out
}

var onCalendar = regexp.MustCompile(`(?m)^OnCalendar=(?:([A-Z][A-Za-z.,]*) )?\*-(\S+)-(\S+) (\S+):(\S+):00 (\S+)$`)

func systemdEntries(t testing.TB, files []File) []entry {
	t.Helper()
	var out []entry
	tolerance := toleranceOf(t, string(files[0].Data))
	text := string(files[1].Data)
	delay := time.Duration(0)
	if found := systemdDelay.FindStringSubmatch(text); found != nil {
		seconds, err := strconv.Atoi(found[1])
		if err != nil {
			t.Fatal(err)
		}
		delay = time.Duration(seconds) * time.Second
	}
	found := onCalendar.FindAllStringSubmatch(text, -1)
	if len(found) != strings.Count(text, "OnCalendar=") {
		t.Fatalf("an OnCalendar is not understood:\n%s", text)
	}
	for _, f := range found {
		weekdays := calendarWeekdays(t, f[1])
		months, days, hours, minutes := calendarSet(t, f[2], 12), calendarSet(t, f[3], 31), calendarSet(t, f[4], 23), calendarSet(t, f[5], 59)
		out = append(out, entry{
			zone: location(t, f[6]), tolerance: tolerance, delay: delay, fixed: true, // systemd goes on from the time that it fired at
			matches: func(local minute) bool {
				return minutes[local.minute] && hours[local.hour] && weekdays[time.Weekday(local.weekday)] && months[local.month] && days[local.day]
			},
		})
	}
	return out
}

// calendarSet reads a field of systemd.time(7).
func calendarSet(t testing.TB, text string, most int) map[int]bool {
	t.Helper()
	out := map[int]bool{}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > most {
			t.Fatalf("field %q: %q", text, s)
		}
		return n
	}
	for part := range strings.SplitSeq(text, ",") {
		from, until, step := 0, most, 1
		if part != "*" {
			first, repeated, repeats := strings.Cut(part, "/")
			low, high, isSpan := strings.Cut(first, "..")
			from = number(low)
			switch {
			case isSpan:
				until = number(high)
			case !repeats:
				until = from
			}
			if repeats {
				step = number(repeated)
			}
		}
		for n := from; n <= until; n += step {
			out[n] = true
		}
	}
	return out
}

func calendarWeekdays(t testing.TB, text string) map[time.Weekday]bool {
	t.Helper()
	order := []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
	out := map[time.Weekday]bool{}
	if text == "" {
		text = "Mon..Sun"
	}
	for part := range strings.SplitSeq(text, ",") {
		first, last, isSpan := strings.Cut(part, "..")
		if !isSpan {
			last = first
		}
		i, j := slices.Index(order, first), slices.Index(order, last)
		if i < 0 || j < i {
			t.Fatalf("days of the week %q", text)
		}
		for ; i <= j; i++ {
			out[time.Weekday((i+1)%7)] = true
		}
	}
	return out
}

var (
	cronJobLine   = regexp.MustCompile(`(?m)^  schedule: (".*")\n  timeZone: "(.*)"$`)
	gitHubLine    = regexp.MustCompile(`(?m)^    - cron: (".*")$`)
	gitLabCreates = regexp.MustCompile(`(?m)^create (\S+) '?([^']+?)'? (\S+) (\S+)$`)
)

func unquote(t testing.TB, text string) string {
	t.Helper()
	var out string
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func kubernetesEntries(t testing.TB, text string) []entry {
	t.Helper()
	var out []entry
	for _, f := range cronJobLine.FindAllStringSubmatch(text, -1) {
		out = append(out, entryOfCron(t, unquote(t, f[1]), location(t, f[2]), toleranceOf(t, text)))
	}
	return out
}

func gitHubEntries(t testing.TB, text string) []entry {
	t.Helper()
	var out []entry
	for _, f := range gitHubLine.FindAllStringSubmatch(text, -1) {
		out = append(out, entryOfCron(t, unquote(t, f[1]), time.UTC, toleranceOf(t, text)))
	}
	return out
}

func gitLabEntries(t testing.TB, jobs, script string) []entry {
	t.Helper()
	var out []entry
	for _, f := range gitLabCreates.FindAllStringSubmatch(script, -1) {
		out = append(out, entryOfCron(t, f[2], location(t, f[3]), toleranceOf(t, jobs)))
	}
	return out
}

func decodeUTF16(t testing.TB, data []byte) string {
	t.Helper()
	if len(data) < 2 || len(data)%2 != 0 || data[0] != 0xff || data[1] != 0xfe {
		t.Fatal("not UTF-16 with its mark")
	}
	units := make([]uint16, len(data)/2-1)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(data[2*i+2:])
	}
	return string(utf16.Decode(units))
}

// decodeTask reads a task's XML. Its declaration says UTF-16, which the text is no more.
func decodeTask(t testing.TB, data []byte, into any) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(decodeUTF16(t, data)))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if charset != "UTF-16" {
			return nil, fmt.Errorf("charset %q", charset)
		}
		return in, nil
	}
	if err := d.Decode(into); err != nil {
		t.Fatal(err)
	}
}

type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e *element) child(path ...string) *element {
	for _, name := range path {
		i := slices.IndexFunc(e.Children, func(c element) bool { return c.XMLName.Local == name })
		if i < 0 {
			return nil
		}
		e = &e.Children[i]
	}
	return e
}

func (e *element) names() []string {
	var out []string
	for _, c := range e.Children {
		out = append(out, c.XMLName.Local)
	}
	return out
}

var isoTime = regexp.MustCompile(`^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$`)

func parseISO(t testing.TB, text string) time.Duration {
	t.Helper()
	f := isoTime.FindStringSubmatch(text)
	if f == nil {
		t.Fatalf("duration %q", text)
	}
	var out time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(f[i+1])
		out += time.Duration(n) * unit
	}
	return out
}

// windowsFirings expands the triggers of a task. Days are taken as a task scheduler does that goes by the days of
// the zone.
func windowsFirings(t testing.TB, data []byte, zone *time.Location, from, until time.Time) []firing {
	t.Helper()
	var root element
	decodeTask(t, data, &root)
	tolerance := toleranceOf(t, root.child("Actions", "Exec", "Arguments").Text)
	var out []firing
	triggers := root.child("Triggers").Children
	if len(triggers) == 0 || len(triggers) > 48 {
		t.Fatalf("%d triggers", len(triggers))
	}
	for i := range triggers {
		trigger := &triggers[i]
		start, err := time.Parse("2006-01-02T15:04:05Z", trigger.child("StartBoundary").Text)
		if err != nil {
			t.Fatal(err)
		}
		delay := time.Duration(0)
		if random := trigger.child("RandomDelay"); random != nil {
			delay = parseISO(t, random.Text)
		}
		interval, duration := time.Hour, time.Nanosecond
		if r := trigger.child("Repetition"); r != nil {
			interval, duration = parseISO(t, r.child("Interval").Text), parseISO(t, r.child("Duration").Text)
		}
		on := func(time.Time) bool { return true }
		if week := trigger.child("ScheduleByWeek", "DaysOfWeek"); week != nil {
			days := week.names()
			on = func(local time.Time) bool { return slices.Contains(days, local.Weekday().String()) }
		}
		if months := trigger.child("ScheduleByMonth", "Months"); months != nil {
			names := months.names()
			var days []string
			for _, d := range trigger.child("ScheduleByMonth", "DaysOfMonth").Children {
				days = append(days, d.Text)
			}
			on = func(local time.Time) bool {
				return slices.Contains(names, local.Month().String()) && slices.Contains(days, strconv.Itoa(local.Day()))
			}
		}
		if weeks := trigger.child("ScheduleByMonthDayOfWeek"); weeks != nil {
			if n := len(weeks.child("Weeks").Children); n != 5 {
				t.Fatalf("%d weeks of a month", n)
			}
			days, months := weeks.child("DaysOfWeek").names(), weeks.child("Months").names()
			on = func(local time.Time) bool {
				return slices.Contains(days, local.Weekday().String()) && slices.Contains(months, local.Month().String())
			}
		}
		for ; start.Before(until); start = start.Add(day) {
			if !on(start.In(zone)) {
				continue
			}
			for at := start; at.Before(start.Add(duration)); at = at.Add(interval) {
				if !at.Before(from) && at.Before(until) {
					out = append(out, firing{at.Add(delay), tolerance})
				}
			}
		}
	}
	return out
}
