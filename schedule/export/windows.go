package export

import (
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// maxTriggers is what a task has at most.
const maxTriggers = 48

// The task's XML, as [MS-TSCH] 2.5 declares it. The order of a trigger's elements is the schema's.
type (
	task struct {
		XMLName   xml.Name `xml:"http://schemas.microsoft.com/windows/2004/02/mit/task Task"`
		Version   string   `xml:"version,attr"`
		Comment   string   `xml:",comment"`
		Info      taskInfo `xml:"RegistrationInfo"`
		Triggers  taskTriggers
		Principal taskPrincipal `xml:"Principals>Principal"`
		Settings  taskSettings
		Actions   taskActions
	}
	taskInfo     struct{ Description string }
	taskTriggers struct {
		Calendar []calendarTrigger `xml:"CalendarTrigger"`
		Once     []onceTrigger     `xml:"TimeTrigger"`
	}
	onceTrigger struct {
		StartBoundary, EndBoundary string
	}
	calendarTrigger struct {
		StartBoundary string
		Repetition    *taskRepetition
		Week          *byWeek        `xml:"ScheduleByWeek"`
		Month         *byMonth       `xml:"ScheduleByMonth"`
		MonthlyWeek   *byMonthlyWeek `xml:"ScheduleByMonthDayOfWeek"`
		Day           *daysStep      `xml:"ScheduleByDay"`
	}
	taskRepetition struct {
		Interval, Duration string
		StopAtDurationEnd  bool
	}
	daysStep struct{ DaysInterval int }
	byWeek   struct {
		WeeksInterval int
		DaysOfWeek    names
	}
	byMonth struct {
		DaysOfMonth daysOfMonth
		Months      names
	}
	byMonthlyWeek struct {
		Weeks      weeks
		DaysOfWeek names
		Months     names
	}
	weeks         struct{ Week []string }
	daysOfMonth   struct{ Day []int }
	taskPrincipal struct {
		ID        string `xml:"id,attr"`
		UserID    string `xml:"UserId,omitempty"`
		LogonType string
		RunLevel  string
	}
	taskSettings struct {
		MultipleInstancesPolicy    string
		DisallowStartIfOnBatteries bool
		StopIfGoingOnBatteries     bool
		StartWhenAvailable         bool
		RunOnlyIfNetworkAvailable  bool
		Enabled                    bool
		DeleteExpiredTaskAfter     string `xml:",omitempty"`
		ExecutionTimeLimit         string
	}
	taskActions struct {
		Context string `xml:",attr"`
		Exec    taskExec
	}
	taskExec struct{ Command, Arguments, WorkingDirectory string }
)

// names is a list of empty elements, such as <Monday/>.
type names []string

// MarshalXML writes them.
func (n names) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, name := range n {
		if err := e.EncodeElement("", xml.StartElement{Name: xml.Name{Local: name}}); err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

var (
	windowsAbsolute = regexp.MustCompile(`^([A-Za-z]:[\\/]|\\\\)`)
	windowsVariable = regexp.MustCompile(`%[^%]+%`)
)

func (w *writer) windows() error {
	if !windowsAbsolute.MatchString(w.o.Dir) {
		return fmt.Errorf(`the configuration's directory there must be absolute, such as C:\registrar, and is %q`, w.o.Dir)
	}
	if strings.ContainsAny(w.o.Program+w.o.Dir, `"`) {
		return errors.New("a path on Windows has no quotes")
	}
	if windowsVariable.MatchString(strings.Join(append(w.registrar(), w.o.User), " ")) {
		w.result.Warnings = append(w.result.Warnings, "Task Scheduler takes %NAME% for a variable of the environment")
	}
	var install []string
	for _, j := range w.jobs {
		t := w.task(j.Address+": "+recurrence(j.Schedule), w.guard(j, onTime))
		t.Triggers.Calendar = w.triggers(j)
		t.Settings.StartWhenAvailable = j.CatchUp
		if err := w.taskFile(j.name, t); err != nil {
			return err
		}
		install = append(install, "Install:           "+w.schtasks(j.name))
	}
	if !w.o.Test.IsZero() {
		t := w.task("a trial", w.trial())
		at := w.o.Test.UTC()
		t.Triggers.Once = []onceTrigger{{at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339)}}
		t.Settings.DeleteExpiredTaskAfter = "PT1H"
		if err := w.taskFile(trialName, t); err != nil {
			return err
		}
		install = append(install, "Install the trial: "+w.schtasks(trialName))
	}
	w.result.Guide = guide(slices.Concat(install, []string{
		w.variablesGuide("in the environment of the account, or of the machine"),
		"1 By hand:         schtasks /Run /TN " + taskPath(w.jobs[0].name) + ", then its Last Run Result: 0x0",
		"2 By the clock:    export with --test: a task two minutes ahead examines the connections; `registrar schedule test --recorded` there tells",
		"3 Logged off:      the same, and log off before it is due; Task Scheduler runs the task whether the user is logged on or not",
	})...)
	return nil
}

// taskPath is a task's name in a folder of its own.
func taskPath(name string) string { return `\registrar\` + name }

func (w *writer) schtasks(name string) string {
	user := w.o.User
	if user == "" {
		user = `DOMAIN\user`
	}
	command := "schtasks /Create /TN " + taskPath(name) + " /XML " + name + ".xml"
	switch {
	case w.o.Logon == LogonS4U && w.o.User != "":
		return command // the file names the account, and no password is needed
	case strings.HasSuffix(user, "$"):
		// A group managed service account has no password that anybody knows.
		return command + ` /RU "` + user + `" /RP ""`
	default:
		return command + ` /RU "` + user + `" /RP *`
	}
}

func (w *writer) task(what string, command []string) *task {
	t := &task{
		Version: "1.2", Comment: " " + Marker + " ",
		Info:      taskInfo{"registrar: " + what},
		Principal: taskPrincipal{ID: "Author", UserID: w.o.User, LogonType: "Password", RunLevel: "LeastPrivilege"},
		Settings: taskSettings{
			MultipleInstancesPolicy: "IgnoreNew", Enabled: true,
			// Applying is one transaction: what is stopped is undone, and done again by the next run.
			ExecutionTimeLimit: "P1D",
		},
		Actions: taskActions{Context: "Author", Exec: taskExec{
			Command: command[0], Arguments: windowsArguments(command[1:]), WorkingDirectory: w.o.Dir,
		}},
	}
	if w.o.Logon == LogonS4U {
		t.Principal.LogonType = "S4U"
	}
	return t
}

func (w *writer) taskFile(name string, t *task) error {
	text, err := xml.MarshalIndent(t, "", "  ")
	if err != nil {
		return fmt.Errorf("%s.xml: %w", name, err)
	}
	// The encoding of Task Scheduler's own exports, which each version of it reads.
	lines := strings.ReplaceAll(`<?xml version="1.0" encoding="UTF-16"?>`+"\n"+string(text)+"\n", "\n", "\r\n")
	w.result.Files = append(w.result.Files, File{Name: name + ".xml", Data: utf16Bytes("\ufeff" + lines)})
	return nil
}

// utf16Bytes is a text as Windows keeps it.
func utf16Bytes(text string) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out
}

// triggers are in UTC, which they say: nobody here knows the machine's time zone, and a repetition goes on by
// elapsed time. Where the zone's offset changes, there are some for each.
func (w *writer) triggers(j *job) []calendarTrigger {
	t, _ := union(j.parts, time.UTC, w.o.Now)
	rules := t.rules()
	out := w.triggersOf(j, rules, (*minutes).sequences)
	if len(out) > maxTriggers {
		out = w.triggersOf(j, rules, (*minutes).envelope)
		w.warn(j, "a task has at most %d triggers: it starts more often than there are slots", maxTriggers)
	}
	if len(out) > maxTriggers {
		// All days and months in one.
		var all minutes
		for _, r := range rules {
			all.addAll(r.minutes)
		}
		out = w.triggersOf(j, []rule{{allMonths, allDays, allWeekdays, all}}, (*minutes).envelope)
	}
	return out
}

func (w *writer) triggersOf(j *job, rules []rule, split func(*minutes) []sequence) []calendarTrigger {
	var out []calendarTrigger
	for _, r := range rules {
		for _, s := range split(&r.minutes) {
			start := w.o.Now.UTC().Truncate(day).Add(time.Duration(s.first) * time.Minute)
			trigger := calendarTrigger{StartBoundary: start.Format(time.RFC3339)}
			if s.n > 1 {
				trigger.Repetition = &taskRepetition{
					Interval: isoDuration(time.Duration(s.step) * time.Minute),
					// A minute more, so that the last one is in it.
					Duration: isoDuration(time.Duration((s.n-1)*s.step+1) * time.Minute),
				}
			}
			days := w.spread(j, monthly{r.months, r.days}, s.first)
			weekdays := dayNames(w.spreadWeekdays(j, r.weekdays, s.first))
			switch {
			case r.days != allDays:
				trigger.Month = &byMonth{daysOfMonth{elements(days.days)}, monthNames(days.months)}
			case r.months != allMonths:
				trigger.MonthlyWeek = &byMonthlyWeek{weeks{[]string{"1", "2", "3", "4", "Last"}}, weekdays, monthNames(days.months)}
			case r.weekdays != allWeekdays:
				trigger.Week = &byWeek{1, weekdays}
			default:
				trigger.Day = &daysStep{1}
			}
			out = append(out, trigger)
		}
	}
	return out
}

// shifts are how many days the zone's own day is away from that in UTC, at a minute in UTC. Which of them Task
// Scheduler goes by for a trigger in UTC is not documented: the days of both are written.
func (w *writer) shifts(j *job, minute int) []int {
	var out []int
	for _, p := range j.parts {
		for _, difference := range differences(time.UTC, p.zone, w.o.Now) {
			switch local := minute + difference; {
			case local < 0:
				out = append(out, -1)
			case local >= minutesOfDay:
				out = append(out, 1)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (w *writer) spread(j *job, at monthly, minute int) monthly {
	out := at
	for _, shift := range w.shifts(j, minute) {
		more := at.shifted(shift)
		out.days |= more.days
		out.months |= more.months | monthsShifted(at.months, shift)
	}
	return out
}

func (w *writer) spreadWeekdays(j *job, weekdays uint64, minute int) uint64 {
	out := weekdays
	for _, shift := range w.shifts(j, minute) {
		for _, weekday := range elements(weekdays) {
			out |= 1 << ((weekday + shift + 7) % 7)
		}
	}
	return out
}

// sequence is minutes of a day with one step between them.
type sequence struct{ first, step, n int }

// sequences splits minutes into few of those, each of one or of three at least.
func (m *minutes) sequences() []sequence {
	var out []sequence
	for all := m.list(); len(all) > 0; {
		s := sequence{first: all[0], n: 1}
		if len(all) > 2 && all[1]-all[0] == all[2]-all[1] {
			for s.step = all[1] - all[0]; s.n < len(all) && all[s.n]-all[s.n-1] == s.step; {
				s.n++
			}
		}
		out = append(out, s)
		all = all[s.n:]
	}
	return out
}

// envelope is one sequence that holds them all, and others.
func (m *minutes) envelope() []sequence {
	all := m.list()
	step := 0
	for _, minute := range all {
		for a, b := step, minute-all[0]; ; a, b = b, a%b {
			if b == 0 {
				step = a
				break
			}
		}
	}
	if step == 0 {
		return []sequence{{first: all[0], n: 1}}
	}
	return []sequence{{all[0], step, (all[len(all)-1]-all[0])/step + 1}}
}

func dayNames(set uint64) names {
	var out names
	for _, weekday := range elements(set) {
		out = append(out, time.Weekday(weekday).String())
	}
	return out
}

func monthNames(set uint64) names {
	var out names
	for _, month := range elements(set) {
		out = append(out, time.Month(month).String())
	}
	return out
}

// isoDuration spells a duration as XML does: PT1H30M.
func isoDuration(d time.Duration) string {
	return "PT" + strings.ToUpper(short(d))
}

// windowsArguments quotes arguments as the C runtime of Windows, and Go, take them apart.
func windowsArguments(words []string) string {
	out := make([]string, len(words))
	for i, word := range words {
		if word != "" && !strings.ContainsAny(word, " \t\"") {
			out[i] = word
			continue
		}
		var b strings.Builder
		b.WriteByte('"')
		backslashes := 0
		for _, r := range word {
			switch r {
			case '\\':
				backslashes++
			case '"':
				// Before a quote, each backslash counts.
				b.WriteString(strings.Repeat(`\`, backslashes+1))
				backslashes = 0
			default:
				backslashes = 0
			}
			b.WriteRune(r)
		}
		b.WriteString(strings.Repeat(`\`, backslashes))
		b.WriteByte('"')
		out[i] = b.String()
	}
	return strings.Join(out, " ")
}
