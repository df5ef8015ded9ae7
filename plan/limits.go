package plan

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
)

// LimitError: a limit did not let the plan be made. Nothing was planned.
type LimitError struct {
	// Limit is its name in a limits block: plan_timeout, statement_timeout or max_rows.
	Limit string
	// Exceeded says by what, as a sentence without its end.
	Exceeded string
	// Advice is what helps besides another limit.
	Advice string
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%s allows: nothing was planned. %s, or raise %s in the limits block", e.Exceeded, e.Advice, e.Limit)
}

// planTimeout ends a context when the plan has taken as long as it may.
func planTimeout(ctx context.Context, limits config.Limits) (context.Context, context.CancelFunc) {
	if limits.PlanTimeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, limits.PlanTimeout, &LimitError{
		Limit:    "plan_timeout",
		Exceeded: fmt.Sprintf("the plan took longer than the %s that plan_timeout", spanText(limits.PlanTimeout)),
		Advice:   "Plan fewer syncs at a time",
	})
}

func slowStatement(what string, longest time.Duration) *LimitError {
	return &LimitError{
		Limit:    "statement_timeout",
		Exceeded: fmt.Sprintf("%s took longer than the %s that statement_timeout", what, spanText(longest)),
		Advice:   "Let it read less",
	}
}

func manyRead(what string, most int64) *LimitError {
	return &LimitError{
		Limit:    "max_rows",
		Exceeded: fmt.Sprintf("%s has more rows than the %d that max_rows", what, most),
		Advice:   "Let the source yield fewer",
	}
}

// limitOf returns the limit that ended the context, or that err is of; else err.
func limitOf(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if limit, ok := errors.AsType[*LimitError](context.Cause(ctx)); ok {
		return limit
	}
	if limit, ok := errors.AsType[*LimitError](err); ok {
		return limit
	}
	return err
}

// explain says of what ended a plan whether it was a limit.
func (m *maker) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if limit, ok := errors.AsType[*LimitError](context.Cause(ctx)); ok {
		return limit
	}
	if _, ok := errors.AsType[*LimitError](err); ok {
		return err // beside mistakes that were found, too
	}
	for _, b := range m.databases.open {
		if b.outlasted(err) {
			return fmt.Errorf("%w: %w", err, slowStatement("a statement in "+b.block.Address, b.longest))
		}
	}
	return err
}

// reads bounds the reading of one query.
type reads struct {
	context.Context

	stop  context.CancelCauseFunc
	end   context.CancelFunc
	most  int64  // rows; 0: any number
	whose string // in messages
}

// bound begins to read.
func (r *reader) bound(ctx context.Context, whose string) *reads {
	b := &reads{most: r.limits.MaxRows, whose: whose + ": " + r.from.Address, end: func() {}}
	if longest := r.limits.StatementTimeout; longest > 0 {
		ctx, b.end = context.WithTimeoutCause(ctx, longest, slowStatement(whose+": reading "+r.from.Address, longest))
	}
	b.Context, b.stop = context.WithCancelCause(ctx)
	return b
}

// close ends the reading, which rows were read for, and says whether a limit did before.
func (b *reads) close(rows int64, err error) error {
	defer b.end()
	defer b.stop(nil)
	if b.passes(rows) {
		return manyRead(b.whose, b.most)
	}
	return limitOf(b, err)
}

// passes reports whether so many rows are too many.
func (b *reads) passes(rows int64) bool { return b.most > 0 && rows > b.most }

// count ends the reading where too many rows have come, and returns why.
func (b *reads) count(rows int64) error {
	if !b.passes(rows) {
		return nil
	}
	err := manyRead(b.whose, b.most)
	b.stop(err)
	return err
}

// bound begins to read the sync's source by one of its queries.
func (s *staging) bound(ctx context.Context, t *task) *reads {
	b := s.reader.bound(ctx, s.w.sync.Address)
	t.query.Most = b.most
	s.mapper.ctx, s.mapper.count = b, b.count
	s.mapper.advance = func(rows int64) {
		_ = b.count(rows) // what copies the rows sees that it is to end
		s.progress(Staging, rows)
	}
	return b
}

