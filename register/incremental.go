package register

import (
	"context"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
)

// ReadMode is how much of an incremental sync's source a plan read.
type ReadMode string

// The modes.
const (
	ReadAll     ReadMode = "full"
	ReadChanged ReadMode = "partial" // nothing can be said of the rows that were not read
	// ReadDiffering: the rows that were not read are in step, but for collisions of hashes.
	ReadDiffering ReadMode = "fingerprints"
)

// Incremental is what a plan did for a sync that may read only what changed, and what the next
// plan needs to know of it once it is applied.
type Incremental struct {
	Mode ReadMode `json:"mode"`
	// Why says why the source was read whole; "" where it was not.
	Why string `json:"why,omitempty"`
	// Column is the source's column that grows with each change.
	Column string `json:"column"`
	// Since is what Column had to hold at least for a record to be read, unless it was NULL; of a
	// partial plan only.
	Since string `json:"since,omitempty"`
	// Watermark is up to which value of Column nothing is left to do, and Kind what it is of; "":
	// the next plan reads the source whole.
	Watermark string `json:"watermark,omitempty"`
	Kind      string `json:"kind,omitempty"`
	// LeftUndone says what keeps Watermark from being the greatest value seen.
	LeftUndone string `json:"left_undone,omitempty"`
	// FullOn is when the last full comparison was made, FullRows what the source had then, and
	// FullAfter when the next one is due.
	FullOn    time.Time `json:"full_on"`
	FullRows  int64     `json:"full_rows"`
	FullAfter time.Time `json:"full_after"`
	// After is the plan of the sync that had been applied last when this one was made, SeenOn when the
	// last plan of any sync had been; "" and the zero time for none.
	After  string    `json:"after,omitempty"`
	SeenOn time.Time `json:"seen_on"`
	// Sensitive: Since and Watermark are not shown, and only the register has them.
	Sensitive bool `json:"sensitive,omitempty"`
}

// Fingerprints is how a plan compared a sync that compares by fingerprints.
type Fingerprints struct {
	Mode ReadMode `json:"mode"`
	// Why says why the source was read whole; "" where it was not.
	Why string `json:"why,omitempty"`
	// Buckets is into how many buckets the keys fall, Differ how many of them were read, and Read how many
	// records these had; 0 of a full comparison.
	Buckets int   `json:"buckets"`
	Differ  int   `json:"differ"`
	Read    int64 `json:"read"`
}

// Partial reports whether only the records that changed were read.
func (s *SyncSummary) Partial() bool {
	return s.Incremental != nil && s.Incremental.Mode == ReadChanged
}

// Applied is the last applied plan of a sync.
type Applied struct {
	PlanID       string
	ConfigDigest string
	// Incremental is nil where the sync was not incremental, or the plan had a Purpose.
	Incremental *Incremental
	// Purpose is nil for a plan that brought the sync in step with its source.
	Purpose *Purpose
	// Overtaken: another plan of the sync was applied after this one was made, and before it was
	// applied.
	Overtaken bool
	// OutOfSight: none of the latest plans is about the sync, and whether an older one is was not
	// looked for; the rest is empty.
	OutOfSight bool
}

// LastApplied returns the last applied plan of each sync; one that has none is not in the
// answer, and one that the latest plans are not about is there as OutOfSight.
func (r Register) LastApplied(ctx context.Context, q providers.Querier, syncs []string) (map[string]Applied, error) {
	h := &appliedHistory{found: map[string]Applied{}, wanted: map[string]bool{}}
	for _, sync := range syncs {
		h.wanted[sync] = true
	}
	if len(h.wanted) == 0 {
		return h.found, nil
	}
	n := 0
	for plan, err := range r.appliedPlans(ctx, q) {
		if err != nil {
			return nil, err
		}
		if err := h.meetAll(&plan); err != nil {
			return nil, err
		}
		if n++; n == historyDepth {
			h.giveUp()
		}
		if len(h.wanted) == 0 {
			break
		}
	}
	return h.found, nil
}

// appliedHistory is what is looked for in the history, from its end: of each sync the last plan, and
// whether the one before is that after which it was made.
type appliedHistory struct {
	found  map[string]Applied
	wanted map[string]bool
}

// appliedSummary is what the history tells of a sync.
type appliedSummary struct {
	Sync        string                     `json:"sync"`
	SourceRows  int64                      `json:"source_rows"`
	HeldBack    map[config.Operation]int64 `json:"held_back"`
	Incremental *Incremental               `json:"incremental"`
	// Plan is of the whole plan, and with one of its syncs.
	Plan *struct {
		Purpose *Purpose `json:"purpose"`
	} `json:"plan"`
}

// purposeOf returns what a plan was for; nil where it brought its syncs in step with their sources.
func purposeOf(summary []appliedSummary) *Purpose {
	for _, s := range summary {
		if s.Plan != nil && s.Plan.Purpose != nil {
			return s.Plan.Purpose
		}
	}
	return nil
}

func (h *appliedHistory) meetAll(plan *appliedPlan) error {
	var summary []appliedSummary
	if err := plan.decode(&summary); err != nil {
		return err
	}
	h.pass(plan.executedOn)
	purpose := purposeOf(summary)
	for _, s := range summary {
		one := Applied{PlanID: plan.id, ConfigDigest: plan.configDigest, Incremental: s.Incremental, Purpose: purpose}
		if purpose != nil {
			one.Incremental = nil // what it left is not what the source has
		}
		h.meet(s.Sync, one)
	}
	return nil
}

// giveUp ends the search for the syncs that no plan was about yet: a sync that is never applied would
// otherwise have the whole history read by each plan. What came between goes on being looked for.
func (h *appliedHistory) giveUp() {
	for sync := range h.wanted {
		if _, ok := h.found[sync]; !ok {
			h.found[sync] = Applied{OutOfSight: true}
			delete(h.wanted, sync)
		}
	}
}

// pass gives up the search for what came between where it can be no more: it would have been
// applied when the last plan was made.
func (h *appliedHistory) pass(executed time.Time) {
	for sync, last := range h.found {
		if h.wanted[sync] && executed.Before(last.Incremental.SeenOn) {
			delete(h.wanted, sync)
		}
	}
}

func (h *appliedHistory) meet(sync string, one Applied) {
	if !h.wanted[sync] {
		return
	}
	last, again := h.found[sync]
	if again {
		last.Overtaken = one.PlanID != last.Incremental.After
		h.found[sync] = last
	} else {
		h.found[sync] = one
	}
	if again || one.Incremental == nil {
		delete(h.wanted, sync)
	}
}
