package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// ReadMode is how much of an incremental sync's source a plan read.
type ReadMode string

// The modes.
const (
	ReadAll     ReadMode = "full"
	ReadChanged ReadMode = "partial" // nothing can be said of the rows that were not read
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

// Partial reports whether only the records that changed were read.
func (s *SyncSummary) Partial() bool {
	return s.Incremental != nil && s.Incremental.Mode == ReadChanged
}

// Applied is the last applied plan of a sync.
type Applied struct {
	PlanID       string
	ConfigDigest string
	// Incremental is nil where the sync was not incremental.
	Incremental *Incremental
	// Overtaken: another plan of the sync was applied after this one was made, and before it was
	// applied.
	Overtaken bool
}

// LastApplied returns the last applied plan of each sync; one that has none is not in the
// answer.
func (r Register) LastApplied(ctx context.Context, q providers.Querier, syncs []string) (map[string]Applied, error) {
	h := &appliedHistory{found: map[string]Applied{}, wanted: map[string]bool{}}
	for _, sync := range syncs {
		h.wanted[sync] = true
	}
	for offset, page := 0, historyPage; len(h.wanted) > 0; offset, page = offset+page, page*historyGrowth {
		n, err := r.readApplied(ctx, q, offset, page, h)
		if err != nil {
			return nil, fmt.Errorf("read the plans applied before: %w", err)
		}
		if n < page {
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

func (r Register) readApplied(ctx context.Context, q providers.Querier, offset, page int, h *appliedHistory) (int, error) {
	query := fmt.Sprintf("SELECT p.id, p.config_digest, %s, %s FROM %s AS e JOIN %s AS p ON p.id = e.plan_id ORDER BY e.executed_on DESC, p.created_on DESC, p.id DESC LIMIT %d OFFSET %d",
		r.instantText("e.executed_on"), r.d.Canonical("p.summary", registerColumn(r.d, value.JSON)), r.d.RegisterTable("execution"), r.d.RegisterTable("plan"), page, offset)
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for ; len(h.wanted) > 0 && rows.Next(); n++ {
		var one Applied
		var on sql.NullString
		var text []byte
		if err := rows.Scan(&one.PlanID, &one.ConfigDigest, &on, &text); err != nil {
			return n, err
		}
		executed, err := parseInstant(on)
		if err != nil {
			return n, err
		}
		var summary []struct {
			Sync        string       `json:"sync"`
			Incremental *Incremental `json:"incremental"`
		}
		if err := json.Unmarshal(text, &summary); err != nil {
			return n, fmt.Errorf("decode the summary of plan %s: %w", one.PlanID, err)
		}
		h.pass(executed)
		for _, s := range summary {
			one.Incremental = s.Incremental
			h.meet(s.Sync, one)
		}
	}
	return n, rows.Err()
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
