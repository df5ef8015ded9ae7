package providers

import (
	"context"
	"database/sql"
	"errors"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// Borrower is a Destination that can compare its tables with tables of the same database where
// they are, without a copy of them.
type Borrower interface {
	// PrepareLoan describes the table that a query of the snapshot means. The error wraps ErrNoLoan
	// unless it is the table of a query without SQL, in this very database, which both roles may read
	// wholly, and of which to read it runs nobody's code: no view, no foreign table, no row security.
	//
	// It must not be called while Rows of the snapshot are open.
	PrepareLoan(ctx context.Context, from Snapshot, query Query) (Loan, error)
	// TakeLoans keeps the tables as they are until the end of a transaction that has read nothing yet, and
	// fails unless they are those that were described. It waits for whoever is changing one of them, and
	// keeps none from others meanwhile.
	TakeLoans(ctx context.Context, tx *sql.Tx, loans []Loan) error
}

// Loan is a table of the destination's database that stands in for a staging table.
type Loan interface {
	// Columns are the table's, in order, as they are described in the destination.
	Columns() []sqlgen.Column
	// Lends reports whether a column, whatever it holds, is what would be staged of it: of the same
	// type and collation, with nothing to reject, and never NULL where column is NotNull.
	Lends(column RelayColumn) bool
	// Table names it in the destination's SQL.
	Table() string
}

// ErrNoLoan is wrapped by errors of a Borrower that are no failure: the rows must be staged.
var ErrNoLoan = errors.New("the table cannot be read in place")
