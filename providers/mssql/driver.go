package mssql

import (
	"context"
	"database/sql/driver"
	"fmt"
	"math"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
)

// go-mssqldb lends each connection a buffer of a pool, and takes it back at Close, be it that the
// goroutine which reads the answer is still at it: the next connection then shares its buffer with the
// remains of the last. And where a cancellation cannot be sent any more, that goroutine waits for
// ever for somebody to take its rows. So a connection is never closed, but cut; its answers are read to
// the end before anything else; and a context cuts it instead of being handed to the driver.

// connector opens connections that are cut, not closed.
type connector struct {
	*mssql.Connector
	cut func() // the line
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		c.cut()
		return nil, err
	}
	conn, ok := opened.(*mssql.Conn)
	if !ok {
		c.cut()
		return nil, fmt.Errorf("unexpected driver connection %T", opened)
	}
	return &session{Conn: conn, cut: c.cut}, nil
}

// session is a connection. Nothing but its line must be closed.
type session struct {
	*mssql.Conn
	cut func()
}

var (
	_ driver.ConnPrepareContext = (*session)(nil)
	_ driver.ConnBeginTx        = (*session)(nil)
	_ driver.NamedValueChecker  = (*session)(nil)
)

// Close implements driver.Conn.
func (s *session) Close() error {
	s.cut()
	return nil
}

// PrepareContext implements driver.ConnPrepareContext; nothing is sent.
func (s *session) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	prepared, err := s.Conn.PrepareContext(ctx, query)
	if inner, ok := prepared.(*mssql.Stmt); ok {
		return &statement{Stmt: inner, cut: s.cut}, err
	}
	return prepared, err
}

// statement runs until it ends or the line is cut.
type statement struct {
	*mssql.Stmt
	cut func()
}

var (
	_ driver.StmtQueryContext = (*statement)(nil)
	_ driver.StmtExecContext  = (*statement)(nil)
)

// QueryContext implements driver.StmtQueryContext.
func (s *statement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	opened, err := s.Stmt.QueryContext(context.WithoutCancel(ctx), args)
	if inner, ok := opened.(*mssql.Rows); ok {
		return &result{Rows: inner, cut: s.cut}, err
	}
	return opened, err
}

// ExecContext implements driver.StmtExecContext.
func (s *statement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.Stmt.ExecContext(context.WithoutCancel(ctx), args)
}

// result is a statement's rows.
type result struct {
	*mssql.Rows
	cut func()
}

var _ driver.RowsColumnTypeLength = (*result)(nil)

// Close asks the server to stop, and reads what is under way. Where that fails the line is cut, and what had
// arrived is taken until the goroutine that reads it has nothing left.
func (r *result) Close() error {
	err := r.Rows.Close()
	if err == nil {
		return nil
	}
	r.cut()
	const pause = time.Millisecond
	for range cutTimeout / pause {
		if r.Rows.Close() == nil {
			break
		}
		time.Sleep(pause)
	}
	return err
}

// cutTimeout is how long the driver may take to notice that its line is cut.
const cutTimeout = 5 * time.Second

// ColumnTypeLength implements driver.RowsColumnTypeLength. Of a type that somebody wrote for this server, the
// driver does not know it, and panics.
func (r *result) ColumnTypeLength(index int) (length int64, ok bool) {
	defer func() {
		if recover() != nil {
			length, ok = math.MaxInt64, false
		}
	}()
	return r.Rows.ColumnTypeLength(index)
}
