package providers

import (
	"context"
	"database/sql"
	"errors"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// Relayer is a Destination that can copy what some sources' queries yield into a staging
// table without its being decoded, row by row, on the way.
//
// It does so only where the stage then holds what it would hold had each value been
// decoded, fitted by value.Type.Fit and loaded. It rejects, cuts, rounds and converts
// nothing of its own: where one record would not fit, nothing is staged, and the caller
// decodes all of them, to say what is wrong with which.
type Relayer interface {
	// PrepareRelay describes what a query yields and keeps that from changing until
	// Close. Until then the snapshot must not be used otherwise. The error wraps
	// ErrNoRelay where the snapshot, or the query, is none to relay; whatever the error,
	// from.Read says better what is wrong with the query.
	PrepareRelay(ctx context.Context, from Snapshot, query Query) (Relay, error)
}

// Relay is a query about to be copied. It is safe for use by one goroutine at a time.
type Relay interface {
	// Columns are the result's columns, as Rows.Columns gives them.
	Columns() []Column
	// Run copies all rows into an existing, empty staging table over conn, and returns how
	// many there are; columns of the stage that are not listed are NULL. It may be called
	// once. progress is told of rows copied so far, by another goroutine but never after
	// Run returned.
	//
	// conn must not be in a transaction: Run begins and ends one of its own.
	//
	// After any error the stage is empty. It and conn then serve again where the error
	// wraps ErrNoRelay: what the rows hold, or their types, cannot be relayed. A
	// *SourceError is the source's, any other the destination's, or the context's.
	Run(ctx context.Context, conn *sql.Conn, stage string, columns []RelayColumn, progress func(rows int64)) (rows int64, err error)
	// Close lets the snapshot be used again.
	Close() error
}

// RelayColumn is a column of the stage, and where its values come from.
type RelayColumn struct {
	// Column is the stage's. Where it is NotNull a NULL is no record to relay.
	sqlgen.Column
	// From is the index, from 0, of the column among those of the result.
	From int
}

// ErrNoRelay is wrapped by errors of a Relayer that are no failure: the rows must be decoded.
var ErrNoRelay = errors.New("the rows cannot be relayed")

// SourceError marks an error of Relay.Run as the source's.
type SourceError struct {
	Err  error
	Rows int64 // that had come before
}

func (e *SourceError) Error() string { return e.Err.Error() }

// Unwrap returns what the source, or its driver, said.
func (e *SourceError) Unwrap() error { return e.Err }
