package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Newer is an applied plan that was made later than another one.
type Newer struct {
	PlanID    string
	CreatedOn time.Time
	// Sync is one that both plans have.
	Sync string
}

// clocksApart is by how much the clocks of those who plan and those who apply may differ.
const clocksApart = 24 * time.Hour

// NewerExecuted returns an applied plan that was made after the given time and has one of the syncs; nil where there
// is none.
func (r Register) NewerExecuted(ctx context.Context, q providers.Querier, created time.Time, syncs []string) (*Newer, error) {
	args := arguments{d: r.d}
	// What was made later was applied later: by its index only the history's end is looked at.
	query := fmt.Sprintf("SELECT p.id, %s, %s FROM %s e JOIN %s p ON p.id = e.plan_id WHERE e.executed_on > %s AND p.created_on > %s ORDER BY p.created_on DESC, p.id DESC",
		r.instantText("p.created_on"), r.d.Canonical("p.summary", registerColumn(r.d, value.JSON)), r.d.RegisterTable("execution"), r.d.RegisterTable("plan"),
		args.instant(created.Add(-clocksApart)), args.instant(created))
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return nil, fmt.Errorf("look for plans that were applied: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var newer Newer
		var on sql.NullString
		var summary []byte
		if err := rows.Scan(&newer.PlanID, &on, &summary); err != nil {
			return nil, fmt.Errorf("look for plans that were applied: %w", err)
		}
		if newer.CreatedOn, err = parseInstant(on); err != nil {
			return nil, err
		}
		var its []struct {
			Sync string `json:"sync"`
		}
		if err := json.Unmarshal(summary, &its); err != nil {
			return nil, fmt.Errorf("decode the summary of plan %s: %w", newer.PlanID, err)
		}
		for _, one := range its {
			if slices.Contains(syncs, one.Sync) {
				newer.Sync = one.Sync
				return &newer, nil
			}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look for plans that were applied: %w", err)
	}
	return nil, nil //nolint:nilnil // "none is newer" is an answer, not an error
}
