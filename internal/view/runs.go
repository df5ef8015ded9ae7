package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/registrar-sync/registrar/register"
)

// Run is a run of a unit, as the register of a destination knows it.
type Run struct {
	register.Run

	Destination string // its address
}

// Runs are runs, latest first.
type Runs struct {
	Runs []Run
	// Zones are the time zones of schedules, by address; UTC for others.
	Zones map[string]*time.Location
}

// slotText is a slot as the schedule's clocks show it.
func (r *Runs) slotText(one *Run) string {
	if one.Slot.IsZero() {
		return ""
	}
	zone := r.Zones[one.Schedule]
	if zone == nil {
		zone = time.UTC
	}
	return one.Slot.In(zone).Format(time.RFC3339)
}

// Runs writes runs as a table, with what there is to say of one below it.
func (v *View) Runs(r *Runs) {
	if len(r.Runs) == 0 {
		v.Say("The registers know no such run.")
		return
	}
	rows := [][]string{{"STARTED (UTC)", "OUTCOME", "UNIT", "SCHEDULE", "SLOT", "SLOT (UTC)", "ATTEMPT", "PLAN"}}
	for i := range r.Runs {
		one := &r.Runs[i]
		slot := ""
		if !one.Slot.IsZero() {
			slot = one.Slot.UTC().Format(minuteForm)
		}
		rows = append(rows, []string{
			one.StartedOn.UTC().Format(time.DateTime), string(one.Status), OneLine(one.Unit), OneLine(orDash(one.Schedule)), orDash(r.slotText(one)), orDash(slot),
			strconv.FormatInt(one.Attempt, 10), OneLine(orDash(one.PlanID)),
		})
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(cell))
		}
	}
	for i, row := range rows {
		cells := make([]string, len(row))
		for j, cell := range row {
			cells[j] = text.Pad(cell, widths[j], ' ')
		}
		line := strings.TrimRight(strings.Join(cells, "  "), " ")
		if i == 0 {
			fmt.Fprintln(v.out, v.paint.strong(line))
			continue
		}
		fmt.Fprintln(v.out, line)
		for message := range strings.SplitSeq(r.Runs[i-1].Message, "\n") {
			if message != "" {
				fmt.Fprintln(v.out, "  "+OneLine(message))
			}
		}
	}
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

type jsonRun struct {
	RunID       string     `json:"run_id"`
	Unit        string     `json:"unit"`
	Destination string     `json:"destination"`
	Schedule    string     `json:"schedule,omitempty"`
	Slot        *time.Time `json:"slot,omitempty"`       // in UTC
	SlotLocal   string     `json:"slot_local,omitempty"` // as the schedule's clocks show it
	Outcome     string     `json:"outcome"`              // running, too
	Attempt     int64      `json:"attempt"`              // from 1
	StartedOn   time.Time  `json:"started_on"`
	StartedBy   string     `json:"started_by"`
	EndedOn     *time.Time `json:"ended_on,omitempty"` // none while it runs
	PlanID      string     `json:"plan_id,omitempty"`
	Message     string     `json:"message,omitempty"`
}

// RunsJSON writes runs.
func (v *View) RunsJSON(r *Runs) error {
	out := struct {
		FormatVersion string    `json:"format_version"`
		Runs          []jsonRun `json:"runs"`
	}{FormatVersion: formatVersion, Runs: []jsonRun{}}
	instant := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC()
		return &t
	}
	for i := range r.Runs {
		one := &r.Runs[i]
		out.Runs = append(out.Runs, jsonRun{
			RunID: one.RunID, Unit: one.Unit, Destination: one.Destination, Schedule: one.Schedule, Slot: instant(one.Slot), SlotLocal: r.slotText(one),
			Outcome: string(one.Status), Attempt: one.Attempt, StartedOn: one.StartedOn.UTC(), StartedBy: one.StartedBy, EndedOn: instant(one.EndedOn),
			PlanID: one.PlanID, Message: one.Message,
		})
	}
	return v.JSON(out, true)
}