// finishWithin looks at what was staged, in no more time than a statement has.
func (s *staging) finishWithin(ctx context.Context) (config.Diagnostics, error) {
	longest := s.w.into.longest
	if longest == 0 {
		return s.finish(ctx)
	}
	ctx, end := context.WithTimeoutCause(ctx, longest, slowStatement(s.w.sync.Address+": an index of what was staged in "+s.w.into.connection.Address, longest))
	defer end()
	diags, err := s.finish(ctx)
	return diags, limitOf(ctx, err)
}

// countAtMost counts the rows of a query's table, but no more than one beyond the limit.
func (d *destination) countAtMost(ctx context.Context, w *work, limits config.Limits) (rows int64, err error) {
	query := "SELECT 1 AS one FROM " + w.target.Stage + " s"
	if limits.MaxRows > 0 {
		query = d.Dialect().Limit(query, int(limits.MaxRows)+1)
	}
	if err := d.tx.QueryRowContext(ctx, "SELECT count(*) FROM ("+query+") c").Scan(&rows); err != nil {
		return 0, err
	}
	if limits.MaxRows > 0 && rows > limits.MaxRows {
		return 0, manyRead(w.sync.Address+": "+w.sync.Source.From.Address, limits.MaxRows)
	}
	return rows, nil
}

// slack is what a server that ends statements itself is given to say so.
const slack = 5 * time.Second

// Conn returns a connection whose statements are bounded, as far as the engine can do that.
func (b *database) Conn(ctx context.Context) (*sql.Conn, error) {
	conn, err := b.Destination.Conn(ctx)
	// No statement is of use to a plan that has been given up, and not each server notices that.
	longest := cmp.Or(b.longest, b.planTimeout)
	if err != nil || longest == 0 {
		return conn, err
	}
	if limiter, ok := b.Destination.(providers.StatementLimiter); ok {
		if err := limiter.LimitStatements(ctx, conn, longest); err != nil {
			return nil, errors.Join(fmt.Errorf("limit the time of statements: %w", err), conn.Close())
		}
	}
	return conn, nil
}

// transaction starts one in which plans are computed.
func (b *database) transaction(ctx context.Context, wait time.Duration) (*transaction, error) {
	tx, err := b.Begin(ctx, b.conn, wait)
	if err != nil {
		return nil, err
	}
	t := &transaction{Tx: tx, longest: b.longest}
	if _, ok := b.Destination.(providers.StatementLimiter); ok && t.longest > 0 {
		t.longest += slack
	}
	return t, nil
}

// outlasted reports whether err is of a statement that took too long.
func (b *database) outlasted(err error) bool {
	if b.longest == 0 {
		return false
	}
	if b.tx != nil && b.tx.last != nil && errors.Is(b.tx.last.Err(), context.DeadlineExceeded) {
		return true
	}
	limiter, ok := b.Destination.(providers.StatementLimiter)
	return ok && limiter.StatementLimited(err)
}

// transaction bounds the time of each of its statements, and of reading what it yields. One is over where the
// next begins.
type transaction struct {
	*sql.Tx

	longest time.Duration // 0: any
	last    context.Context
	end     context.CancelFunc
}

func (t *transaction) next(ctx context.Context) context.Context {
	if t.longest == 0 {
		return ctx
	}
	t.close()
	t.last, t.end = context.WithTimeout(ctx, t.longest)
	return t.last
}

func (t *transaction) close() {
	if t.end != nil {
		t.end()
	}
}

// ExecContext is sql.Tx's.
func (t *transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.Tx.ExecContext(t.next(ctx), query, args...)
}

// QueryContext is sql.Tx's.
func (t *transaction) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.Tx.QueryContext(t.next(ctx), query, args...)
}

// QueryRowContext is sql.Tx's.
func (t *transaction) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.Tx.QueryRowContext(t.next(ctx), query, args...)
}

// Commit is sql.Tx's.
func (t *transaction) Commit() error {
	defer t.close()
	return t.Tx.Commit()
}

// Rollback is sql.Tx's.
func (t *transaction) Rollback() error {
	defer t.close()
	return t.Tx.Rollback()
}
