package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// blockTakers holds a sync that writes unique values of rows which the same plan deletes only
// later, when what refers to them has been written: the database would refuse it.
func (d *destination) blockTakers(ctx context.Context, w *work) error {
	dialect := d.Dialect()
	indexes := w.target.Table.Unique
	for i, unique := range indexes {
		if slices.ContainsFunc(indexes[:i], func(other []string) bool { return slices.Equal(other, unique) }) {
			continue
		}
		var takers int64
		for _, operation := range writing {
			if w.summary.Counts[operation] == 0 || !sqlgen.Takes(dialect, w.target, unique, string(operation)) {
				continue
			}
			for _, u := range d.units {
				n, err := d.countTakers(ctx, w, operation, unique, u)
				if err != nil {
					return err
				}
				takers += n
			}
		}
		if takers == 0 {
			continue
		}
		reason := fmt.Sprintf("%d rows would get, in the unique index on (%s), what rows have that this plan deletes only when those that refer to them have been written", takers, strings.Join(unique, ", "))
		if w.summary.LikelyRenames > 0 {
			reason += "; if they are the same records, write the moved blocks that this plan shows as likely renames"
		}
		w.summary.Blocked = joinReasons(w.summary.Blocked, reason)
		w.summary.Held = joinReasons(w.summary.Held, reason)
	}
	return nil
}

// countTakers counts the operations of one kind that take a unique value of rows which a unit
// deletes late.
func (d *destination) countTakers(ctx context.Context, w *work, operation config.Operation, unique []string, u unit) (takers int64, err error) {
	if u[0].target.Table.Name != w.target.Table.Name || !d.removedLast(u) {
		return 0, nil
	}
	for _, from := range u {
		removals := from.removals()
		if len(removals) == 0 {
			continue
		}
		count := func(late sqlgen.Held) (int64, error) {
			return d.count(ctx, sqlgen.CountTakers(d.Dialect(), w.planned(), string(operation), unique, from.planned(), removals, late))
		}
		n, err := count("")
		if err != nil {
			return 0, err
		}
		if n > 0 && !d.needed(u) { // some of the rows go first
			late, err := d.late(ctx, u)
			if err != nil {
				return 0, err
			}
			if n, err = count(late); err != nil {
				return 0, err
			}
		}
		takers += n
	}
	return takers, nil
}

// removals lists the kinds of operations of a sync that delete rows for good.
func (w *work) removals() []string {
	return slices.DeleteFunc(w.kinds(), func(kind string) bool { return kind != string(config.Delete) && kind != string(config.Purge) })
}

// late finds the removals of rows to which others of their own table still refer when an apply
// has deleted, again and again, those to which none does.
func (d *destination) late(ctx context.Context, u unit) (sqlgen.Held, error) {
	dialect, owner := d.Dialect(), u[0]
	late := sqlgen.Held(owner.stage(dialect, fmt.Sprintf("late%d", len(owner.stages))))
	if err := d.build(ctx, string(late), sqlgen.CreateHeld(dialect, late), sqlgen.IndexHeld(dialect, late)); err != nil {
		return "", err
	}
	table := map[string][]sqlgen.Planned{}
	for _, w := range u {
		for _, kind := range w.removals() {
			table[kind] = append(table[kind], w.planned())
		}
	}
	for more := true; more; {
		more = false
		for kind, syncs := range table {
			for _, p := range syncs {
				for _, key := range owner.target.Table.OwnForeignKeys() {
					n, err := d.exec(ctx, sqlgen.HoldLate(dialect, p, kind, key, table, late))
					if err != nil {
						return "", err
					}
					more = more || n > 0
				}
			}
		}
	}
	return late, nil
}
