package state

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
)

// database is what both backends have in common: one set of statements. Parameters are $1, $2, … in both,
// and tables are without a schema: PostgreSQL has it in its search path.
type database struct {
	db *sql.DB
	// now is the database's clock, as an expression: it is the same for all replicas, and it
	// moves within a transaction.
	now string
	// soon is 2 s after now, about when a job that was given back is offered again.
	soon string
	// alone ensures that what a transaction does nobody else does at the same time; nil where
	// transactions are one after another anyway.
	alone func(ctx context.Context, tx *sql.Tx) error
}

// text is a statement with {now} and {soon} as the database spells them.
func (d *database) text(statement string) string {
	return strings.ReplaceAll(strings.ReplaceAll(statement, "{now}", d.now), "{soon}", d.soon)
}

func (d *database) exec(ctx context.Context, statement string, args ...any) (rows int64, err error) {
	result, err := d.db.ExecContext(ctx, d.text(statement), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// clock reads the database's clock.
func (d *database) clock(ctx context.Context) (time.Time, error) {
	var now instant
	err := d.db.QueryRowContext(ctx, d.text("SELECT {now}")).Scan(&now)
	return time.Time(now), err
}

// write runs f in a transaction of its own, beside which no other write runs.
func (d *database) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if d.alone != nil {
		if err := d.alone(ctx, tx); err != nil {
			return err
		}
	}
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// read scans all rows of a query.
func read[T any](ctx context.Context, d *database, scan func(row *sql.Rows, into *T) error, query string, args ...any) (_ []T, err error) {
	rows, err := d.db.QueryContext(ctx, d.text(query), args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var all []T
	for rows.Next() {
		var one T
		if err := scan(rows, &one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// instant is a time in the database: in UTC, to the microsecond, as text that sorts as times do. The
// zero time is NULL.
type instant time.Time

const instantLayout = "2006-01-02T15:04:05.000000Z"

func (i instant) String() string { return time.Time(i).UTC().Format(instantLayout) }

// Value returns the text of the instant, which every PostgreSQL reads alike, whatever its settings.
func (i instant) Value() (driver.Value, error) {
	if time.Time(i).IsZero() {
		return nil, nil
	}
	return i.String(), nil
}

// Scan takes what either database gives.
func (i *instant) Scan(from any) error {
	switch from := from.(type) {
	case nil:
		*i = instant{}
	case time.Time:
		*i = instant(from.UTC())
	case string:
		at, err := time.Parse(instantLayout, from)
		if err != nil {
			return fmt.Errorf("the service's state holds a time that is none: %w", err)
		}
		*i = instant(at)
	default:
		return fmt.Errorf("the service's state holds a %T where a time should be", from)
	}
	return nil
}
