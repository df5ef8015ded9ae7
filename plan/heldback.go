package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// writing are the operations that leave a row.
var writing = []config.Operation{config.Insert, config.Update, config.Undelete, config.Rename, config.Adopt}

// holdsBack reports whether operations of the destination's syncs may be taken out of the plan.
func (d *destination) holdsBack() bool {
	return slices.ContainsFunc(d.works, func(w *work) bool { return w.sync.Guard.OnBreach == config.HoldDeletes })
}

// judge holds a sync, of which so many records are rejected, against its guard. Removals that are
// to be held back are left out of its counts until they are put back: what others refer to stays.
func (w *work) judge(before, rejected int64) {
	summary := w.summary
	summary.Rejected = rejected
	w.verdict = judge(&w.sync.Guard, &summary, before)
	if !w.holdsRemovals() {
		return
	}
	w.aside = w.summary.Counts
	w.summary.Counts = maps.Clone(w.aside)
	for _, operation := range []config.Operation{config.Archive, config.Delete, config.Purge} {
		delete(w.summary.Counts, operation)
	}
}

// putBack counts the removals again that were left out.
func (w *work) putBack() {
	if w.aside != nil {
		w.summary.Counts, w.aside = w.aside, nil
	}
}

// holdsRemovals reports whether the guard holds back the removals, and these only.
func (w *work) holdsRemovals() bool {
	return w.verdict.RemovalsOnly && w.sync.Guard.OnBreach == config.HoldDeletes
}

// heldBack are the operations of a destination that are held back.
type heldBack struct {
	*destination
	table sqlgen.Held
	// removals says why those of a sync are held back.
	removals map[*work]string
	// rows and records are the syncs of which operations on rows that are there are held back, and
	// those of which others than removals are.
	rows, records map[*work]bool
}

// holdBack takes the removals of syncs out of the plan, reasons saying why, and with them what
// needs them: the removals of rows that theirs refer to, the operations that take a unique value of a row that
// stays, and those that refer to what is not made.
func (d *destination) holdBack(ctx context.Context, reasons map[*work]string) error {
	if len(reasons) == 0 {
		return nil
	}
	h := &heldBack{destination: d, table: sqlgen.Held(d.works[0].stage(d.Dialect(), "held")), removals: reasons, rows: map[*work]bool{}, records: map[*work]bool{}}
	h.addParents()
	statements := []sqlgen.Statement{sqlgen.CreateHeld(d.Dialect(), h.table), sqlgen.IndexHeld(d.Dialect(), h.table)}
	for w := range h.removals {
		statements = append(statements, sqlgen.HoldRemovals(d.Dialect(), w.planned(), h.table))
		h.rows[w] = true
	}
	for _, s := range statements {
		if s.SQL == "" {
			continue
		}
		if _, err := d.exec(ctx, s); err != nil {
			return fmt.Errorf("hold back: %w", err)
		}
	}
	for more := true; more; {
		more = false
		if err := d.know(ctx, string(h.table)); err != nil {
			return fmt.Errorf("hold back: %w", err)
		}
		for _, w := range d.works {
			found, err := h.widen(ctx, w)
			if err != nil {
				return fmt.Errorf("hold back what needs a removal: %w", err)
			}
			more = more || found
		}
	}
	for _, w := range d.works {
		if !h.rows[w] && !h.records[w] {
			continue
		}
		if err := h.drop(ctx, w); err != nil {
			return fmt.Errorf("hold back: %w", err)
		}
	}
	return nil
}

// addParents adds the syncs that delete rows to which rows of others refer whose deletion is
// held back.
func (h *heldBack) addParents() {
	deletes := func(w *work) bool { return w.summary.Counts[config.Delete]+w.summary.Counts[config.Purge] > 0 }
	for more := true; more; {
		more = false
		for _, parent := range h.works {
			if _, already := h.removals[parent]; already || !deletes(parent) {
				continue
			}
			for child := range h.removals {
				if deletes(child) && refers(child.target, parent.target) {
					h.removals[parent] = fmt.Sprintf("rows of %s, whose removal is held back, refer to them", child.sync.Address)
					more = true
					break
				}
			}
		}
	}
}

// widen adds the operations of a sync that need what is held back so far, and reports whether there
// are any.
func (h *heldBack) widen(ctx context.Context, w *work) (found bool, err error) {
	dialect, t := h.Dialect(), w.target
	add := func(operation config.Operation, s sqlgen.Statement) error {
		if s.SQL == "" {
			return nil
		}
		n, err := h.exec(ctx, s)
		if n > 0 {
			found, h.records[w] = true, true
			h.rows[w] = h.rows[w] || operation != config.Insert
		}
		return err
	}
	for _, operation := range writing {
		if w.summary.Counts[operation] == 0 {
			continue
		}
		for _, other := range h.works {
			if h.rows[other] && other.target.Table.Name == t.Table.Name {
				for _, unique := range slices.Concat(t.Table.Unique, t.Table.Partial) {
					if !sqlgen.Takes(dialect, t, unique, string(operation)) {
						continue
					}
					if err := add(operation, sqlgen.HoldTakers(dialect, w.planned(), string(operation), unique, other.planned(), other.kinds(), h.table)); err != nil {
						return found, err
					}
				}
			}
			if !h.records[other] {
				continue
			}
			for _, reference := range sqlgen.References(dialect, t, string(operation), other.target.Table) {
				for _, made := range writing {
					if other.summary.Counts[made] == 0 {
						continue
					}
					if err := add(operation, sqlgen.HoldDependents(dialect, w.planned(), string(operation), reference, other.planned(), string(made), h.table)); err != nil {
						return found, err
					}
				}
			}
		}
	}
	return found, nil
}

// kinds lists the operations that the plan has of a sync on rows that are there.
func (w *work) kinds() []string {
	var list []string
	for _, operation := range config.Operations {
		if operation != config.Insert && w.summary.Counts[operation] > 0 {
			list = append(list, string(operation))
		}
	}
	return list
}

// drop takes a sync's part out of the plan and records it.
func (h *heldBack) drop(ctx context.Context, w *work) error {
	s := &w.summary
	if _, err := h.find(ctx, w, sqlgen.RecordHeldBack(h.Dialect(), w.planned(), h.table, w.findings)); err != nil {
		return err
	}
	if _, err := h.exec(ctx, sqlgen.DropHeldBack(h.Dialect(), w.planned(), h.table)); err != nil {
		return err
	}
	left, err := h.countPlanned(ctx, w)
	if err != nil {
		return err
	}
	s.HeldBack = map[config.Operation]int64{}
	for operation, n := range s.Counts {
		if n > left[operation] {
			s.HeldBack[operation] = n - left[operation]
		}
	}
	s.Counts = left
	if s.BackReason = h.removals[w]; s.BackReason == "" {
		s.BackReason = "they need what is held back of other syncs"
	}
	return nil
}
