package view

import (
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/schedule"
)

// ScheduleTest says what a schedule does in a minute.
type ScheduleTest struct {
	ScheduleUse

	At time.Time // in UTC
	// Runs: a run starts, that of Entry.
	Runs bool
	// Entry is the slot at that time, or the one that starts then; the zero Entry where there is none.
	Entry schedule.Entry
	// Reasons are all that keep a slot from starting then.
	Reasons []*schedule.Reason
	// NextSlot is the first after that time, whether or not it is run; zero where none is near.
	NextSlot time.Time
	// Next is when the next run after that starts; zero where none does.
	Next time.Time
}

// ScheduleTest writes whether a run would start and, where not, what would have to change.
func (v *View) ScheduleTest(t *ScheduleTest) {
	both := fmt.Sprintf("%s (%s)", t.At.In(t.Timezone).Format(time.RFC3339), t.At.Format(time.RFC3339))
	switch {
	case t.Runs && t.Entry.Delayed():
		v.Success("%s starts a run at %s: %s.", t.Address, both, t.runs())
		v.Say("It is that of %s, delayed by %s.", t.Entry.Slot.In(t.Timezone).Format(minuteForm), ReasonText(t.Entry.Reason))
	case t.Runs:
		v.Success("%s starts a run at %s: %s.", t.Address, both, t.runs())
	default:
		v.Heading("%s starts no run at %s.", t.Address, both)
		for _, r := range t.Reasons {
			v.Say("  - %s", ReasonText(r))
			v.Say("    → %s", t.remedy(r.Kind))
		}
		if t.Entry.Delayed() {
			v.Say("The slot is delayed to %s.", t.Entry.Start.In(t.Timezone).Format(time.RFC3339))
		}
	}
	switch {
	case t.Next.IsZero():
		v.Say("No later run comes.")
	case !t.Entry.Delayed() || !t.Entry.Start.Equal(t.Next):
		v.Say("The next run is at %s.", t.Next.In(t.Timezone).Format(time.RFC3339))
	}
}

// remedy says what would have to change for a run to start all the same.
func (t *ScheduleTest) remedy(k schedule.ReasonKind) string {
	switch k {
	case schedule.NoSlot:
		if t.NextSlot.IsZero() {
			return "change every, at or cron"
		}
		return fmt.Sprintf("change every, at or cron: the next slot is at %s", t.NextSlot.In(t.Timezone).Format(minuteForm))
	case schedule.Inactive:
		return "extend an active block, or add one"
	case schedule.OutsideWindow:
		return "widen a window block, or add one"
	case schedule.Excepted:
		return "narrow or remove the except block"
	case schedule.ServiceInactive:
		return "extend an active block of the service block, or add one"
	case schedule.ServiceWindow:
		return "widen a window block of the service block, or add one"
	case schedule.ServiceExcepted:
		return "narrow or remove the except block of the service block"
	case schedule.Superseded:
		return "the later slot runs in its place"
	default:
		return string(k)
	}
}

// ScheduleTestJSON writes the same as JSON, and the configuration's warnings.
func (v *View) ScheduleTestJSON(t *ScheduleTest, warnings config.Diagnostics, files map[string][]byte) error {
	out := struct {
		FormatVersion string           `json:"format_version"`
		Schedule      string           `json:"schedule"`
		At            time.Time        `json:"at"`
		Local         string           `json:"local"`
		Runs          bool             `json:"runs"`
		Slot          *time.Time       `json:"slot,omitempty"`  // of the run, or at that time
		Start         *time.Time       `json:"start,omitempty"` // of that slot; none where it never starts
		Reasons       []*jsonReason    `json:"reasons"`
		Next          *time.Time       `json:"next,omitempty"`
		Syncs         []string         `json:"syncs"`
		Diagnostics   []jsonDiagnostic `json:"diagnostics"`
	}{
		FormatVersion: formatVersion, Schedule: t.Address, At: t.At, Local: t.At.In(t.Timezone).Format(time.RFC3339), Runs: t.Runs,
		Slot: unlessZero(t.Entry.Slot), Start: unlessZero(t.Entry.Start), Reasons: []*jsonReason{}, Next: unlessZero(t.Next),
		Syncs: orEmpty(t.Syncs), Diagnostics: diagnosticDocuments(warnings, files),
	}
	for _, r := range t.Reasons {
		if !t.Runs {
			out.Reasons = append(out.Reasons, reasonDocument(r))
		}
	}
	return v.JSON(out, true)
}

func unlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
