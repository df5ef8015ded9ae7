package export

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/shell"
)

// maxCrontabLine is what the strictest crond reads of a command: Debian's.
const maxCrontabLine = 998

func (w *writer) crontab() error {
	if err := w.absolute(); err != nil {
		return err
	}
	if strings.ContainsAny(w.o.User, " \t#%'\"\\") {
		return fmt.Errorf("a crontab cannot name the user %q", w.o.User)
	}
	machine := w.o.Machine
	for _, j := range w.jobs {
		if machine == nil {
			machine = j.Timezone
		}
		if w.o.Machine == nil && !sameClock(machine, j.Timezone, w.o.Now) {
			return fmt.Errorf("the schedules are in several time zones (%s, %s), and a crontab is in the machine's: say which that is", machine, j.Timezone)
		}
	}
	user := ""
	if w.o.User != "" {
		user = w.o.User + " "
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n#\n", Marker)
	fmt.Fprintf(&b, "# For a machine whose time zone is %s. Where that changes, write it again.\n", machine)
	if user != "" {
		fmt.Fprintf(&b, "# In the layout of /etc/cron.d: each line names its user.\n")
	}
	fmt.Fprintf(&b, "SHELL=/bin/sh\n")
	// cronie goes by it; Debian's cron goes by the machine's zone, which is the same.
	fmt.Fprintf(&b, "CRON_TZ=%s\n", machine)
	for _, j := range w.jobs {
		// cron mails what is printed.
		command, err := w.crontabCommand(append(w.guard(j, onTime), "--quiet"))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n# %s: %s\n", j.Address, recurrence(j.Schedule))
		base, repeated := union(j.parts, machine, w.o.Now)
		for _, line := range append(base.crons(), repeated.cronsOfRepeated()...) {
			fmt.Fprintf(&b, "%s %s%s\n", line, user, command)
		}
		if j.CatchUp {
			fmt.Fprintf(&b, "@reboot %s%s\n", user, command)
			w.warn(j, "crontab catches up when the machine starts, and at the next of its times; not when only crond was stopped")
		}
	}
	if !w.o.Test.IsZero() {
		command, err := w.crontabCommand(w.trial())
		if err != nil {
			return err
		}
		at := w.o.Test.In(machine)
		fmt.Fprintf(&b, "\n# A trial, once; without a year it would come back: remove the line.\n%d %d %d %d * %s%s\n",
			at.Minute(), at.Hour(), at.Day(), at.Month(), user, command)
	}
	name := "registrar.crontab"
	if user != "" {
		name = "registrar" // in /etc/cron.d a name with a dot is not looked at
	}
	w.file(name, b.String())
	w.result.Guide = w.crontabGuide(name, machine)
	return nil
}

// crontabCommand quotes a command for crond and the shell it starts. To most crond an % is a newline unless a
// backslash is before it, which they take away; to the shell that is an %, too, outside of quotes.
func (w *writer) crontabCommand(words []string) (string, error) {
	command := shell.Line(words)
	if strings.Contains(command, `\\`) {
		return "", errors.New(`a crontab cannot say \\`)
	}
	var b strings.Builder
	quoted := false
	for i, r := range command {
		switch {
		case r == '\'' && (i == 0 || command[i-1] != '\\' || quoted):
			quoted = !quoted
			b.WriteRune(r)
		case r == '%' && quoted:
			b.WriteString(`'\%'`)
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() > maxCrontabLine {
		return "", fmt.Errorf("a crontab's command has at most %d bytes; this one would have %d", maxCrontabLine, b.Len())
	}
	return b.String(), nil
}

func (w *writer) crontabGuide(name string, machine *time.Location) string {
	install := "Install:           crontab " + name + "   (this replaces the user's crontab)"
	by := ""
	if w.o.User != "" {
		by = "sudo -u " + shell.Quote(w.o.User) + " "
		install = "Install:           sudo install -m 644 -o root " + name + " /etc/cron.d/" + name
	}
	return guide("The machine's clock must be in "+machine.String()+": `date` and `timedatectl` tell.", install,
		w.variablesGuide("a line NAME=value each, in a crontab that only its user may read"),
		"1 By hand:         "+by+shell.Line(w.guard(w.jobs[0], onTime))+"   (says why where nothing is due)",
		"2 By the clock:    export with --test: an entry two minutes ahead examines the connections; "+w.recorded(),
		"3 Logged off:      the same, and log out before it is due; cron needs no session, and mails what is printed")
}

// guide joins the lines of a guide, but empty ones.
func guide(lines ...string) string {
	var out []string
	for _, line := range lines {
		if line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n") + "\n"
}

// variablesGuide says where the secrets go.
func (w *writer) variablesGuide(where string) string {
	if len(w.o.Variables) == 0 {
		return ""
	}
	names := make([]string, len(w.o.Variables))
	for i, name := range w.o.Variables {
		names[i] = environmentPrefix + name
	}
	return "Environment:       " + strings.Join(names, ", ") + ": " + where
}

// environmentPrefix is what a variable's name in the environment begins with.
const environmentPrefix = "REGISTRAR_VAR_"
