package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/shell"
)

// Sessions says whether an account was logged on.
type Sessions string

// What is known of sessions.
const (
	SessionsSome    Sessions = "yes"
	SessionsNone    Sessions = "no"
	SessionsUnknown Sessions = "unknown"
)

// ScheduleTrial is a note of how schedule test --record was run.
type ScheduleTrial struct {
	Time             time.Time `json:"time"` // in UTC
	By               string    `json:"by"`   // user@host
	WorkingDirectory string    `json:"working_directory"`
	Terminal         bool      `json:"terminal"`
	LoggedOn         Sessions  `json:"logged_on"` // whether the account had a session
	Problem          bool      `json:"problem"`   // the connections had one
}

// ScheduleTrials writes which of the three steps were seen, the last of each, and reports whether all were, without a
// problem. Times are written in a zone.
func (v *View) ScheduleTrials(trials []ScheduleTrial, zone *time.Location) bool {
	all := true
	for i, step := range []struct {
		name, missing string
		is            func(*ScheduleTrial) bool
	}{
		{"by hand", "run it in a terminal", func(t *ScheduleTrial) bool { return t.Terminal }},
		{"by the clock", "nothing ran it without a terminal: look at the scheduler's own log", func(t *ScheduleTrial) bool { return !t.Terminal }},
		{
			"without a logged-on user", "nothing ran it while its account had no session: log off before it is due",
			func(t *ScheduleTrial) bool { return !t.Terminal && t.LoggedOn != SessionsSome },
		},
	} {
		var last *ScheduleTrial
		for j := range trials {
			if step.is(&trials[j]) {
				last = &trials[j]
			}
		}
		title := fmt.Sprintf("Step %d, %s: ", i+1, step.name)
		if last == nil {
			all = false
			fmt.Fprintf(v.out, "%s %s%s\n", v.paint.err("✗"), title, "not seen; "+step.missing)
			continue
		}
		where := fmt.Sprintf("%s by %s in %s", last.Time.In(zone).Format("2006-01-02 15:04:05 -07:00"), OneLine(last.By), OneLine(last.WorkingDirectory))
		switch {
		case last.Problem:
			all = false
			fmt.Fprintf(v.out, "%s %s%s; a connection had a problem: registrar doctor, as that account\n", v.paint.err("✗"), title, where)
		case i == 2 && last.LoggedOn == SessionsUnknown:
			all = false
			fmt.Fprintf(v.out, "%s %s%s; whether its account had a session could not be told\n", v.paint.warn("!"), title, where)
		default:
			fmt.Fprintf(v.out, "%s %s%s\n", v.paint.add("✓"), title, where)
		}
	}
	if all {
		v.Gap()
		v.Success("All three steps were seen.")
	}
	return all
}

// ScheduleSteps writes how an installed schedule is tried with a command, the second time at when.
func (v *View) ScheduleSteps(words []string, when time.Time, windows bool) {
	command := shell.Line(words)
	if windows {
		command = shell.LineWindows(words)
	}
	lines := []string{
		"Step 1, by hand. As the account that the scheduler uses, in a terminal:", "",
		"  " + command, "",
		"Step 2, by the clock. Let the scheduler run the same, once, in some minutes:", "",
	}
	if windows {
		task := strings.ReplaceAll(command, `"`, `\"`)
		lines = append(lines, `  schtasks /Create /TN "registrar test" /SC ONCE /ST `+when.Format("15:04")+` /RU ACCOUNT /RP * /TR "`+task+`"`)
	} else {
		lines = append(lines,
			"  cron, a line in crontab -e, to be removed afterwards:",
			"    "+fmt.Sprintf("%d %d %d %d *  ", when.Minute(), when.Hour(), when.Day(), when.Month())+strings.ReplaceAll(command, "%", `\%`),
			"  systemd, as root:",
			"    systemd-run --on-active=2min --uid=ACCOUNT "+command)
	}
	lines = append(lines, "",
		"Step 3, without a logged-on user. The same again; then log the account off everywhere until it is over.", "",
		"Give the scheduler registrar with its whole path: it may look for programs elsewhere. To see what was noted:", "",
		"  "+strings.TrimSuffix(command, "--record")+"--recorded",
	)
	for _, line := range lines {
		fmt.Fprintln(v.out, Clean(line))
	}
}
