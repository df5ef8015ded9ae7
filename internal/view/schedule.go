package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/schedule"
)

// ScheduleUse is a schedule and what runs by it.
type ScheduleUse struct {
	*config.Schedule

	Syncs     []string // addresses
	Faculties []string // labels, of the syncs that have one
}

// ScheduleLine is a run that comes, or slots in a row that are not run for one reason.
type ScheduleLine struct {
	ScheduleUse
	schedule.Entry // of the run, or of the first slot that is not run

	// Until is the last of Slots that are not run; Slots is 0 where they were not counted.
	Until time.Time
	Slots int64
	// Ends: no run comes any more.
	Ends bool
}

// IsRun tells runs from the rest.
func (l *ScheduleLine) IsRun() bool { return !l.Ends && !l.Start.IsZero() }

// At is where the line stands among others.
func (l *ScheduleLine) At() time.Time {
	if l.IsRun() {
		return l.Start
	}
	return l.Slot
}

// SameReason reports whether a slot is not run for the same reason as those of the line.
func (l *ScheduleLine) SameReason(r *schedule.Reason) bool {
	return !l.IsRun() && l.Reason != nil && r != nil && l.Reason.Kind == r.Kind && l.Reason.Name == r.Name && l.Reason.Range == r.Range
}

// ScheduleNext is what comes.
type ScheduleNext struct {
	From  time.Time
	Zone  *time.Location // of From
	Lines []ScheduleLine // by At
	// Jitter are the schedules whose runs begin somewhat later.
	Jitter []ScheduleUse
}

// Cut leaves the first runs, and what else comes before the last of them.
func (n *ScheduleNext) Cut(runs int) {
	for i := range n.Lines {
		if !n.Lines[i].IsRun() {
			continue
		}
		if runs--; runs == 0 {
			n.Lines = n.Lines[:i+1]
			return
		}
	}
}

const minuteForm = "2006-01-02 15:04"

// ScheduleNext writes the coming runs as a table, with a line for each gap.
func (v *View) ScheduleNext(n *ScheduleNext) {
	rows := [][]string{{"LOCAL TIME", "UTC", "SCHEDULE", "RUNS"}}
	widths := make([]int, len(rows[0]))
	for i := range n.Lines {
		rows = append(rows, runRow(&n.Lines[i]))
	}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(cell))
		}
	}
	padded := func(row []string) string {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = text.Pad(cell, widths[i], ' ')
		}
		return strings.TrimRight(strings.Join(cells, "  "), " ")
	}
	v.line("Runs from %s on:", n.From.In(n.Zone).Format(time.RFC3339))
	v.Gap()
	v.line("%s", v.paint.strong(padded(rows[0])))
	for i := range n.Lines {
		if l := &n.Lines[i]; !l.IsRun() {
			fmt.Fprintln(v.out, v.paint.faint(OneLine(gapText(l))))
			continue
		}
		fmt.Fprintln(v.out, padded(rows[i+1]))
		if l := &n.Lines[i]; l.Delayed() {
			fmt.Fprintln(v.out, v.paint.change(fmt.Sprintf("  delayed from %s: %s", l.Slot.In(l.Timezone).Format(minuteForm), OneLine(ReasonText(l.Reason)))))
		}
	}
	if len(n.Jitter) > 0 {
		v.Gap()
	}
	for _, u := range n.Jitter {
		v.Say("Runs of %s begin up to %s later (jitter).", u.Address, u.Jitter)
	}
}

func runRow(l *ScheduleLine) []string {
	if !l.IsRun() {
		return nil
	}
	return []string{l.Start.In(l.Timezone).Format(time.RFC3339), l.Start.UTC().Format(time.RFC3339), OneLine(l.Address), OneLine(l.runs())}
}

// namedFaculties is how many faculties a line names.
const namedFaculties = 3

// runs is "6 syncs of hss, sci".
func (u *ScheduleUse) runs() string {
	if len(u.Syncs) == 0 {
		return "no sync"
	}
	out := plural(int64(len(u.Syncs)), "sync")
	switch n := len(u.Faculties); {
	case n == 0:
	case n <= namedFaculties:
		out += " of " + strings.Join(u.Faculties, ", ")
	default:
		out += fmt.Sprintf(" of %d faculties", n)
	}
	return out
}

