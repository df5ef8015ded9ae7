package export

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tool finds a program that Linux has, which must be there where tests may not be left out.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("REGISTRAR_TEST_REQUIRE") != "" {
			t.Fatalf("%s is missing; scripts/install-engines installs it", name)
		}
		t.Skipf("no %s here", name)
	}
	return path
}

// systemd takes the units as they are, and reads the times and the command that were meant.
func TestSystemdAnalyze(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("systemd is for Linux")
	}
	analyze := tool(t, "systemd-analyze")
	o := unixOptions(Systemd)
	o.Program, o.User = "/bin/true", "root" // which must be there
	dir := t.TempDir()
	args := []string{"verify"}
	for _, file := range write(t, Systemd, o, university(t)...).Files {
		path := filepath.Join(dir, file.Name)
		if err := os.WriteFile(path, file.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	out, err := exec.CommandContext(t.Context(), analyze, args...).CombinedOutput()
	// It warns of other units of the machine, too; ours have a name in common.
	if err != nil || strings.Contains(string(out), "registrar") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}

	// What our reader of OnCalendar in the other tests makes of the lines is what systemd makes of them.
	nights := university(t)[1]
	nights.Windows = nil
	files := write(t, Systemd, o, nights).Files
	entries := systemdEntries(t, files)
	for _, from := range []time.Time{date(2026, 10, 24), date(2027, 3, 27)} {
		until := from.Add(4 * day)
		var want, got []string
		for _, f := range firings(entries, from, until, fixedFireFirst) {
			want = append(want, f.at.UTC().Format("2006-01-02 15:04:05 UTC"))
		}
		for line := range strings.Lines(string(files[1].Data)) {
			expression, ok := strings.CutPrefix(strings.TrimSpace(line), "OnCalendar=")
			if !ok {
				continue
			}
			c := exec.CommandContext(t.Context(), analyze, "calendar", "--iterations=9", "--base-time="+from.Add(-time.Minute).Format("2006-01-02 15:04:05 UTC"), expression)
			c.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C")
			out, err := c.Output()
			if err != nil {
				t.Fatalf("systemd-analyze calendar %q: %v", expression, err)
			}
			for line := range strings.Lines(string(out)) {
				_, text, _ := strings.Cut(line, ": ")
				at, err := time.Parse("Mon 2006-01-02 15:04:05 MST", strings.TrimSpace(text))
				if err == nil && at.Before(until) {
					got = append(got, at.Format("2006-01-02 15:04:05 UTC"))
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(slices.Compact(want), slices.Compact(got)); diff != "" {
			t.Errorf("from %s (-as read here +as systemd says):\n%s", from.Format(time.DateOnly), diff)
		}
	}
}

// hostile are directories that each format's own quoting must survive.
var hostile = []string{
	"/a b", "/100%", "/%h%n", "/it's", `/"q"`, `/a\b`, "/$HOME", "/$(id)", "/`id`", "/${x}", "/a;b&c|d", "/#x", "/~", "/-x", "/é€😀", "/*", `/a\`, `/%'%"%$`, "/{{x}}", "/${{ x }}", "/: ", "/!", "/<a>&amp;",
}

// What crond hands to the shell, and the shell to the program, is the directory that was given.
func TestCrontabQuoting(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a POSIX shell")
	}
	for _, dir := range hostile {
		o := unixOptions(Crontab)
		o.Program, o.Dir, o.Flags = "printf", dir, nil
		text := string(write(t, Crontab, o, university(t)[0]).Files[0].Data)
		i := strings.Index(text, "printf ")
		command, _, _ := strings.Cut(text[i:], "\n")
		for name, handed := range map[string]string{"vixie": vixie(t, command), "busybox": command} {
			shellSees(t, name+" "+dir, handed, "--chdir", dir, "run", "--schedule", "schedule.working_hours", "--due", "--quiet")
		}
	}
}

// vixie is what crond makes of a command: an % ends it, a backslash before one goes away.
func vixie(t *testing.T, command string) string {
	t.Helper()
	plain := strings.ReplaceAll(command, `\%`, "\x00")
	if strings.Contains(plain, "%") {
		t.Errorf("crond ends this at an %%: %s", command)
	}
	return strings.ReplaceAll(plain, "\x00", "%")
}

// shellSees checks the arguments that a shell makes of a command, whose program is printf.
func shellSees(t *testing.T, what, command string, want ...string) {
	t.Helper()
	script := `printf() { for word in "$@"; do command printf '%s\n' "$word"; done; }; ` + command
	out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", what, err, out)
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")); diff != "" {
		t.Errorf("%s: %s (-want +got):\n%s", what, command, diff)
	}
}

func TestQuotingInYAML(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a POSIX shell")
	}
	s := university(t)[0]
	for _, dir := range hostile {
		o := unixOptions(Kubernetes)
		o.Dir, o.Flags = strings.ReplaceAll(dir, ":", ""), nil // which no path of a volume has
		dir := o.Dir
		containers := get(t, parseYAML(t, string(write(t, Kubernetes, o, s).Files[0].Data))[0], "spec", "jobTemplate", "spec", "template", "spec", "containers")
		container := containers.([]any)[0]
		args := get(t, container, "args").([]any)
		// Kubernetes makes one dollar of two; it knows no variable of these names otherwise.
		if got := strings.ReplaceAll(args[1].(string), "$$", "$"); got != dir || strings.Count(args[1].(string), "$") != 2*strings.Count(dir, "$") {
			t.Errorf("kubernetes: %q becomes %q", dir, got)
		}
		mounts := get(t, container, "volumeMounts").([]any)
		if got := get(t, mounts[0], "mountPath"); got != dir {
			t.Errorf("kubernetes mounts %q, not %q", got, dir)
		}

		inside := "x" + dir
		for _, format := range []Format{GitLab, GitHub} {
			o := unixOptions(format)
			o.Program, o.Dir, o.Flags = "printf", inside, nil
			document := parseYAML(t, string(write(t, format, o, s).Files[0].Data))[0]
			var command string
			if format == GitLab {
				command = get(t, document, "registrar-working-hours", "script").([]any)[0].(string)
			} else {
				steps := get(t, document, "jobs", "run", "steps").([]any)
				command = strings.ReplaceAll(get(t, steps[1], "run").(string), "${{ '${{' }}", "${{")
			}
			shellSees(t, string(format)+" "+inside, command, "--chdir", inside, "run", "--schedule", "schedule.working_hours", "--due", "--tolerance", "55m")
		}
	}
}

