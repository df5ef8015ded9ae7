package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

const (
	// historyPage is how many summaries are read first; the next pages grow, so that the
	// usual answer, from the last plan or two, costs little, and a long history few queries.
	historyPage   = 8
	historyGrowth = 8
	// historyDepth is how many plans are looked through for one that need not exist: three pages.
	historyDepth = historyPage * (1 + historyGrowth + historyGrowth*historyGrowth)
)

// appliedPlan is a plan of the history.
type appliedPlan struct {
	id, configDigest string
	executedOn       time.Time
	summary          []byte
}

// decode reads the summaries of the plan's syncs.
func (p *appliedPlan) decode(into any) error {
	if err := json.Unmarshal(p.summary, into); err != nil {
		return fmt.Errorf("decode the summary of plan %s: %w", p.id, err)
	}
	return nil
}

// appliedPlans yields the applied plans, the one applied last first. An error is the last that it yields.
func (r Register) appliedPlans(ctx context.Context, q providers.Querier) iter.Seq2[appliedPlan, error] {
	return func(yield func(appliedPlan, error) bool) {
		for offset, page := 0, historyPage; ; offset, page = offset+page, page*historyGrowth {
			more, err := r.readHistory(ctx, q, offset, page, yield)
			if err != nil {
				yield(appliedPlan{}, fmt.Errorf("read the plans applied before: %w", err))
			}
			if err != nil || !more {
				return
			}
		}
	}
}

// readHistory yields a page of plans, and reports whether another one is wanted and may have some.
func (r Register) readHistory(ctx context.Context, q providers.Querier, offset, page int, yield func(appliedPlan, error) bool) (bool, error) {
	// Of a long history only its end is looked at, by its index, and the summaries of the page
	// alone are read: all of them would be gigabytes.
	execution := r.d.RegisterTable("execution")
	end := fmt.Sprintf("SELECT min(x.executed_on) FROM (%s) x", r.d.Limit(fmt.Sprintf("SELECT executed_on FROM %s ORDER BY executed_on DESC", execution), offset+page))
	latest := r.d.Skip(fmt.Sprintf("SELECT p.id, p.created_on, e.executed_on FROM %s e JOIN %s p ON p.id = e.plan_id WHERE e.executed_on >= (%s) ORDER BY e.executed_on DESC, p.created_on DESC, p.id DESC",
		execution, r.d.RegisterTable("plan"), end), offset, page)
	query := fmt.Sprintf("SELECT s.id, s.config_digest, %s, %s FROM (%s) l JOIN %s s ON s.id = l.id ORDER BY l.executed_on DESC, l.created_on DESC, l.id DESC",
		r.instantText("l.executed_on"), r.d.Canonical("s.summary", registerColumn(r.d, value.JSON)), latest, r.d.RegisterTable("plan"))
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var one appliedPlan
		var on sql.NullString
		if err := rows.Scan(&one.id, &one.configDigest, &on, &one.summary); err != nil {
			return false, err
		}
		if one.executedOn, err = parseInstant(on); err != nil {
			return false, err
		}
		if !yield(one, nil) {
			return false, nil
		}
	}
	return n == page, rows.Err()
}

// LastSourceRows returns how many source rows each sync had in the latest applied plan
// that it was part of and that held nothing of it back: what guards distrusted is no measure. Nor is a plan with a Purpose.
// Of a plan that read only what changed it is what the last full comparison read. A sync that none has is not in the answer.
func (r Register) LastSourceRows(ctx context.Context, q providers.Querier, syncs []string) (map[string]int64, error) {
	wanted := make(map[string]bool, len(syncs))
	for _, sync := range syncs {
		wanted[sync] = true
	}
	rows := make(map[string]int64, len(wanted))
	if len(wanted) == 0 {
		return rows, nil
	}
	for one, err := range r.appliedPlans(ctx, q) {
		if err != nil {
			return nil, err
		}
		var summary []appliedSummary
		if err := one.decode(&summary); err != nil {
			return nil, err
		}
		if purposeOf(summary) != nil {
			continue // it read no source, or another one
		}
		for _, s := range summary {
			if wanted[s.Sync] && len(s.HeldBack) == 0 {
				rows[s.Sync] = s.SourceRows
				if s.Incremental != nil && s.Incremental.Mode == ReadChanged {
					rows[s.Sync] = s.Incremental.FullRows
				}
				delete(wanted, s.Sync)
			}
		}
		if len(wanted) == 0 {
			break
		}
	}
	return rows, nil
}
