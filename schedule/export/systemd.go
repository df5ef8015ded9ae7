package export

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"
)

// environmentFile is where the units look for the values of variables; it may be missing.
const environmentFile = "/etc/registrar/environment"

func (w *writer) systemd() error {
	if err := w.absolute(); err != nil {
		return err
	}
	if strings.ContainsAny(w.o.User, " \t%\"'\\") {
		return fmt.Errorf("a unit cannot name the user %q", w.o.User)
	}
	if strings.Contains(w.o.Program, "/") && !path.IsAbs(w.o.Program) {
		return errors.New("systemd needs the program's absolute path")
	}
	var timers []string
	for _, j := range w.jobs {
		var b strings.Builder
		for _, zone := range j.zones() {
			for _, expression := range w.local(j, zone).calendars(zone) {
				fmt.Fprintf(&b, "OnCalendar=%s\n", expression)
			}
		}
		// Otherwise systemd may wait for a minute to wake up less often.
		b.WriteString("AccuracySec=1s\n")
		if j.CatchUp {
			b.WriteString("Persistent=true\n")
		}
		w.units(j.name, j.Address+": "+recurrence(j.Schedule), w.guard(j, onTime), b.String())
		timers = append(timers, j.name+".timer")
	}
	if !w.o.Test.IsZero() {
		w.units(trialName, "a trial", w.trial(), "OnCalendar="+w.o.Test.UTC().Format("2006-01-02 15:04:05")+" UTC\nAccuracySec=1s\n")
	}
	if w.o.User == "" {
		w.result.Warnings = append(w.result.Warnings, "without --user the units run as root")
	}
	w.result.Guide = guide(
		"Check:             systemd-analyze verify ./*.service ./*.timer",
		"Install:           sudo install -m 644 ./*.service ./*.timer /etc/systemd/system/ && sudo systemctl daemon-reload",
		"Start:             sudo systemctl enable --now "+strings.Join(timers, " "),
		w.variablesGuide("NAME=value lines in "+environmentFile+", mode 0600"),
		"1 By hand:         sudo systemctl start "+w.jobs[0].name+".service && journalctl -u "+w.jobs[0].name+".service",
		"2 By the clock:    export with --test, then sudo systemctl start "+trialName+".timer: two minutes ahead it examines the connections; "+w.recorded(),
		"3 Logged off:      the same, and log out before it is due; a system unit needs no session")
	return nil
}

// trialName is the name of the entry that Options.Test adds.
const trialName = "registrar-trial"

// units writes a service and its timer.
func (w *writer) units(name, what string, command []string, timer string) {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n[Unit]\nDescription=%s\n", Marker, unitText("registrar: "+what))
	b.WriteString("Wants=network-online.target\nAfter=network-online.target\n\n[Service]\nType=oneshot\n")
	if w.o.User != "" {
		fmt.Fprintf(&b, "User=%s\n", w.o.User)
	}
	fmt.Fprintf(&b, "EnvironmentFile=-%s\nExecStart=%s\nUMask=0077\nNoNewPrivileges=yes\n", environmentFile, unitCommand(command))
	w.file(name+".service", b.String())
	b.Reset()
	fmt.Fprintf(&b, "# %s\n[Unit]\nDescription=%s\n\n[Timer]\n%s\n[Install]\nWantedBy=timers.target\n", Marker, unitText("registrar: "+what), timer)
	w.file(name+".timer", b.String())
}

// unitText escapes what a unit would take for a specifier or for a line that goes on.
func unitText(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\\`), "%", "%%")
}

// unitCommand quotes a command line of a unit. The colon turns off $NAME.
func unitCommand(words []string) string {
	out := make([]string, len(words))
	dollar := false
	for i, word := range words {
		dollar = dollar || strings.Contains(word, "$")
		if plainWord.MatchString(word) && !strings.ContainsAny(word[:1], "@-:+!") {
			out[i] = word
		} else {
			out[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`).Replace(word) + `"`
		}
		// Flags need no quotes: only of the program's path the first character counts.
		if i > 0 && plainWord.MatchString(word) {
			out[i] = word
		}
	}
	command := strings.Join(out, " ")
	if dollar {
		return ":" + command
	}
	return command
}

// calendars are systemd's expressions for times in a zone.
func (t *times) calendars(zone *time.Location) []string {
	var out []string
	for _, b := range t.blocks() {
		var weekdays string
		if b.weekdays != allWeekdays {
			weekdays = weekdayNames(b.weekdays) + " "
		}
		out = append(out, fmt.Sprintf("%s*-%s-%s %s:%s:00 %s", weekdays,
			calendarField(b.months, 1, 12), calendarField(b.days, 1, 31), calendarField(b.hours, 0, 23), calendarField(b.minute, 0, 59), zone))
	}
	return out
}

func calendarField(set uint64, least, most int) string {
	all := elements(set)
	if len(all) == most-least+1 {
		return "*"
	}
	if step := stepOf(all); len(all) > 2 && step > 1 && all[len(all)-1]+step > most {
		return fmt.Sprintf("%02d/%d", all[0], step)
	}
	var out []string
	for i := 0; i < len(all); {
		n := i + 1
		for n < len(all) && all[n] == all[n-1]+1 {
			n++
		}
		switch n - i {
		case 1:
			out = append(out, fmt.Sprintf("%02d", all[i]))
		default:
			out = append(out, fmt.Sprintf("%02d..%02d", all[i], all[n-1]))
		}
		i = n
	}
	return strings.Join(out, ",")
}

// weekdayNames spells days of the week from Monday on: Mon..Fri.
func weekdayNames(set uint64) string {
	var out []string
	for i := 0; i < 7; {
		if set&(1<<((i+1)%7)) == 0 {
			i++
			continue
		}
		n := i + 1
		for n < 7 && set&(1<<((n+1)%7)) != 0 {
			n++
		}
		first, last := time.Weekday((i + 1) % 7).String()[:3], time.Weekday(n % 7).String()[:3]
		switch n - i {
		case 1:
			out = append(out, first)
		case 2:
			out = append(out, first, last)
		default:
			out = append(out, first+".."+last)
		}
		i = n
	}
	return strings.Join(out, ",")
}
