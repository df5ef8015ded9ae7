// Package export writes schedules for the schedulers that a university already operates: crontab,
// systemd, Windows Task Scheduler, Kubernetes, GitLab and GitHub. It makes text and does no I/O.
//
// None of these formats can say windows, exceptions and changes of the clock as a schedule does.
// Each entry therefore runs a guard, `registrar run --schedule ADDRESS --due`, which decides, and
// which runs each slot once however often it is asked. What is written fires at each slot at
// least, and at little else.
package export

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/shell"
)

// Format is what a scheduler reads; the value is what --format spells.
type Format string

// The formats.
const (
	Crontab    Format = "crontab"
	Systemd    Format = "systemd"
	Windows    Format = "windows"
	Kubernetes Format = "kubernetes"
	GitLab     Format = "gitlab"
	GitHub     Format = "github"
)

// Formats are all of them, in the order in which help names them.
func Formats() []Format {
	return []Format{Crontab, Systemd, Windows, Kubernetes, GitLab, GitHub}
}

// Marker is in each file that Write makes, so that nobody else's is replaced by mistake.
const Marker = "written by registrar schedule export"

// Ours reports whether Write made a file.
func Ours(data []byte) bool {
	return bytes.Contains(data, []byte(Marker)) || bytes.Contains(data, utf16Bytes(Marker))
}

// Options say where and as whom the guard runs.
type Options struct {
	// Program is the path of registrar there; "": registrar, found by PATH.
	Program string
	// Dir is the configuration's directory there; absolute, but for GitLab and GitHub, where it starts
	// in the checkout and may be "".
	Dir string
	// Flags are given to registrar before the command, such as --var-file.
	Flags []string
	// User runs it; "": whoever installs it.
	User string
	// Image is a container's image with registrar in it. Kubernetes and GitLab.
	Image string
	// Logon is how Task Scheduler logs the user on; "": LogonPassword.
	Logon Logon
	// Variables are the names of those of the configuration's variables that are sensitive, or have no
	// default: they come from the environment. Sorted.
	Variables []string
	// Machine is the time zone of the machine that a crontab is for; nil: that of the schedules.
	Machine *time.Location
	// Service restricts when runs may start; nil where nothing does.
	Service *config.Service
	// Now is when the export is made: a time zone's changes are looked at for ten years from then on.
	Now time.Time
	// Test adds an entry that examines the connections once at this time; zero: none. Not for GitLab and
	// GitHub.
	Test time.Time
}

// Logon is a way in which Task Scheduler runs a task whether the user is logged on or not.
type Logon string

// The ways.
const (
	LogonPassword Logon = "password" // with the stored password, so that networks know the user; group managed accounts, too
	LogonS4U      Logon = "s4u"      // without a password, and without a right on the network
)

// File is one that a scheduler reads.
type File struct {
	Name string // within the directory it is written to; with forward slashes
	Data []byte
	Exec bool // is a script
}

// Result is what Write makes.
type Result struct {
	Files []File
	// Guide says how to install the files and how to try them, for people.
	Guide string
	// Warnings say what the format cannot.
	Warnings []string
}