// get follows keys into a document.
func get(t *testing.T, document any, keys ...string) any {
	t.Helper()
	for _, key := range keys {
		m, ok := document.(map[string]any)
		if !ok || m[key] == nil {
			t.Fatalf("there is no %s of %v in %v", key, keys, document)
		}
		document = m[key]
	}
	return document
}

// The quotes of a unit are undone as systemd.service(5) says. systemd-analyze verify looks at their form only.
func TestUnitQuoting(t *testing.T) {
	for _, dir := range hostile {
		o := unixOptions(Systemd)
		o.Dir, o.Flags = dir, nil
		text := string(write(t, Systemd, o, university(t)[0]).Files[0].Data)
		_, rest, _ := strings.Cut(text, "\nExecStart=")
		line, _, _ := strings.Cut(rest, "\n")
		literal := strings.HasPrefix(line, ":")
		words := unitWords(t, strings.TrimPrefix(line, ":"))
		if strings.Contains(dir, "$") && !literal {
			t.Errorf("%s: systemd would replace a variable: %s", dir, line)
		}
		if want := []string{"/usr/local/bin/registrar", "--chdir", dir, "run"}; !slices.Equal(words[:4], want) {
			t.Errorf("%q, expected %q", words[:4], want)
		}
	}
}

func unitWords(t *testing.T, line string) []string {
	t.Helper()
	var out []string
	for line != "" {
		if line[0] != '"' {
			word, rest, _ := strings.Cut(line, " ")
			out, line = append(out, word), rest
			continue
		}
		var b strings.Builder
		i := 1
		for ; line[i] != '"'; i++ {
			switch line[i] {
			case '\\':
				i++
				if line[i] != '\\' && line[i] != '"' {
					t.Fatalf("escape %q", line[i-1:i+1])
				}
			case '%':
				i++
				if line[i] != '%' {
					t.Fatalf("specifier in %s", line)
				}
			}
			b.WriteByte(line[i])
		}
		out, line = append(out, b.String()), strings.TrimPrefix(line[i+1:], " ")
	}
	return out
}

