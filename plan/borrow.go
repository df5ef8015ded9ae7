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
// A source lends either all that is read of it, for the baseline too, and to one destination, or nothing: its
// tables are then read in the transaction that computes the plan, all in the state of its one snapshot.
// Rows staged beside it are older than that transaction, which would not see them were it begun on the
// source's snapshot instead.
func (r *reader) borrow(ctx context.Context, snapshot providers.Snapshot) (done bool, err error) {
	works := r.works
	if r.next != nil {
		works = slices.Concat(works, r.next.works)
	}
	if len(works) == 0 || len(r.checks) > 0 {
		return false, nil
	}
	into := works[0].into.database
	borrower, ok := into.Destination.(providers.Borrower)
	if !ok || slices.ContainsFunc(works, func(w *work) bool { return w.into.database != into || !w.mayBorrow() }) {
		return false, nil
	}
	loans, stages := make([]providers.Loan, len(works)), make([]string, len(works))
	for i, w := range works {
		t := tasks(&w.sync.Source)[0]
		if loans[i], err = borrower.PrepareLoan(ctx, snapshot, t.query); err != nil {
			if errors.Is(err, providers.ErrNoLoan) || i >= len(r.works) { // reading it tells the baseline what is wrong
				err = nil
			}
			return false, errors.Join(ctx.Err(), err)
		}
		if stages[i] = w.inPlace(loans[i], &t); stages[i] == "" {
			return false, nil
		}
	}
	for i, w := range works {
		w.loan, w.target.Stage = loans[i], stages[i]
	}
	return true, nil
}

// mayBorrow reports whether nothing but the database looks at the sync's records, and nothing writes to
// its stage.
func (w *work) mayBorrow() bool {
	return w.watch == nil && isPlain(w.sync) && w.sync.Incremental == nil && w.target.MayBorrow()
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

// takeLoans locks what is read in place, before the transaction has seen anything else.
func (b *database) takeLoans(ctx context.Context) error {
	var loans []providers.Loan
	for _, d := range b.plans {
		for _, w := range d.works {
			if w.loan != nil {
				loans = append(loans, w.loan)
			}
		}
	}
	borrower, ok := b.Destination.(providers.Borrower)
	if !ok || len(loans) == 0 {
		return nil
	}
	if err := borrower.TakeLoans(ctx, b.tx.Tx, loans); err != nil {
		return fmt.Errorf("read the source in place: %w", err)
	}
	return nil
}

// countLoans counts what is read in place.
func (d *destination) countLoans(ctx context.Context, m *maker) (err error) {
	for _, w := range d.works {
		if w.loan == nil {
			continue
		}
		if w.summary.SourceRows, err = d.countAtMost(ctx, w, m.databases.limits); err != nil {
			return fmt.Errorf("%s: count the source's rows: %w", w.sync.Address, err)
		}
		if m.opts.Progress != nil {
			m.opts.Progress(Progress{Phase: Staged, Sync: w.sync.Address, Rows: w.summary.SourceRows})
		}
	}
	return nil
}