// Write writes schedules in a format. Their addresses differ.
func Write(format Format, schedules []*config.Schedule, o Options) (*Result, error) {
	if len(schedules) == 0 {
		return nil, errors.New("the configuration has no schedule")
	}
	if o.Program == "" {
		o.Program = "registrar"
	}
	for _, text := range slices.Concat([]string{o.Program, o.Dir, o.User, o.Image}, o.Flags) {
		if err := printable(text); err != nil {
			return nil, err
		}
	}
	w := &writer{o: o, result: &Result{}}
	for _, s := range schedules {
		if err := w.open(s); err != nil {
			return nil, err
		}
	}
	write := map[Format]func() error{
		Crontab: w.crontab, Systemd: w.systemd, Windows: w.windows,
		Kubernetes: w.kubernetes, GitLab: w.gitlab, GitHub: w.github,
	}[format]
	if write == nil {
		return nil, fmt.Errorf("unknown format %q", format)
	}
	if err := write(); err != nil {
		return nil, err
	}
	if (format == Crontab || format == Systemd || format == Windows) && !strings.ContainsAny(o.Program, `/\`) {
		w.result.Warnings = append(w.result.Warnings, "this scheduler's PATH is not yours: give the whole path of registrar with --program")
	}
	return w.result, nil
}

// printable refuses what no scheduler's file can hold on one line.
func printable(text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%q is not UTF-8", text)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
		return fmt.Errorf("%q holds a control character", text)
	}
	return nil
}

// writer collects what one call of Write makes.
type writer struct {
	o      Options
	jobs   []*job
	result *Result
}

// job is a schedule on its way to a file.
type job struct {
	*config.Schedule
	name  string // see jobName
	parts []part
}

func (w *writer) open(s *config.Schedule) error {
	if err := printable(s.Address); err != nil {
		return err
	}
	parts, err := compile(s, w.o.Service)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Address, err)
	}
	j := &job{Schedule: s, name: jobName(s.Address), parts: parts}
	if s.Every%time.Minute != 0 {
		w.warn(j, "every %s is not in whole minutes: a slot is looked at on the next minute", s.Every)
	}
	w.jobs = append(w.jobs, j)
	return nil
}

func (w *writer) warn(j *job, format string, args ...any) {
	w.result.Warnings = append(w.result.Warnings, j.Address+": "+fmt.Sprintf(format, args...))
}

func (w *writer) file(name, text string) {
	w.result.Files = append(w.result.Files, File{Name: name, Data: []byte(text)})
}

// The longest that a scheduler's own lateness is made good for, where the schedule itself does not
// say catch_up = "last".
const (
	// onTime is what run --due takes by itself.
	onTime = 5 * time.Minute
	// podTolerance has room for an image that must be pulled.
	podTolerance = 15 * time.Minute
	// gitLabTolerance has room for GitLab's own worker, which looks every ten minutes at best, and for
	// a queue of runners.
	gitLabTolerance = 55 * time.Minute
	// gitHubTolerance is for GitHub, which starts what is scheduled when it has time.
	gitHubTolerance = 55 * time.Minute
	// catchUpTolerance is for catch_up = "last": older slots are let go.
	catchUpTolerance = 31 * day
)

const day = 24 * time.Hour

// guard is the command line that decides and runs. late is how late the scheduler may be.
func (w *writer) guard(j *job, late time.Duration) []string {
	command := append(w.registrar(), "run", "--schedule", j.Address, "--due")
	if j.CatchUp {
		late = max(late, catchUpTolerance)
	}
	if late > onTime {
		command = append(command, "--tolerance", short(late))
	}
	return command
}

// trial is the command line of the entry for Options.Test: it connects as a run would, and notes in the
// configuration's directory that it was run.
func (w *writer) trial() []string { return append(w.registrar(), "schedule", "test", "--record") }

// recorded is how to see whether the trial was run.
func (w *writer) recorded() string {
	return shell.Line(append(w.registrar(), "schedule", "test", "--recorded")) + " tells"
}

// registrar is the program with the flags that come before any command.
func (w *writer) registrar() []string {
	command := []string{w.o.Program}
	if w.o.Dir != "" {
		command = append(command, "--chdir", w.o.Dir)
	}
	return append(command, w.o.Flags...)
}

// short spells a duration as Go reads it, without units of which there are none.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// maxName leaves room for what is added to a name: Kubernetes takes 52 letters of a CronJob's.
const maxName = 44

// jobName makes a name of an address that each of the schedulers takes: registrar-working-hours of
// schedule.working_hours. No two addresses have one name: where something is lost on the way, a part of
// the address's hash is added.
func jobName(address string) string {
	name, exact := strings.CutPrefix(address, "schedule.")
	if !exact {
		// A module's: module.celcat.schedule.nights becomes celcat-nights, and a hash.
		name = strings.ReplaceAll(strings.ReplaceAll(name, "module.", ""), ".schedule.", ".")
	}
	var b strings.Builder
	b.WriteString("registrar")
	dash := true
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if dash {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			dash = false
		default:
			exact = exact && r == '_' && !dash
			dash = true
		}
	}
	exact = exact && !dash && strings.ToLower(name) == name && b.Len() <= maxName
	if exact {
		return b.String()
	}
	hash := fmt.Sprintf("-%x", sha256.Sum256([]byte(address)))[:9]
	return strings.TrimRight(b.String()[:min(b.Len(), maxName-len(hash))], "-") + hash
}

// numbered is the name of the i-th of several entries of a schedule, from 0.
func numbered(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(i+1)
}

// recurrence describes a schedule in a comment.
func recurrence(s *config.Schedule) string {
	var what string
	switch {
	case s.Every > 0:
		what = "every " + short(s.Every)
	case s.Cron != "":
		what = "cron " + s.Cron
	default:
		times := make([]string, len(s.At))
		for i, at := range s.At {
			times[i] = clock(int(at / time.Minute))
		}
		what = "at " + strings.Join(times, ", ")
	}
	what += ", " + s.Timezone.String()
	for _, one := range []struct {
		n            int
		one, several string
	}{{len(s.Active), "period", "periods"}, {len(s.Windows), "window", "windows"}, {len(s.Except), "exception", "exceptions"}} {
		if one.n > 0 {
			what += fmt.Sprintf(", %d %s", one.n, cmp.Or(map[bool]string{true: one.one}[one.n == 1], one.several))
		}
	}
	return what
}

// clock is the minute of a day as 15:04.
func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// absolute refuses a directory that depends on where the scheduler starts.
func (w *writer) absolute() error {
	if !path.IsAbs(w.o.Dir) {
		return fmt.Errorf("the configuration's directory there must be absolute, and is %q", w.o.Dir)
	}
	return nil
}
