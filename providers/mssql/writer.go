package mssql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// writer opens the sessions of a destination. None is used again once it was given back: what a session
// holds, its locks too, ends with it.
type writer struct {
	settings *settings
	tls      *tlsState
	// lockTimeout bounds the wait for a lock outside of transactions.
	lockTimeout time.Duration
}

var _ driver.Connector = writer{}

// Driver implements driver.Connector.
func (writer) Driver() driver.Driver { return &mssql.Driver{} }

// Connect implements driver.Connector: it logs in and sets the session up.
func (w writer) Connect(ctx context.Context) (driver.Conn, error) {
	config, err := w.settings.config(w.tls)
	if err != nil {
		return nil, err
	}
	// What a destination is asked may take long: silence is no sign.
	line := &sqlsource.Line{ConnectTimeout: w.settings.connectTimeout}
	opener := mssql.NewConnectorConfig(config)
	opener.Dialer = dialer{line}
	limited, cancel := context.WithTimeout(ctx, w.settings.connectTimeout)
	defer cancel()
	// The driver looks at the context only while it dials.
	stop := context.AfterFunc(limited, line.Drop)
	opened, err := connector{opener, line.Drop}.Connect(limited)
	var s *writing
	if err == nil {
		s, err = w.setUp(limited, opened)
	}
	if !stop() && err == nil {
		err = limited.Err()
	}
	if err == nil {
		return s, nil
	}
	line.Drop()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fmt.Errorf("the server did not answer within %s (connect_timeout)", w.settings.connectTimeout)
	}
	return nil, err
}

func (w writer) setUp(ctx context.Context, opened driver.Conn) (*writing, error) {
	inner, ok := opened.(*session)
	if !ok {
		return nil, fmt.Errorf("unexpected driver connection %T", opened)
	}
	s := &writing{session: inner}
	// What fails undoes its transaction: nothing goes on half-way.
	text := fmt.Sprintf(sessionText, w.lockTimeout.Milliseconds()) + "; SET XACT_ABORT ON"
	prepared, err := s.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	_, err = prepared.(driver.StmtExecContext).ExecContext(ctx, nil) //nolint:forcetypeassert // it is ours
	return s, err
}

// writing is a session of a destination. A context that ends cuts it.
type writing struct{ *session }

var (
	_ driver.ConnPrepareContext = (*writing)(nil)
	_ driver.ExecerContext      = (*writing)(nil)
	_ driver.ConnBeginTx        = (*writing)(nil)
)

// cutAtEnd cuts the session when the context ends. The function that it returns says what became of an error.
func (s *writing) cutAtEnd(ctx context.Context) func(error) error {
	stop := context.AfterFunc(ctx, s.cut)
	return func(err error) error {
		if !stop() {
			return errors.Join(ctx.Err(), err)
		}
		return err
	}
}

// BeginTx implements driver.ConnBeginTx.
func (s *writing) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	end := s.cutAtEnd(ctx)
	tx, err := s.session.BeginTx(context.WithoutCancel(ctx), options)
	return tx, end(err)
}

// PrepareContext implements driver.ConnPrepareContext; nothing is sent.
func (s *writing) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	prepared, err := s.session.PrepareContext(ctx, query)
	if inner, ok := prepared.(*statement); ok {
		return &cutStatement{inner, s, query}, err
	}
	return prepared, err
}

// rowsName is the parameter in which a statement that writes says how many rows it wrote.
const rowsName = "registrar_rows"

const rowsWritten = "\n;SET @" + rowsName + " = ROWCOUNT_BIG()"

// ExecContext implements driver.ExecerContext. The driver adds up what triggers write, too: the server is
// asked for the statement's own rows.
func (s *writing) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if !writes(query) {
		return nil, driver.ErrSkip
	}
	prepared, err := s.PrepareContext(ctx, query+rowsWritten)
	if err != nil {
		return nil, err
	}
	rows := int64(-1)
	out := driver.NamedValue{Name: rowsName, Ordinal: len(args) + 1, Value: sql.Out{Dest: &rows}}
	if err := s.CheckNamedValue(&out); err != nil {
		return nil, err
	}
	result, err := prepared.(driver.StmtExecContext).ExecContext(ctx, append(slices.Clip(args), out)) //nolint:forcetypeassert // it is ours
	if err != nil || rows < 0 {
		return result, err
	}
	return driver.RowsAffected(rows), nil
}

// writes reports whether a statement begins as one that writes rows.
func writes(query string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(query, " \t\r\n"), " ")
	switch strings.ToUpper(word) {
	case "INSERT", "UPDATE", "DELETE", "MERGE":
		return true
	default:
		return false
	}
}

// cutStatement is a statement of a session that its context cuts.
type cutStatement struct {
	*statement
	session *writing
	query   string
}

// within is the statement with no more parameters than it may have.
func (s *cutStatement) within(ctx context.Context, args []driver.NamedValue) (*statement, []driver.NamedValue, error) {
	query, fewer, err := fewerParameters(s.query, args)
	if err != nil || len(fewer) == len(args) {
		return s.statement, args, err
	}
	prepared, err := s.session.session.PrepareContext(ctx, query)
	inner, ok := prepared.(*statement)
	if err == nil && !ok {
		err = fmt.Errorf("unexpected driver statement %T", prepared)
	}
	return inner, fewer, err
}

var (
	_ driver.StmtQueryContext = (*cutStatement)(nil)
	_ driver.StmtExecContext  = (*cutStatement)(nil)
)

// QueryContext implements driver.StmtQueryContext. While its rows are read, they watch the context.
func (s *cutStatement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	fitting, args, err := s.within(ctx, args)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, s.session.cut)
	opened, err := fitting.QueryContext(ctx, args)
	inner, ok := opened.(*result)
	if err != nil || !ok {
		if !stop() {
			err = errors.Join(ctx.Err(), err)
		}
		return opened, err
	}
	return &cutRows{inner, stop}, nil
}

// ExecContext implements driver.StmtExecContext.
func (s *cutStatement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	fitting, args, err := s.within(ctx, args)
	if err != nil {
		return nil, err
	}
	end := s.session.cutAtEnd(ctx)
	result, err := fitting.ExecContext(ctx, args)
	return result, end(err)
}

// cutRows are the rows of a session that their context cuts.
type cutRows struct {
	*result
	stop func() bool
}

// Close implements driver.Rows.
func (r *cutRows) Close() error {
	r.stop()
	return r.result.Close()
}