func TestWindowsQuoting(t *testing.T) {
	for _, dir := range []string{`C:\a b`, `C:\a b\`, `C:\a\\`, `\\server\share\x y\`, `C:\100%`, `C:\it's`, `C:\R&D <x>`, `C:\é😀`, "C:/a b"} {
		o := unixOptions(Windows)
		o.Dir = dir
		o.Flags = []string{"--var", `x={"a b": "c\\"}`}
		var root element
		decodeTask(t, write(t, Windows, o, university(t)[0]).Files[0].Data, &root)
		exec := root.child("Actions", "Exec")
		if got := exec.child("WorkingDirectory").Text; got != dir {
			t.Errorf("works in %q, not in %q", got, dir)
		}
		want := append([]string{"--chdir", dir}, o.Flags...)
		want = append(want, "run", "--schedule", "schedule.working_hours", "--due")
		if diff := cmp.Diff(want, windowsWords(exec.child("Arguments").Text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", dir, diff)
		}
	}
}

// windowsWords takes a command line apart as CommandLineToArgvW documents it.
func windowsWords(line string) []string {
	var out []string
	var b strings.Builder
	quoted, any := false, false
	for i := 0; i < len(line); i++ {
		backslashes := 0
		for ; i < len(line) && line[i] == '\\'; i++ {
			backslashes++
		}
		if i < len(line) && line[i] == '"' {
			b.WriteString(strings.Repeat(`\`, backslashes/2))
			any = true
			if backslashes%2 == 1 {
				b.WriteByte('"')
			} else {
				quoted = !quoted
			}
			continue
		}
		b.WriteString(strings.Repeat(`\`, backslashes))
		switch {
		case i == len(line):
		case line[i] == ' ' && !quoted:
			if any || b.Len() > 0 {
				out = append(out, b.String())
			}
			b.Reset()
			any = false
		default:
			b.WriteByte(line[i])
		}
	}
	return append(out, b.String())
}

// What is written has the fields that the format knows, and no others: testdata/fields has them.
func TestFields(t *testing.T) {
	for _, format := range []Format{Kubernetes, GitLab, GitHub} {
		o := unixOptions(format)
		o.Test = now.Add(time.Minute)
		data, err := os.ReadFile(filepath.Join("testdata", "fields", string(format)+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var fields any
		if err := json.Unmarshal(data, &fields); err != nil {
			t.Fatal(err)
		}
		for _, file := range write(t, format, o, university(t)...).Files {
			if strings.HasSuffix(file.Name, ".sh") {
				continue
			}
			for _, document := range parseYAML(t, string(file.Data)) {
				checkFields(t, file.Name, document, fields)
			}
		}
	}
}

// checkFields compares a document with one that has, for each scalar, what it must be: string, number, bool, null,
// or one of some strings. "*" stands for any key; a trailing ? for a key that may be missing.
func checkFields(t *testing.T, at string, got, want any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		m, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s: %v is no mapping", at, got)
			return
		}
		for key, value := range m {
			expected, known := want[key]
			if !known {
				expected, known = want[key+"?"]
			}
			if !known {
				expected, known = want["*"]
			}
			if !known {
				t.Errorf("%s: unknown field %s", at, key)
				continue
			}
			checkFields(t, at+"."+key, value, expected)
		}
		for key := range want {
			if _, ok := m[key]; !ok && key != "*" && !strings.HasSuffix(key, "?") {
				t.Errorf("%s: field %s is missing", at, key)
			}
		}
	case []any:
		list, ok := got.([]any)
		if !ok {
			t.Errorf("%s: %v is no list", at, got)
			return
		}
		for i, value := range list {
			checkFields(t, fmt.Sprintf("%s[%d]", at, i), value, want[0])
		}
	case string:
		kind := map[string]func() bool{
			"string": func() bool { _, ok := got.(string); return ok },
			"number": func() bool { _, ok := got.(float64); return ok },
			"bool":   func() bool { _, ok := got.(bool); return ok },
			"null":   func() bool { return got == nil },
		}[want]
		if kind != nil && !kind() || kind == nil && !slices.Contains(strings.Split(want, "|"), fmt.Sprint(got)) {
			t.Errorf("%s: %v, expected %s", at, got, want)
		}
	}
}

// A task has the elements that [MS-TSCH] 2.5 declares, in its order where that counts.
func TestTaskElements(t *testing.T) {
	schema := map[string]string{ // of each element its children, "" for text; in order after "="
		"Task": "RegistrationInfo Triggers Principals Settings Actions", "RegistrationInfo": "Description", "Description": "",
		"Triggers":        "CalendarTrigger TimeTrigger",
		"CalendarTrigger": "= Enabled StartBoundary EndBoundary Repetition ExecutionTimeLimit RandomDelay ScheduleByDay ScheduleByWeek ScheduleByMonth ScheduleByMonthDayOfWeek",
		"TimeTrigger":     "= Enabled StartBoundary EndBoundary Repetition ExecutionTimeLimit RandomDelay",
		"StartBoundary":   "", "EndBoundary": "", "RandomDelay": "", "Repetition": "Interval Duration StopAtDurationEnd",
		"Interval": "", "Duration": "", "StopAtDurationEnd": "",
		"ScheduleByDay": "DaysInterval", "DaysInterval": "", "ScheduleByWeek": "WeeksInterval DaysOfWeek", "WeeksInterval": "",
		"ScheduleByMonth": "DaysOfMonth Months", "DaysOfMonth": "Day", "Day": "",
		"ScheduleByMonthDayOfWeek": "Weeks DaysOfWeek Months", "Weeks": "Week", "Week": "",
		"DaysOfWeek": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
		"Months":     "January February March April May June July August September October November December",
		"Principals": "Principal", "Principal": "UserId LogonType RunLevel", "UserId": "", "LogonType": "", "RunLevel": "",
		"Settings":                "MultipleInstancesPolicy DisallowStartIfOnBatteries StopIfGoingOnBatteries StartWhenAvailable RunOnlyIfNetworkAvailable Enabled DeleteExpiredTaskAfter ExecutionTimeLimit",
		"MultipleInstancesPolicy": "", "DisallowStartIfOnBatteries": "", "StopIfGoingOnBatteries": "", "StartWhenAvailable": "",
		"RunOnlyIfNetworkAvailable": "", "Enabled": "", "DeleteExpiredTaskAfter": "", "ExecutionTimeLimit": "",
		"Actions": "Exec", "Exec": "Command Arguments WorkingDirectory", "Command": "", "Arguments": "", "WorkingDirectory": "",
	}
	const namespace = "http://schemas.microsoft.com/windows/2004/02/mit/task"
	var check func(e *element)
	check = func(e *element) {
		children, ordered := strings.CutPrefix(schema[e.XMLName.Local], "= ")
		if e.XMLName.Space != namespace {
			t.Errorf("%s is in %q", e.XMLName.Local, e.XMLName.Space)
		}
		last := 0
		for i := range e.Children {
			name := e.Children[i].XMLName.Local
			place := slices.Index(strings.Fields(children), name)
			if place < 0 {
				t.Errorf("%s has a %s", e.XMLName.Local, name)
			}
			if ordered && place < last {
				t.Errorf("%s: %s is not in its place", e.XMLName.Local, name)
			}
			last = place
			check(&e.Children[i])
		}
	}
	o := unixOptions(Windows)
	o.Test = now
	schedules := university(t)
	march := *schedules[0]
	march.Address, march.Cron, march.Every = "schedule.march", "0 2 * 3 sun", 0
	march.Windows = nil
	for _, file := range write(t, Windows, o, append(schedules, &march)...).Files {
		var root element
		decodeTask(t, file.Data, &root)
		check(&root)
	}
	for _, test := range []struct {
		user  string
		logon Logon
		typ   string
		guide string
	}{
		{`EXAMPLE\svc`, "", "Password", `/RU "EXAMPLE\svc" /RP *`},
		{`EXAMPLE\gmsa$`, "", "Password", `/RU "EXAMPLE\gmsa$" /RP ""`},
		{`EXAMPLE\svc`, LogonS4U, "S4U", `/XML registrar-working-hours.xml` + "\n"},
		{"", "", "Password", `/RU "DOMAIN\user" /RP *`},
	} {
		o.User, o.Logon = test.user, test.logon
		result := write(t, Windows, o, schedules[0])
		var root element
		decodeTask(t, result.Files[0].Data, &root)
		if got := root.child("Principals", "Principal", "LogonType").Text; got != test.typ || !strings.Contains(result.Guide, test.guide) {
			t.Errorf("%+v: %s\n%s", test, got, result.Guide)
		}
	}
}
