package register

import (
	"context"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/providers"
)

// Pruned is what Prune removed.
type Pruned struct {
	Plans, Operations int64
}

// Prune removes the plans that expired before the given time without having been
// applied, with all that belongs to them. Applied plans are the history: they go only if history is set, when they
// were applied before that time.
func (r Register) Prune(ctx context.Context, q providers.Querier, before time.Time, history bool) (Pruned, error) {
	var pruned Pruned
	for _, table := range []string{"operation", "finding", "override", "plan"} {
		args := arguments{d: r.d}
		condition := fmt.Sprintf("(p.expires_on < %s AND e.plan_id IS NULL)", args.instant(before))
		if history {
			condition += fmt.Sprintf(" OR e.executed_on < %s", args.instant(before))
		}
		id := "plan_id"
		if table == "plan" {
			id = "id"
		}
		n, err := r.affect(ctx, q, fmt.Sprintf("DELETE FROM %s WHERE %s IN (SELECT p.id FROM %s AS p LEFT JOIN %s AS e ON e.plan_id = p.id WHERE %s)",
			r.d.RegisterTable(table), id, r.d.RegisterTable("plan"), r.d.RegisterTable("execution"), condition), args.values...)
		if err != nil {
			return pruned, fmt.Errorf("prune the register's %s rows: %w", table, err)
		}
		switch table {
		case "operation":
			pruned.Operations = n
		case "plan":
			pruned.Plans = n
		}
	}
	if !history {
		return pruned, nil
	}
	_, err := r.affect(ctx, q, fmt.Sprintf("DELETE FROM %s WHERE plan_id NOT IN (SELECT id FROM %s)", r.d.RegisterTable("execution"), r.d.RegisterTable("plan")))
	return pruned, err
}

func (r Register) affect(ctx context.Context, q providers.Querier, statement string, args ...any) (int64, error) {
	result, err := q.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
