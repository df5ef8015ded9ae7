package plan

import (
	"context"
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/register"
)

// checkUpdateCascades refuses changes of columns that others refer to, if these would be changed with
// them: no plan shows that.
func (b *binder) checkUpdateCascades(t *sqlgen.Target) {
	var told []string
	for _, key := range b.table.References {
		if !key.ActsOnUpdate {
			continue
		}
		for _, operation := range config.Operations {
			if operation == config.Update && b.neverUpdates() {
				continue
			}
			for _, column := range t.Rewrites(b.catalog.of.Dialect(), string(operation)) {
				once := key.Shown + "\x00" + column.Name
				if !slices.Contains(key.ParentColumns, column.Name) || slices.Contains(told, once) {
					continue
				}
				told = append(told, once)
				at, help := b.sync.Lifecycle.Range, fmt.Sprintf("leave the column to the inserts (ignore_changes = [%q])", column.Name)
				if i := slices.IndexFunc(b.sync.Columns, func(c config.Column) bool { return c.Name == column.Name }); i >= 0 {
					at = b.sync.Columns[i].Range
				}
				switch {
				case operation != config.Update:
					help = fmt.Sprintf("leave %q out of operations", operation)
				case slices.Contains(b.sync.Destination.Key, column.Name):
					help = `leave "update" out of operations`
				}
				if operation == config.Rename {
					at, help = b.sync.Moved[0].Range, "remove the moved blocks, also those that have been carried out"
				}
				b.Errorf(at, "Updates would cascade", "Column %q of table %q is referenced by %q with ON UPDATE CASCADE, SET NULL or SET DEFAULT: changing it, as the operation %s may, would change rows of that table that no plan shows. Either let that reference be ON UPDATE NO ACTION or RESTRICT, or %s.",
					column.Name, b.sync.Destination.Table, key.Shown, operation, help)
			}
		}
	}
}

// neverUpdates: a sync by tasks has none that updates.
func (b *binder) neverUpdates() bool {
	queries := b.sync.Source.Queries
	return len(queries) > 0 && !slices.ContainsFunc(queries, func(q config.TaskQuery) bool { return q.Task == config.Update })
}

// blockRekeyed holds a sync that changes what rows refer to that the plan leaves alone: the
// database would refuse it.
func (d *destination) blockRekeyed(ctx context.Context, w *work) error {
	dialect := d.Dialect()
	for _, operation := range config.Operations {
		if w.summary.Counts[operation] == 0 {
			continue
		}
		rewritten := w.target.Rewrites(dialect, string(operation))
		for _, key := range w.target.Table.References {
			if key.ActsOnUpdate || !slices.ContainsFunc(rewritten, func(c sqlgen.Column) bool { return slices.Contains(key.ParentColumns, c.Name) }) {
				continue
			}
			rekeyed := sqlgen.Rekeyed{Table: w.stage(dialect, fmt.Sprintf("rekeyed%d", len(w.stages))), Key: key}
			err := d.build(ctx, rekeyed.Table, sqlgen.CreateRekeyed(dialect, rekeyed, w.target.Table), sqlgen.FillRekeyed(dialect, rekeyed, w.planned(), string(operation)),
				sqlgen.IndexRekeyed(dialect, rekeyed, w.target.Table))
			if err != nil {
				return err
			}
			var leavers []sqlgen.Leaver
			for _, child := range d.works {
				if child.target.Table.Name == key.Table {
					leavers = append(leavers, sqlgen.Leaver{Planned: child.planned(), Operations: sqlgen.LeavingBefore(string(operation), key, child == w, d.isNeeded(child))})
				}
			}
			var rows, parents int64
			s := sqlgen.CountRekeyed(dialect, rekeyed, leavers)
			if err := d.tx.QueryRowContext(ctx, s.SQL, s.Args...).Scan(&rows, &parents); err != nil {
				return err
			}
			if rows == 0 {
				continue
			}
			reason := fmt.Sprintf("%d rows of table %s refer, by what %s would change, to %d of its rows, and this plan leaves them until then", rows, key.Shown, operation, parents)
			w.summary.Blocked = joinReasons(w.summary.Blocked, reason)
			w.summary.Held = joinReasons(w.summary.Held, reason)
		}
	}
	return nil
}

func (d *destination) isNeeded(w *work) bool {
	all := make([]register.SyncSummary, len(d.works))
	for i, other := range d.works {
		all[i] = other.summary
	}
	return IsNeeded(&w.summary, all)
}

// IsNeeded reports whether other tables' syncs need the rows of this one, which are then removed
// last.
func IsNeeded(s *register.SyncSummary, all []register.SyncSummary) bool {
	return slices.ContainsFunc(all, func(other register.SyncSummary) bool {
		return other.Table != s.Table && slices.Contains(other.Needs, s.Sync)
	})
}