func gapText(l *ScheduleLine) string {
	local := func(t time.Time) string { return t.In(l.Timezone).Format(minuteForm) }
	switch {
	case l.Ends:
		return fmt.Sprintf("  … no more runs of %s: %s", l.Address, ReasonText(l.Reason))
	case l.Slots == 0:
		return fmt.Sprintf("  … %s – %s  %s: %s", local(l.Slot), local(l.Until), l.Address, ReasonText(l.Reason))
	case l.Slots == 1:
		return fmt.Sprintf("  … %s  %s, 1 slot: %s", local(l.Slot), l.Address, ReasonText(l.Reason))
	default:
		return fmt.Sprintf("  … %s – %s  %s, %d slots: %s", local(l.Slot), local(l.Until), l.Address, l.Slots, ReasonText(l.Reason))
	}
}

// ReasonText is a reason with its place in the configuration.
func ReasonText(r *schedule.Reason) string {
	if r.Range.File == "" {
		return r.Text
	}
	return fmt.Sprintf("%s, %s", r.Text, r.Range)
}

type jsonReason struct {
	Kind string `json:"kind"`
	Name string `json:"name,omitempty"`
	Text string `json:"text"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"` // from 1
}

func reasonDocument(r *schedule.Reason) *jsonReason {
	if r == nil {
		return nil
	}
	return &jsonReason{Kind: string(r.Kind), Name: r.Name, Text: r.Text, File: r.Range.File, Line: r.Range.Start.Line}
}

type jsonScheduleRun struct {
	Schedule  string      `json:"schedule"`
	Slot      time.Time   `json:"slot"`  // in UTC, with schedule the identity of the run
	Start     time.Time   `json:"start"` // in UTC
	Local     string      `json:"local"` // start, as the schedule's clocks show it
	Delayed   bool        `json:"delayed"`
	Reason    *jsonReason `json:"reason,omitempty"` // of the delay
	Syncs     []string    `json:"syncs"`
	Faculties []string    `json:"faculties"`
}

type jsonScheduleGap struct {
	Schedule string      `json:"schedule"`
	From     time.Time   `json:"from"`            // the first slot that is not run, in UTC
	Until    *time.Time  `json:"until,omitempty"` // the last one; none where no run comes any more
	Slots    int64       `json:"slots,omitempty"` // none where they were not counted
	Reason   *jsonReason `json:"reason"`
}

// ScheduleNextJSON writes the coming runs, and the configuration's warnings.
func (v *View) ScheduleNextJSON(n *ScheduleNext, warnings config.Diagnostics, files map[string][]byte) error {
	out := struct {
		FormatVersion string            `json:"format_version"`
		From          time.Time         `json:"from"`
		Runs          []jsonScheduleRun `json:"runs"`
		Gaps          []jsonScheduleGap `json:"gaps"`
		Diagnostics   []jsonDiagnostic  `json:"diagnostics"`
	}{
		FormatVersion: formatVersion, From: n.From.UTC(), Runs: []jsonScheduleRun{}, Gaps: []jsonScheduleGap{},
		Diagnostics: diagnosticDocuments(warnings, files),
	}
	for i := range n.Lines {
		l := &n.Lines[i]
		if l.IsRun() {
			out.Runs = append(out.Runs, jsonScheduleRun{
				Schedule: l.Address, Slot: l.Slot.UTC(), Start: l.Start.UTC(), Local: l.Start.In(l.Timezone).Format(time.RFC3339),
				Delayed: l.Delayed(), Reason: reasonDocument(l.Reason), Syncs: orEmpty(l.Syncs), Faculties: orEmpty(l.Faculties),
			})
			continue
		}
		gap := jsonScheduleGap{Schedule: l.Address, From: l.Slot.UTC(), Slots: l.Slots, Reason: reasonDocument(l.Reason)}
		if !l.Ends {
			until := l.Until.UTC()
			gap.Until = &until
		}
		out.Gaps = append(out.Gaps, gap)
	}
	return v.JSON(out, true)
}

func orEmpty(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}
