package run

import (
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
)

// Trigger is what started a run.
type Trigger string

// The triggers.
const (
	Manual    Trigger = "manual"    // a person
	Scheduled Trigger = "scheduled" // a slot of a schedule, at its time
	CaughtUp  Trigger = "catch_up"  // a slot that was missed or delayed
)

// Outcome is how a unit ended.
type Outcome string

// The outcomes.
const (
	Applied   Outcome = "applied"
	Unchanged Outcome = "unchanged"
	Partial   Outcome = "partial" // applied, but for deletes that were held back
	Held      Outcome = "held"    // a guard or a check holds the plan, which is saved
	Failed    Outcome = "failed"
	Paused    Outcome = "paused"
	Done      Outcome = "done" // the slot had been run already
	Busy      Outcome = "busy" // another process is running the slot, or has just begun it: nothing was done
)

// Result is what became of a run. But for a unit's Detail, which is not encoded, it names no row other than by what
// on_change blocks ask for, masked, so that it may be stored, sent and shown.
type Result struct {
	ID      string  `json:"id"` // a UUID
	Trigger Trigger `json:"trigger"`
	// Schedule is an address, Slot the time in UTC at which the run was due; empty and zero for a run without.
	Schedule     string       `json:"schedule,omitempty"`
	Slot         time.Time    `json:"slot,omitzero"`
	StartedOn    time.Time    `json:"started_on"`
	EndedOn      time.Time    `json:"ended_on"`
	StartedBy    string       `json:"started_by"`
	ConfigDigest string       `json:"config_digest"`
	GitCommit    string       `json:"git_commit,omitempty"`
	Units        []UnitResult `json:"units"`
}

// UnitResult is what became of a unit: one transaction in each of its destinations.
type UnitResult struct {
	// Unit is the address of a sync's instance or of a faculty, or "all".
	Unit    string  `json:"unit"`
	Faculty string  `json:"faculty,omitempty"` // its label; "" for none or several
	Outcome Outcome `json:"outcome"`
	// Attempts made; 0 where the window closed while it waited for its destinations.
	Attempts  int       `json:"attempts"`
	StartedOn time.Time `json:"started_on"`
	EndedOn   time.Time `json:"ended_on"`
	// PlanID of the last plan made; "" where there is none.
	PlanID string `json:"plan_id,omitempty"`
	// Message says, for people, why it failed, is held, paused or busy; "" otherwise. It names no row.
	Message string `json:"message,omitempty"`
	// Detail is a failure's Message with what may name rows by their keys; "" where that is nothing more. It is
	// for the terminal of who started the run, never to be kept or sent.
	Detail string `json:"-"`
	// Applied are the destinations in which a unit that failed was applied all the same. Applying PlanID does the rest.
	Applied []string `json:"applied,omitempty"`
	// Blocked: the plan is held, and no override helps.
	Blocked bool         `json:"blocked,omitempty"`
	Syncs   []SyncResult `json:"syncs"`
	// Observed are the changes that on_change blocks ask for.
	Observed []Observation `json:"observed,omitempty"`
}

// SyncResult is what became of a sync.
type SyncResult struct {
	Sync        string `json:"sync"`
	Faculty     string `json:"faculty,omitempty"`
	Destination string `json:"destination"`
	Table       string `json:"table"`
	// Counts are the operations applied, or planned where the unit is held or failed: see UnitResult.Applied.
	Counts     map[config.Operation]int64 `json:"counts,omitempty"`
	SourceRows int64                      `json:"source_rows"`
	Rejected   int64                      `json:"rejected,omitempty"`
	Warned     int64                      `json:"warned,omitempty"`
	Unresolved int64                      `json:"unresolved,omitempty"`
	HeldBack   map[config.Operation]int64 `json:"held_back,omitempty"`
	Held       string                     `json:"held,omitempty"`
	// Checks counts what checks found that look at the sync, by their address.
	Checks map[string]int64 `json:"checks,omitempty"`
	// Paused says who paused it and why; "" where it is not.
	Paused string `json:"paused,omitempty"`
}

// Observation counts the rows of which a column took a value that an on_change block asks for.
type Observation struct {
	Observer string `json:"observer"` // on_change.left
	Sync     string `json:"sync"`
	Rows     int64  `json:"rows"`
	// Keys are some of the rows' keys, masked where the sync's key is sensitive.
	Keys []string `json:"keys,omitempty"`
}

// Worst is the outcome that the run as a whole is known by: the worst of its units'. The order is failed, held, partial,
// paused, applied, unchanged, busy, done. It is "" where the run has no unit.
func (r *Result) Worst() Outcome {
	var worst Outcome
	for i := range r.Units {
		if o := r.Units[i].Outcome; o.badness() > worst.badness() {
			worst = o
		}
	}
	return worst
}

// badness orders outcomes, the worst last; "" is before all.
func (o Outcome) badness() int {
	return slices.Index([]Outcome{"", Done, Busy, Unchanged, Applied, Paused, Partial, Held, Failed}, o)
}

// Total is the number of operations of the sync.
func (s *SyncResult) Total() int64 {
	var n int64
	for _, count := range s.Counts {
		n += count
	}
	return n
}
