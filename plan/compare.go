package plan

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/register"
)

// diff computes the operations of every sync, and what is to be said about them.
func (d *destination) diff(ctx context.Context, m *maker) (err error) {
	addresses := make([]string, len(d.works))
	for i, w := range d.works {
		addresses[i] = w.sync.Address
	}
	if d.before, err = register.New(d.Dialect()).LastSourceRows(ctx, d.tx, addresses); err != nil {
		return fmt.Errorf("%s: %w", d.connection.Address, d.safe(err))
	}
	for _, w := range d.works {
		SetClock(w.target, w.sync, d.now, m.cfg.Settings.Timezone)
		w.summary.LastSeq, w.findings = w.summary.AfterSeq, w.summary.AfterSeq
	}
	for _, u := range d.units {
		usable := true
		for _, w := range u {
			ok, err := d.look(ctx, m, u, w)
			if err != nil {
				return d.failed(w, err)
			}
			usable = usable && ok
		}
		// What refers to rows that cannot be planned cannot be either; all of it is reported.
		if !usable || m.broken() {
			continue
		}
		if err := d.settle(ctx, m, u); err != nil {
			return d.failed(u[0], err)
		}
		if m.broken() {
			continue
		}
		for _, w := range u {
			if err := d.finish(ctx, w); err != nil {
				return d.failed(w, err)
			}
		}
		for _, w := range u {
			// While the removals still count: what looks renamed would otherwise be there twice.
			if err := d.hintRenames(ctx, w); err != nil {
				return d.failed(w, fmt.Errorf("look for renames: %w", err))
			}
			// Before others refer to its rows: those whose removal is held back stay.
			w.judge(d.before[w.sync.Address], w.summary.Rejected)
		}
	}
	return nil
}

func (d *destination) failed(w *work, err error) error {
	return fmt.Errorf("%s: compare with table %s: %w", w.sync.Address, w.sync.Destination.Table, d.safe(err))
}

// look checks the keys and moves of a unit's sync, and counts its rows.
func (d *destination) look(ctx context.Context, m *maker, u unit, w *work) (usable bool, err error) {
	if m.opts.Progress != nil {
		m.opts.Progress(Progress{Phase: Comparing, Sync: w.sync.Address, Rows: w.summary.SourceRows})
	}
	if err := d.draft(ctx, u, w); err != nil {
		return false, err
	}
	if usable, err := d.checkKeys(ctx, m, w); err != nil || !usable {
		return false, err
	}
	if err := d.checkMoves(ctx, m, w); err != nil {
		return false, err
	}
	rows := sqlgen.CountRows(d.Dialect(), w.target)
	if err := d.tx.QueryRowContext(ctx, rows.SQL, rows.Args...).Scan(&w.summary.LiveRows, &w.summary.ArchivedRows); err != nil {
		return false, fmt.Errorf("count the rows: %w", err)
	}
	if len(w.target.Lookups) > 0 {
		return true, nil
	}
	return true, d.rejectOutside(ctx, w)
}

// rejectOutside rejects records that would not be ours once they are written.
func (d *destination) rejectOutside(ctx context.Context, w *work) error {
	if len(w.target.Parents) == 0 {
		return nil
	}
	var changes []sqlgen.ParentChange
	for _, other := range d.works {
		for _, operation := range other.kinds() {
			changes = append(changes, sqlgen.ParentChange{Planned: other.planned(), Operation: operation})
		}
	}
	_, err := d.exec(ctx, sqlgen.RejectOutside(d.Dialect(), w.target, changes...))
	return err
}

// finish computes the operations of a sync whose lookups are resolved, and records
// what is not done.
func (d *destination) finish(ctx context.Context, w *work) (err error) {
	dialect, t := d.Dialect(), w.target
	if !w.computed {
		if err := d.computeOnce(ctx, w); err != nil {
			return err
		}
	}
	w.putBack()
	if t.Protect != nil {
		if err := d.protect(ctx, w, sqlgen.RecordProtected(dialect, t, w.planID, w.findings)); err != nil {
			return err
		}
	}
	if t.Draft != "" && w.summary.Total() >= manyOperations {
		return d.know(ctx, t.Draft)
	}
	return nil
}

// computeOnce records the records that are not written, and computes the operations.
func (d *destination) computeOnce(ctx context.Context, w *work) (err error) {
	dialect, t := d.Dialect(), w.target
	// The mapping counts its rejects; lookups and parents may add some.
	if w.summary.Rejected > 0 || len(t.Lookups) > 0 || len(t.Parents) > 0 {
		if w.summary.Rejected, err = d.find(ctx, w, sqlgen.RecordRejects(dialect, t, w.planID, w.findings)); err != nil {
			return err
		}
	}
	if w.summary.Warned > 0 {
		if w.summary.Warned, err = d.find(ctx, w, sqlgen.RecordWarnings(dialect, t, w.planID, w.findings)); err != nil {
			return err
		}
	}
	w.computed = true
	return d.compute(ctx, w, true)
}

