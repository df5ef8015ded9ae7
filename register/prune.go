package register

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
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

// SweepSpeculative removes some of the speculative plans that have expired, at most limit and the first to expire first, with all
// that belongs to them, and returns how many. Nobody can apply them, and an approval of their operations stays. It is
// for a transaction of its own, of a role that may apply.
func (r Register) SweepSpeculative(ctx context.Context, q providers.Querier, now time.Time, limit int) (plans int64, err error) {
	args := arguments{d: r.d}
	query := r.d.Limit(fmt.Sprintf("SELECT p.id FROM %s p WHERE p.speculative = %s AND p.expires_on < %s ORDER BY p.expires_on, p.id",
		r.d.RegisterTable("plan"), args.typed(value.Bool, value.OfBool(true).Text()), args.instant(now)), limit)
	ids, err := r.planIDs(ctx, q, query, args.values...)
	if err != nil {
		return 0, err
	}
	var operations int64
	for _, id := range ids {
		if operations >= pruneOperations {
			break
		}
		n, err := r.prunePlan(ctx, q, id)
		if err != nil {
			return plans, err
		}
		plans++
		operations += n
	}
	return plans, nil
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
	return r.planIDs(ctx, q, query, args.values...)
}

// planIDs runs a query of plans to remove.
func (r Register) planIDs(ctx context.Context, q providers.Querier, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
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
	if err := r.pruneSpent(ctx, q, id); err != nil {
		return 0, err
	}
	for _, table := range []string{"operation", "finding", "override", "execution", "author", "plan"} {
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

// pruneSpent removes the approvals that the execution of a plan used up: without it nothing would tell that they are.
func (r Register) pruneSpent(ctx context.Context, q providers.Querier, id string) error {
	args := arguments{d: r.d}
	statement := fmt.Sprintf("DELETE FROM %s WHERE digest = (SELECT p.digest FROM %s p WHERE p.id = %s) AND approved_on <= (SELECT e.executed_on FROM %s e WHERE e.plan_id = %s)",
		r.d.RegisterTable("approval"), r.d.RegisterTable("plan"), args.of(id), r.d.RegisterTable("execution"), args.of(id))
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return fmt.Errorf("prune the approvals that a plan used up: %w", err)
	}
	return nil
}

// SlotsKept is for how long the record of a slot's run is kept, whatever else is pruned: it is what makes the slot run once.
// It is more than the 31 days after which the most patient scheduler still asks for a slot.
const SlotsKept = 35 * 24 * time.Hour

// PruneRuns removes the runs that ended before the given time, and the pauses that were resumed before it. Kept are, of each
// unit, the run that began last and, for each schedule, that of the last slot; and runs of slots for as long as SlotsKept says,
// counted back from now. Of the runs that have not ended those go, too, that began before the given time, of no slot and more
// than a day ago: their process was killed. Approvals go that expired before the given time, but for those that an execution
// which is still recorded used up; and the records of who was shown masked values before it, of plans that are gone.
func (r Register) PruneRuns(ctx context.Context, q providers.Querier, before, now time.Time) (runs, pauses int64, err error) {
	args := arguments{d: r.d}
	run := r.d.RegisterTable("run")
	asked := now.Add(-SlotsKept)
	// A slot that was delayed may be far older than its run. In a table of its own: MySQL reads no table directly that it
	// deletes from.
	runs, err = r.affected(ctx, q, fmt.Sprintf("DELETE FROM %s WHERE ended_on < %s AND (slot IS NULL OR slot < %s AND ended_on < %s) AND id NOT IN (SELECT k.id FROM (%s UNION ALL %s) k)",
		run, args.instant(before), args.instant(asked), args.instant(asked), r.latestRuns(), r.latestSlots()), args.values...)
	if err != nil {
		return 0, 0, fmt.Errorf("prune the register's run rows: %w", err)
	}
	left, err := r.pruneLeft(ctx, q, before, now)
	if err != nil {
		return 0, 0, err
	}
	runs += left
	args = arguments{d: r.d}
	pauses, err = r.affected(ctx, q, fmt.Sprintf("DELETE FROM %s WHERE resumed_on < %s", r.d.RegisterTable("pause"), args.instant(before)), args.values...)
	if err != nil {
		return 0, 0, fmt.Errorf("prune the register's pause rows: %w", err)
	}
	return runs, pauses, r.pruneApprovals(ctx, q, before)
}

func (r Register) pruneApprovals(ctx context.Context, q providers.Querier, before time.Time) error {
	approval, plan := r.d.RegisterTable("approval"), r.d.RegisterTable("plan")
	args := arguments{d: r.d}
	// In a table of its own: MySQL reads no table directly that it deletes from.
	err := r.exec(ctx, q, fmt.Sprintf("DELETE FROM %s WHERE expires_on < %s AND id NOT IN (SELECT k.id FROM (SELECT a.id FROM %s a JOIN %s e ON e.executed_on >= a.approved_on AND e.executed_on < a.expires_on JOIN %s p ON p.id = e.plan_id AND p.digest = a.digest) k)",
		approval, args.instant(before), approval, r.d.RegisterTable("execution"), plan), args.values...)
	if err != nil {
		return fmt.Errorf("prune the register's approval rows: %w", err)
	}
	args = arguments{d: r.d}
	err = r.exec(ctx, q, fmt.Sprintf("DELETE FROM %s WHERE shown_on < %s AND plan_id NOT IN (SELECT p.id FROM %s p)", r.d.RegisterTable("disclosure"), args.instant(before), plan), args.values...)
	if err != nil {
		return fmt.Errorf("prune the register's disclosure rows: %w", err)
	}
	return nil
}

// longestRun is by when a run that has not ended is thought to have been killed, at the latest.
const longestRun = 24 * time.Hour

// pruneLeft removes the runs of no slot that never ended, since their process was killed, and the beats of runs that are not
// running. Those of slots stay: they are taken over.
func (r Register) pruneLeft(ctx context.Context, q providers.Querier, before, now time.Time) (runs int64, err error) {
	if began := now.Add(-longestRun); began.Before(before) {
		before = began
	}
	args := arguments{d: r.d}
	runs, err = r.affected(ctx, q, fmt.Sprintf("DELETE FROM %s WHERE ended_on IS NULL AND slot IS NULL AND started_on < %s", r.d.RegisterTable("run"), args.instant(before)), args.values...)
	if err == nil {
		err = r.exec(ctx, q, fmt.Sprintf("DELETE FROM %s WHERE id NOT IN (SELECT r.id FROM %s r WHERE r.ended_on IS NULL)", r.d.RegisterTable("run_beat"), r.d.RegisterTable("run")))
	}
	if err != nil {
		return 0, fmt.Errorf("prune the register's run rows: %w", err)
	}
	return runs, nil
}

// latestRuns selects the ended run of each unit that began last; of several that began together all.
func (r Register) latestRuns() string {
	run := r.d.RegisterTable("run")
	return fmt.Sprintf("SELECT r.id FROM %s r JOIN (SELECT n.unit, max(n.started_on) AS last FROM %s n WHERE n.ended_on IS NOT NULL GROUP BY n.unit) l ON l.unit = r.unit AND l.last = r.started_on WHERE r.ended_on IS NOT NULL",
		run, run)
}

// latestSlots selects the ended run of the last slot of each unit and schedule: with any patience only the last slot
// is asked for.
func (r Register) latestSlots() string {
	run := r.d.RegisterTable("run")
	return fmt.Sprintf("SELECT r.id FROM %s r JOIN (SELECT n.unit, n.schedule, max(n.slot) AS last FROM %s n WHERE n.ended_on IS NOT NULL AND n.slot IS NOT NULL GROUP BY n.unit, n.schedule) l ON l.unit = r.unit AND l.schedule = r.schedule AND l.last = r.slot WHERE r.ended_on IS NOT NULL",
		run, run)
}
