package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

// borrow spares the syncs of the source their staging tables: false where they must be staged.
//
// A source lends either all that the plan reads of it, and to one destination, or nothing: its tables
// are then read in the transaction that computes the plan, all in the state of its one snapshot.
// Rows staged beside it are older than that transaction, which would not see them were it begun on the
// source's snapshot instead.
func (r *reader) borrow(ctx context.Context, snapshot providers.Snapshot) (done bool, err error) {
	if len(r.works) == 0 || len(r.checks) > 0 {
		return false, nil
	}
	into := r.works[0].into
	borrower, ok := into.Destination.(providers.Borrower)
	if !ok || slices.ContainsFunc(r.works, func(w *work) bool { return w.into != into || !w.mayBorrow() }) {
		return false, nil
	}
	loans, stages := make([]providers.Loan, len(r.works)), make([]string, len(r.works))
	for i, w := range r.works {
		t := tasks(&w.sync.Source)[0]
		if loans[i], err = borrower.PrepareLoan(ctx, snapshot, t.query); err != nil {
			if errors.Is(err, providers.ErrNoLoan) {
				err = nil
			}
			return false, errors.Join(ctx.Err(), err)
		}
		if stages[i] = w.inPlace(loans[i], &t); stages[i] == "" {
			return false, nil
		}
	}
	for i, w := range r.works {
		w.loan, w.target.Stage = loans[i], stages[i]
	}
	return true, nil
}

// mayBorrow reports whether nothing but the database looks at the sync's records, and nothing writes to
// its stage.
func (w *work) mayBorrow() bool {
	return isPlain(w.sync) && w.sync.Incremental == nil && w.target.MayBorrow()
}

// inPlace is the sync's stage, read in place; "" where the table is not what would be staged of it.
func (w *work) inPlace(loan providers.Loan, t *task) string {
	from := &result{what: t.what}
	for _, c := range loan.Columns() {
		from.names, from.types = append(from.names, c.Name), append(from.types, c.Type)
	}
	b, diags := bindSource(w.sync, w.target, from, false)
	if len(diags) > 0 {
		return "" // staging says so
	}
	var names []string
	for _, c := range relayColumns(w.sync, w.target, from, b) {
		if !loan.Lends(c) {
			return ""
		}
		names = append(names, from.names[c.From])
	}
	return sqlgen.Borrow(w.into.Dialect(), w.target, loan.Table(), names)
}

// takeLoans locks what is read in place, before the destination's transaction has seen anything else, and
// counts it.
func (d *destination) takeLoans(ctx context.Context, m *maker) error {
	var borrowing []*work
	var loans []providers.Loan
	for _, w := range d.works {
		if w.loan != nil {
			borrowing, loans = append(borrowing, w), append(loans, w.loan)
		}
	}
	borrower, ok := d.Destination.(providers.Borrower)
	if !ok || len(loans) == 0 {
		return nil
	}
	if err := borrower.TakeLoans(ctx, d.tx, loans); err != nil {
		return fmt.Errorf("read the source in place: %w", err)
	}
	for _, w := range borrowing {
		if err := d.tx.QueryRowContext(ctx, sqlgen.CountStaged(w.target).SQL).Scan(&w.summary.SourceRows); err != nil {
			return fmt.Errorf("%s: count the source's rows: %w", w.sync.Address, err)
		}
		if m.opts.Progress != nil {
			m.opts.Progress(Progress{Phase: Staged, Sync: w.sync.Address, Rows: w.summary.SourceRows})
		}
	}
	return nil
}
