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
	needs    sqlgen.Needs
	// rows and records are the syncs of which operations on rows that are there may be held back, and
	// those of which others than removals may be.
	rows, records map[*work]bool
	// looked are the pairs of syncs, by what may be needed, that are in needs.
	looked map[pair]bool
	bases  int
}

// pair is the operations of one sync that may need those of another, by unique values or by
// references to them.
type pair struct {
	of, on *work
	unique bool
}

// holdBack takes the removals of syncs out of the plan, reasons saying why, and with them what
// needs them: the removals of rows that theirs refer to, the operations that take a unique value of a row that
// stays, and those that refer to what is not made.
func (d *destination) holdBack(ctx context.Context, reasons map[*work]string) error {
	if len(reasons) == 0 {
		return nil
	}
	dialect := d.Dialect()
	h := &heldBack{
		destination: d, removals: reasons, rows: map[*work]bool{}, records: map[*work]bool{}, looked: map[pair]bool{},
		table: sqlgen.Held(d.works[0].stage(dialect, "held")), needs: sqlgen.Needs(d.works[0].stage(dialect, "needs")),
	}
	h.addParents()
	statements := []sqlgen.Statement{sqlgen.CreateHeld(dialect, h.table), sqlgen.IndexHeld(dialect, h.table)}
	for w := range h.removals {
		statements = append(statements, sqlgen.HoldRemovals(dialect, w.planned(), h.table))
		h.rows[w] = true
	}
	if err := d.build(ctx, string(h.table), statements...); err != nil {
		return fmt.Errorf("hold back: %w", err)
	}
	if err := h.chain(ctx); err != nil {
		return fmt.Errorf("hold back what needs a removal: %w", err)
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

// chain holds back what needs what is held back. What may need what is found once, for each pair of
// syncs that can be concerned; the database then follows it, however far it leads.
func (h *heldBack) chain(ctx context.Context) error {
	dialect := h.Dialect()
	for _, w := range h.works {
		if w.target.Draft == "" || w.summary.Total() == 0 {
			continue
		}
		if err := h.know(ctx, w.target.Draft); err != nil {
			return err
		}
	}
	index := sqlgen.IndexNeeds(dialect, h.needs)
	if err := h.create(ctx, sqlgen.CreateNeeds(dialect, h.needs), index); err != nil {
		return err
	}
	for more := true; more; {
		more = false
		for _, w := range h.works {
			for _, other := range h.works {
				found, err := h.widen(ctx, w, other)
				if err != nil {
					return err
				}
				more = more || found
			}
		}
	}
	if err := h.index(ctx, string(h.needs), index); err != nil {
		return err
	}
	hold, again := sqlgen.HoldNeeding(dialect, h.needs, h.table)
	for {
		if n, err := h.exec(ctx, hold); err != nil || n == 0 || !again {
			return err
		}
	}
}

// widen adds what operations of one sync need of another of which some may be held back, once, and
// reports whether there is any.
func (h *heldBack) widen(ctx context.Context, w, other *work) (found bool, err error) {
	if at := (pair{w, other, true}); h.rows[other] && !h.looked[at] && other.target.Table.Name == w.target.Table.Name {
		h.looked[at] = true
		if found, err = h.needUnique(ctx, w, other); err != nil {
			return found, err
		}
	}
	if at := (pair{w, other, false}); h.records[other] && !h.looked[at] {
		h.looked[at] = true
		referring, err := h.needReferred(ctx, w, other)
		return found || referring, err
	}
	return found, nil
}

// needUnique adds the operations of a sync that need, for the unique values that they write, those of
// another on rows that have them.
func (h *heldBack) needUnique(ctx context.Context, w, keeper *work) (found bool, err error) {
	dialect, t := h.Dialect(), w.target
	bases := map[string]sqlgen.Basis{}
	for _, operation := range writing {
		if w.summary.Counts[operation] == 0 {
			continue
		}
		for _, unique := range slices.Concat(t.Table.Unique, t.Table.Partial) {
			if !sqlgen.Takes(dialect, t, unique, string(operation)) {
				continue
			}
			for _, kind := range keeper.kinds() {
				basis, ok := bases[kind]
				if !ok {
					basis = h.basis(keeper, kind)
					if err := h.build(ctx, basis.Table, sqlgen.Keepers(dialect, basis)...); err != nil {
						return found, err
					}
					bases[kind] = basis
				}
				some, err := h.need(ctx, w, operation, sqlgen.NeedTakers(dialect, w.planned(), string(operation), unique, basis, h.needs))
				if err != nil {
					return found, err
				}
				found = found || some
			}
		}
	}
	return found, nil
}

// needReferred adds the operations of a sync that refer to what those of another make.
func (h *heldBack) needReferred(ctx context.Context, w, maker *work) (found bool, err error) {
	dialect := h.Dialect()
	for _, operation := range writing {
		if w.summary.Counts[operation] == 0 {
			continue
		}
		for _, reference := range sqlgen.References(dialect, w.target, string(operation), maker.target.Table) {
			for _, made := range writing {
				if maker.summary.Counts[made] == 0 {
					continue
				}
				basis := h.basis(maker, string(made))
				statements := sqlgen.Makers(dialect, basis, reference)
				if len(statements) == 0 {
					continue
				}
				if err := h.build(ctx, basis.Table, statements...); err != nil {
					return found, err
				}
				some, err := h.need(ctx, w, operation, sqlgen.NeedMakers(dialect, w.planned(), string(operation), reference, basis, h.needs))
				if err != nil {
					return found, err
				}
				found = found || some
			}
		}
	}
	return found, nil
}

func (h *heldBack) basis(w *work, operation string) sqlgen.Basis {
	h.bases++
	return sqlgen.Basis{Table: w.stage(h.Dialect(), fmt.Sprintf("basis%d", h.bases)), Planned: w.planned(), Operation: operation}
}

// need adds what operations of a sync need, and notes that they may be held back.
func (h *heldBack) need(ctx context.Context, w *work, operation config.Operation, s sqlgen.Statement) (found bool, err error) {
	n, err := h.exec(ctx, s)
	if n == 0 || err != nil {
		return false, err
	}
	h.records[w] = true
	h.rows[w] = h.rows[w] || operation != config.Insert
	return true, nil
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
	n, err := h.find(ctx, w, sqlgen.RecordHeldBack(h.Dialect(), w.planned(), h.table, w.findings))
	if _, removes := h.removals[w]; err != nil || n == 0 && !removes {
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
