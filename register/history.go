package register

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// historyPage is how many summaries are read first; the next pages grow, so that the
// usual answer, from the last plan or two, costs little, and a long history few queries.
const (
	historyPage   = 8
	historyGrowth = 8
)

// LastSourceRows returns how many source rows each sync had in the latest applied plan
// that it was part of and that held nothing of it back: what guards distrusted is no measure.
// Of a plan that read only what changed it is what the last full comparison read. A sync that none has is not in the answer.
func (r Register) LastSourceRows(ctx context.Context, q providers.Querier, syncs []string) (map[string]int64, error) {
	wanted := make(map[string]bool, len(syncs))
	for _, sync := range syncs {
		wanted[sync] = true
	}
	rows := make(map[string]int64, len(wanted))
	for offset, page := 0, historyPage; len(wanted) > 0; offset, page = offset+page, page*historyGrowth {
		n, err := r.readSourceRows(ctx, q, offset, page, wanted, rows)
		if err != nil {
			return nil, err
		}
		if n < page {
			break
		}
	}
	return rows, nil
}

// readSourceRows reads a page of summaries, the newest first, and moves what it finds
// from wanted to into. It returns how many plans it read; fewer than the page has
// where there are no more, or nothing is wanted any longer.
func (r Register) readSourceRows(ctx context.Context, q providers.Querier, offset, page int, wanted map[string]bool, into map[string]int64) (int, error) {
	// Of a long history only its end is looked at, by its index, and the summaries of the page
	// alone are read: all of them would be gigabytes.
	execution := r.d.RegisterTable("execution")
	end := fmt.Sprintf("SELECT min(x.executed_on) FROM (SELECT executed_on FROM %s ORDER BY executed_on DESC LIMIT %d) AS x", execution, offset+page)
	latest := fmt.Sprintf("SELECT p.id, p.created_on, e.executed_on FROM %s AS e JOIN %s AS p ON p.id = e.plan_id WHERE e.executed_on >= (%s) ORDER BY e.executed_on DESC, p.created_on DESC, p.id DESC LIMIT %d OFFSET %d",
		execution, r.d.RegisterTable("plan"), end, page, offset)
	query := fmt.Sprintf("SELECT %s FROM (%s) AS l JOIN %s AS s ON s.id = l.id ORDER BY l.executed_on DESC, l.created_on DESC, l.id DESC",
		r.d.Canonical("s.summary", registerColumn(r.d, value.JSON)), latest, r.d.RegisterTable("plan"))
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return 0, fmt.Errorf("read the plans applied before: %w", err)
	}
	defer rows.Close()
	n := 0
	for ; len(wanted) > 0 && rows.Next(); n++ {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			return n, fmt.Errorf("read the plans applied before: %w", err)
		}
		var summary []struct {
			Sync       string `json:"sync"`
			SourceRows int64  `json:"source_rows"`

			HeldBack    map[config.Operation]int64 `json:"held_back"`
			Incremental *Incremental               `json:"incremental"`
		}
		if err := json.Unmarshal(text, &summary); err != nil {
			return n, fmt.Errorf("read the summary of a plan applied before: %w", err)
		}
		for _, s := range summary {
			if wanted[s.Sync] && len(s.HeldBack) == 0 {
				into[s.Sync] = s.SourceRows
				if s.Incremental != nil && s.Incremental.Mode == ReadChanged {
					into[s.Sync] = s.Incremental.FullRows
				}
				delete(wanted, s.Sync)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return n, fmt.Errorf("read the plans applied before: %w", err)
	}
	return n, nil
}
