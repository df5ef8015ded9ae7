package oracle

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	go_ora "github.com/sijms/go-ora/v2"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// writerConnector opens connections of a destination, each over a line of its own.
type writerConnector struct{ settings *settings }

// Driver implements driver.Connector.
func (*writerConnector) Driver() driver.Driver { return go_ora.NewDriver() }

// Connect logs in and sets the session up.
func (c *writerConnector) Connect(ctx context.Context) (driver.Conn, error) {
	line := &sqlsource.Line{ConnectTimeout: c.settings.connectTimeout, ReadTimeout: c.settings.readTimeout}
	opened, err := (&connector{settings: c.settings, line: line}).Connect(ctx)
	if err != nil {
		line.Drop()
		return nil, err
	}
	inner, ok := opened.(*session)
	if !ok {
		return nil, errors.Join(fmt.Errorf("unexpected driver connection %T", opened), opened.Close())
	}
	s := &writer{session: inner, line: line}
	if err := s.setUp(ctx); err != nil {
		s.broken = true
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// writer is a connection of a destination. The driver never asks the server to commit by itself: a statement that the
// link loses would be run again. What is no part of a transaction is committed after it.
//
// A connection that saw an error which is not the server's own answer is not used again: the answer could come to the
// next statement.
type writer struct {
	*session
	line   *sqlsource.Line
	inTx   bool
	broken bool
	wait   int // seconds, of LOCK TABLE
	locks  map[string]*rowLock
	held   int // locks of the server's
}

var (
	_ driver.ConnBeginTx     = (*writer)(nil)
	_ driver.QueryerContext  = (*writer)(nil)
	_ driver.ExecerContext   = (*writer)(nil)
	_ driver.Validator       = (*writer)(nil)
	_ driver.SessionResetter = (*writer)(nil)
)

// onWriter calls f with the session under a connection.
func onWriter(conn *sql.Conn, f func(*writer) error) error {
	return conn.Raw(func(raw any) error {
		s, ok := raw.(*writer)
		if !ok {
			return fmt.Errorf("unexpected driver connection %T", raw)
		}
		return f(s)
	})
}

// setUp does for a session what engine.Begin does for a snapshot.
func (s *writer) setUp(ctx context.Context) error {
	if _, err := s.exec(ctx, sessionSettings, nil); err != nil {
		return fmt.Errorf("set the session up: %w", err)
	}
	rows, err := s.QueryContext(ctx, charsetQuery, nil)
	if err != nil {
		return fmt.Errorf("ask for the character set: %w", err)
	}
	row := make([]driver.Value, len(rows.Columns()))
	err = rows.Next(row)
	if err := errors.Join(err, rows.Close()); err != nil {
		return fmt.Errorf("ask for the character set: %w", err)
	}
	id, err := strconv.Atoi(fmt.Sprint(row[1]))
	if err != nil {
		return errors.New("ask for the character set: its number is none")
	}
	s.charset, err = newCharset(fmt.Sprint(row[0]), id)
	return err
}

const charsetQuery = "SELECT VALUE, NLS_CHARSET_ID(VALUE) FROM NLS_DATABASE_PARAMETERS WHERE PARAMETER = 'NLS_CHARACTERSET'"

// guarded runs what talks to the server. The driver does not look at the context: the line is dropped where it ends.
func (s *writer) guarded(ctx context.Context, work func() error) error {
	if s.broken {
		return lostError{}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, s.line.Drop)
	err := work()
	if !stop() {
		s.broken = true
		return errors.Join(ctx.Err(), err)
	}
	var own *Error
	if err != nil && !errors.As(err, &own) {
		s.broken = true
		return s.line.Explain(err)
	}
	return locked(err)
}

// locked marks what another transaction holds.
func locked(err error) error {
	var own *Error
	if errors.As(err, &own) && (own.Code == codeLocked || own.Code == codeWaited) {
		return fmt.Errorf("%w: %w", providers.ErrLocked, err)
	}
	return err
}

// codeWaited is that of LOCK TABLE … WAIT.
const codeWaited = 30006

// exec runs a statement, and commits nothing.
func (s *writer) exec(ctx context.Context, text string, args []driver.NamedValue) (result driver.Result, err error) {
	if strings.HasPrefix(text, lockTable) && s.inTx {
		if text += " NOWAIT"; s.wait > 0 {
			text = strings.TrimSuffix(text, " NOWAIT") + " WAIT " + strconv.Itoa(s.wait)
		}
	}
	text, args = expand(text, args)
	if err := s.check(text, args); err != nil {
		return nil, err
	}
	err = s.guarded(ctx, func() error {
		result, err = s.session.ExecContext(ctx, text, longArguments(args))
		return err
	})
	return result, err
}

// ExecContext implements driver.ExecerContext.
func (s *writer) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	result, err := s.exec(ctx, text, args)
	if s.inTx || s.broken {
		return result, err
	}
	if err != nil {
		return nil, errors.Join(err, s.end(ctx, false))
	}
	return result, s.end(ctx, true)
}

// QueryContext implements driver.QueryerContext.
func (s *writer) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (rows driver.Rows, err error) {
	text, args = expand(text, args)
	if err := s.check(text, args); err != nil {
		return nil, err
	}
	err = s.guarded(ctx, func() error {
		rows, err = s.session.QueryContext(ctx, text, longArguments(args))
		return err
	})
	if err != nil {
		return nil, err
	}
	return &writerRows{Rows: rows, ctx: ctx, writer: s}, nil
}

// check refuses what the driver would replace; also in arrays, which session.ExecContext does not look into.
func (s *writer) check(text string, args []driver.NamedValue) error {
	if err := s.charset.checkStatement(text, args); err != nil {
		return err
	}
	for _, arg := range args {
		texts, _ := arg.Value.([]string)
		for i, one := range texts {
			if err := s.charset.checkText(one); err != nil {
				return fmt.Errorf("row %d, parameter %d: %w", i+1, arg.Ordinal, err)
			}
		}
	}
	return nil
}

// longArguments binds as a CLOB what is too long for a VARCHAR2.
func longArguments(args []driver.NamedValue) []driver.NamedValue {
	var out []driver.NamedValue
	for i, arg := range args {
		text, ok := arg.Value.(string)
		if !ok || len(text) <= maxText {
			continue
		}
		if out == nil {
			out = append(out, args...)
		}
		out[i].Value = go_ora.Clob{String: text, Valid: true}
	}
	if out == nil {
		return args
	}
	return out
}

// writerRows watch over the context while they are read.
type writerRows struct {
	driver.Rows
	ctx    context.Context // the query's own: every row looks at it
	writer *writer
}

// Next implements driver.Rows.
func (r *writerRows) Next(row []driver.Value) error {
	ended := false
	err := r.writer.guarded(r.ctx, func() error {
		err := r.Rows.Next(row)
		if ended = isEnd(err); ended {
			return nil
		}
		return err
	})
	if err == nil && ended {
		return io.EOF // as it is: database/sql looks at it so
	}
	return err
}

// Close implements driver.Rows.
func (r *writerRows) Close() error {
	if r.writer.broken {
		return nil
	}
	return r.writer.guarded(context.WithoutCancel(r.ctx), r.Rows.Close)
}

// BeginTx implements driver.ConnBeginTx. With the driver's own the server would commit what came before.
func (s *writer) BeginTx(_ context.Context, opts driver.TxOptions) (driver.Tx, error) {
	switch {
	case s.broken:
		return nil, driver.ErrBadConn
	case s.inTx:
		return nil, errors.New("a transaction is open already")
	case opts.ReadOnly || opts.Isolation != 0:
		return nil, errors.New("only transactions of the default isolation are used")
	}
	s.inTx = true
	return writerTx{s}, nil
}

type writerTx struct{ *writer }

// Commit implements driver.Tx.
func (t writerTx) Commit() error {
	t.inTx = false
	return t.end(context.Background(), true)
}

// Rollback implements driver.Tx.
func (t writerTx) Rollback() error {
	t.inTx = false
	return t.end(context.Background(), false)
}

// end ends the server's transaction. The driver goes over to committing by itself with it: that is undone.
func (s *writer) end(ctx context.Context, commit bool) error {
	return s.guarded(context.WithoutCancel(ctx), func() error {
		tx, err := s.conn.Begin()
		if err != nil {
			return err
		}
		if commit {
			err = tx.Commit()
		} else {
			err = tx.Rollback()
		}
		if _, again := s.conn.Begin(); again != nil {
			err = errors.Join(err, again)
		}
		return s.charset.safeError("", err)
	})
}

// IsValid implements driver.Validator: it is asked when the connection goes back into the pool. With a session end its
// locks.
func (s *writer) IsValid() bool { return !s.broken && !s.inTx && s.held == 0 && len(s.locks) == 0 }

// ResetSession implements driver.SessionResetter.
func (s *writer) ResetSession(context.Context) error {
	if s.IsValid() {
		return nil
	}
	return driver.ErrBadConn
}

// Close takes leave of the server, unless it may not answer. What is open is rolled back.
func (s *writer) Close() error {
	var errs []error
	for _, lock := range s.locks {
		errs = append(errs, lock.release(false))
	}
	s.locks = nil
	if !s.broken {
		// The server commits what is open where a client takes leave.
		if s.inTx {
			errs = append(errs, s.end(context.Background(), false))
		}
		errs = append(errs, s.session.Close())
	}
	s.line.Drop()
	return errors.Join(errs...)
}

// expand gives each place of a statement a parameter of its own: the server counts places, and dialects repeat a
// parameter.
func expand(text string, args []driver.NamedValue) (string, []driver.NamedValue) {
	if len(args) == 0 {
		return text, args
	}
	var out strings.Builder
	var places []driver.NamedValue
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\'' || c == '"':
			n := 1 + index(text[i+1:], text[i:i+1])
			out.WriteString(text[i : i+n])
			i += n
		case c == ':' && i+1 < len(text) && '0' <= text[i+1] && text[i+1] <= '9':
			end := i + 1
			for end < len(text) && '0' <= text[end] && text[end] <= '9' {
				end++
			}
			n, err := strconv.Atoi(text[i+1 : end])
			if err != nil || n < 1 || n > len(args) {
				return text, args // the server says what is wrong
			}
			place := args[n-1]
			place.Ordinal = len(places) + 1
			places = append(places, place)
			out.WriteString(":" + strconv.Itoa(place.Ordinal))
			i = end
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String(), places
}

func isEnd(err error) bool { return errors.Is(err, io.EOF) }
