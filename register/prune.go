package register

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/providers"
)

// Pruned is what PruneSome removed.
type Pruned struct {
	Plans, Operations int64
	// More: there may be other plans to remove.
	More bool
}

// A transaction that removes plans holds no more than so many plans, and no other one after so
// many operations: of SQLite it keeps all other writers waiting.
const (
	prunePlans      = 200
	pruneOperations = 100_000
)

// PruneSome removes some of the plans that expired before the given time without having been
// applied, the oldest first, with all that belongs to them. Applied plans are the history: they go
// only if history is set, when they were applied before that time. It is to be called again,
// in a transaction each time, as long as it finds More.
func (r Register) PruneSome(ctx context.Context, q providers.Querier, before time.Time, history bool) (Pruned, error) {
	ids, err := r.prunable(ctx, q, before, history)
	if err != nil {
		return Pruned{}, err
	}
	pruned := Pruned{More: len(ids) == prunePlans}
	for _, id := range ids {
		if pruned.Operations >= pruneOperations {
			pruned.More = true
			break
		}
		n, err := r.prunePlan(ctx, q, id)
		if err != nil {
			return pruned, err
		}
		pruned.Plans++
		pruned.Operations += n
	}
	return pruned, nil
}

// prunable lists plans to remove, the oldest first.
func (r Register) prunable(ctx context.Context, q providers.Querier, before time.Time, history bool) ([]string, error) {
	args := arguments{d: r.d}
	conditions := []string{fmt.Sprintf("p.expires_on < %s AND e.plan_id IS NULL", args.instant(before))}
	if history {
		conditions = append(conditions, "e.executed_on < "+args.instant(before))
	}
	query := r.d.Limit(fmt.Sprintf("SELECT p.id FROM %s p LEFT JOIN %s e ON e.plan_id = p.id WHERE %s ORDER BY p.created_on, p.id",
		r.d.RegisterTable("plan"), r.d.RegisterTable("execution"), strings.Join(conditions, " OR ")), prunePlans)
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return nil, fmt.Errorf("look for plans to prune: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("look for plans to prune: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look for plans to prune: %w", err)
	}
	return ids, nil
}

// prunePlan removes a plan, and returns how many operations it had. Each statement finds its rows
// by a primary key.
func (r Register) prunePlan(ctx context.Context, q providers.Querier, id string) (operations int64, err error) {
	for _, table := range []string{"operation", "finding", "override", "execution", "plan"} {
		args := arguments{d: r.d}
		column := "plan_id"
		if table == "plan" {
			column = "id"
		}
		var result sql.Result
		if result, err = q.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s = %s", r.d.RegisterTable(table), column, args.of(id)), args.values...); err != nil {
			return 0, fmt.Errorf("prune the register's %s rows: %w", table, err)
		}
		if table == "operation" {
			if operations, err = result.RowsAffected(); err != nil {
				return 0, fmt.Errorf("prune the register's %s rows: %w", table, err)
			}
		}
	}
	return operations, nil
}

// PruneRuns removes the runs that ended before the given time, but for the latest of each unit, and the pauses
// that were resumed before it.
func (r Register) PruneRuns(ctx context.Context, q providers.Querier, before time.Time) (runs, pauses int64, err error) {
	args := arguments{d: r.d}
	run := r.d.RegisterTable("run")
	// In a table of its own: MySQL reads no table directly that it deletes from.
	runs, err = r.affected(ctx, q, fmt.Sprintf("DELETE FROM %s WHERE ended_on < %s AND id NOT IN (SELECT k.id FROM (%s) k)", run, args.instant(before), r.latestRuns()), args.values...)
	if err != nil {
		return 0, 0, fmt.Errorf("prune the register's run rows: %w", err)
	}
	args = arguments{d: r.d}
	pauses, err = r.affected(ctx, q, fmt.Sprintf("DELETE FROM %s WHERE resumed_on < %s", r.d.RegisterTable("pause"), args.instant(before)), args.values...)
	if err != nil {
		return 0, 0, fmt.Errorf("prune the register's pause rows: %w", err)
	}
	return runs, pauses, nil
}

// latestRuns selects the ended run of each unit that began last; of several that began together all.
func (r Register) latestRuns() string {
	run := r.d.RegisterTable("run")
	return fmt.Sprintf("SELECT r.id FROM %s r JOIN (SELECT n.unit, max(n.started_on) AS last FROM %s n WHERE n.ended_on IS NOT NULL GROUP BY n.unit) l ON l.unit = r.unit AND l.last = r.started_on WHERE r.ended_on IS NOT NULL",
		run, run)
}