// compute writes the operations of a sync into the register. Only at last is what it does not do
// recorded, too: syncs that refer to their own table are computed more than once.
func (d *destination) compute(ctx context.Context, w *work, last bool) (err error) {
	dialect, t, s := d.Dialect(), w.target, &w.summary
	s.LastSeq, s.Withheld = s.AfterSeq, nil
	add := func(statement sqlgen.Statement) error {
		written, err := d.exec(ctx, statement)
		s.LastSeq += written
		return err
	}
	if err := d.rename(ctx, w, add, last); err != nil {
		return err
	}
	if t.Adopt {
		if err := d.adopt(ctx, w, add, last); err != nil {
			return err
		}
	}
	if t.ReachesOthers() {
		if last {
			if s.Ignored, err = d.find(ctx, w, sqlgen.RecordForeignKeys(dialect, t, w.planID, w.findings)); err != nil {
				return err
			}
		}
		if _, err := d.exec(ctx, sqlgen.DropForeignKeys(dialect, t)); err != nil {
			return err
		}
	}
	if err := add(sqlgen.Diff(dialect, t, w.planID, s.LastSeq)); err != nil {
		return err
	}
	w.aside = nil
	if s.Counts, err = d.countPlanned(ctx, w); err != nil {
		return err
	}
	if s.Total() != s.LastSeq-s.AfterSeq {
		return fmt.Errorf("the register holds %d operations, %d were planned", s.Total(), s.LastSeq-s.AfterSeq)
	}
	if last && len(t.Withheld) > 0 {
		return d.countWithheld(ctx, w, sqlgen.CountWithheld(dialect, t))
	}
	return nil
}

// countPlanned counts the operations of a sync, by name.
func (d *destination) countPlanned(ctx context.Context, w *work) (map[config.Operation]int64, error) {
	query := sqlgen.CountPlanned(d.Dialect(), w.planned())
	return register.CountOperations(ctx, d.tx, query.SQL, query.Args...)
}

// draft gives a sync whose operations may change after they are computed a table of its
// own for them: the register is only added to.
func (d *destination) draft(ctx context.Context, u unit, w *work) error {
	if !u.refersToItself() && !d.holdsBack() {
		return nil
	}
	w.target.Draft = w.stage(d.Dialect(), "draft")
	return d.create(ctx, sqlgen.CreateDraft(d.Dialect(), w.target), sqlgen.Statement{})
}

// publish moves a sync's operations into the register.
func (d *destination) publish(ctx context.Context, w *work) error {
	if w.target.Draft == "" {
		return nil
	}
	_, err := d.exec(ctx, sqlgen.PublishDraft(d.Dialect(), w.target))
	w.target.Draft = ""
	return err
}

// adopt plans the adoptions of a sync.
func (d *destination) adopt(ctx context.Context, w *work, add func(sqlgen.Statement) error, last bool) error {
	dialect, t := d.Dialect(), w.target
	if err := add(sqlgen.Adopt(dialect, t, w.planID, w.summary.LastSeq)); err != nil {
		return err
	}
	if last && len(t.Withheld) > 0 {
		if err := d.countWithheld(ctx, w, sqlgen.CountAdoptionsWithheld(dialect, t)); err != nil {
			return err
		}
	}
	if last && t.Protect != nil {
		if err := d.protect(ctx, w, sqlgen.RecordProtectedAdoptions(dialect, t, w.planID, w.findings)); err != nil {
			return err
		}
	}
	_, err := d.exec(ctx, sqlgen.SettleAdopted(dialect, t))
	return err
}

// protect runs a statement that records what lifecycle.protect prevents.
func (d *destination) protect(ctx context.Context, w *work, s sqlgen.Statement) error {
	n, err := d.find(ctx, w, s)
	w.summary.Protected += n
	return err
}

func (d *destination) countWithheld(ctx context.Context, w *work, query sqlgen.Statement) error {
	counts, err := register.CountOperations(ctx, d.tx, query.SQL, query.Args...)
	if err != nil {
		return err
	}
	if w.summary.Withheld == nil {
		w.summary.Withheld = map[config.Operation]int64{}
	}
	for operation, n := range counts {
		w.summary.Withheld[operation] += n
	}
	return nil
}

// find runs a statement that writes findings of a sync, and returns their number.
func (d *destination) find(ctx context.Context, w *work, s sqlgen.Statement) (int64, error) {
	n, err := d.exec(ctx, s)
	w.findings += n
	return n, err
}

func (d *destination) exec(ctx context.Context, s sqlgen.Statement) (int64, error) {
	result, err := d.tx.ExecContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
