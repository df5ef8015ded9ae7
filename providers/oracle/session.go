package oracle

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"

	go_ora "github.com/sijms/go-ora/v2"
)

// session is a connection of the driver's, without what makes it dangerous:
//
//   - what would be replaced by a question mark on its way is refused;
//   - the context's end is not its business (see connector.Connect);
//   - the end of the rows counts only where the server said that there are no more;
//   - its panics, of which it has some for types that it does not know, are errors;
//   - errors leave it without what may quote a row; after one that is not the server's own word
//     the line is cut, so that nobody waits for an answer to a farewell.
type session struct {
	conn    *go_ora.Connection
	drop    func()   // cuts the line
	charset *charset // nil until it is known: plain ASCII only
}

var (
	_ driver.QueryerContext    = (*session)(nil)
	_ driver.ExecerContext     = (*session)(nil)
	_ driver.NamedValueChecker = (*session)(nil)
	_ driver.SessionResetter   = (*session)(nil)
)

// Prepare is not offered: a statement that is kept could be run again after an error.
func (*session) Prepare(string) (driver.Stmt, error) {
	return nil, errors.New("prepared statements are not used")
}

// Begin is not offered: a snapshot is one transaction, which the login began.
func (*session) Begin() (driver.Tx, error) {
	return nil, errors.New("transactions are not used")
}

// Close takes leave of the server.
func (s *session) Close() (err error) {
	defer recovered(&err)
	return s.conn.Close()
}

// ResetSession implements driver.SessionResetter: no connection is used again.
func (*session) ResetSession(context.Context) error { return nil }

// CheckNamedValue lets the driver's own types pass.
func (*session) CheckNamedValue(*driver.NamedValue) error { return nil }

// ExecContext implements driver.ExecerContext.
func (s *session) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (_ driver.Result, err error) {
	defer recovered(&err)
	if err := s.charset.checkStatement(text, args); err != nil {
		return nil, err
	}
	done, err := s.conn.ExecContext(context.WithoutCancel(ctx), text, args)
	return done, s.failed(text, err)
}

// failed returns an error as it may be shown; nil stays nil.
func (s *session) failed(text string, err error) error {
	if err != nil && !isServerError(err) {
		s.drop()
	}
	return s.charset.safeError(text, err)
}

// QueryContext implements driver.QueryerContext.
func (s *session) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.charset.checkStatement(text, args); err != nil {
		return nil, err
	}
	statement := go_ora.NewStmt(text, s.conn)
	found, err := query(ctx, statement, args)
	if err != nil {
		// The first rows come with the description, so that the driver may stumble over a type that
		// nobody asked it about.
		safe := s.failed(text, err)
		if odd := oddColumn(statement); odd != nil && !isServerError(err) {
			return nil, odd
		}
		return nil, safe
	}
	return &cursor{DataSet: found, session: s, statement: statement, text: text}, nil
}

func query(ctx context.Context, statement *go_ora.Stmt, args []driver.NamedValue) (_ *go_ora.DataSet, err error) {
	defer recovered(&err)
	rows, err := statement.QueryContext(context.WithoutCancel(ctx), args)
	if err != nil {
		return nil, err
	}
	found, ok := rows.(*go_ora.DataSet)
	if !ok || found == nil {
		return nil, errors.New("the driver gave no result")
	}
	return found, nil
}

// recovered makes an error of a panic, whose text may hold anything.
func recovered(err *error) {
	if recover() != nil {
		*err = errors.New("the driver could not read the server's answer")
	}
}

// cursor is a result that is being read.
type cursor struct {
	*go_ora.DataSet // describes the columns
	session         *session
	statement       *go_ora.Stmt
	text            string
}

// Next implements driver.Rows.
func (c *cursor) Next(row []driver.Value) (err error) {
	defer recovered(&err)
	err = c.DataSet.Next(row)
	if !errors.Is(err, io.EOF) {
		return c.session.failed(c.text, err)
	}
	more, known := moreRows(c.DataSet)
	switch {
	case !known:
		return errors.New("the driver does not tell whether these are all rows: this program was built with another version of it")
	case more:
		return errors.New("the server ended its answer without saying that there are no more rows")
	}
	return err
}

// Close closes the cursor on the server.
func (c *cursor) Close() (err error) {
	defer recovered(&err)
	return c.session.failed("", c.statement.Close())
}

// moreRows tells whether the server owes rows: the driver keeps that to itself, and takes an answer without
// rows for the end of them.
func moreRows(found *go_ora.DataSet) (more, known bool) {
	parent := reflect.ValueOf(found).Elem().FieldByName("parent")
	if !parent.IsValid() || parent.IsNil() {
		return false, false
	}
	field := reflect.Indirect(parent.Elem()).FieldByName("_hasMoreRows")
	if !field.IsValid() {
		return false, false
	}
	return field.Bool(), true
}

// oddColumn returns the error for the first column of a type that is not read, or nil. The driver does not
// show a description that it could not go on from.
func oddColumn(statement *go_ora.Stmt) error {
	columns := reflect.ValueOf(statement).Elem().FieldByName("columns")
	if !columns.IsValid() || columns.Kind() != reflect.Slice {
		return nil
	}
	for i := range columns.Len() {
		column := columns.Index(i)
		kind := column.FieldByName("DataType")
		if !kind.IsValid() {
			return nil
		}
		name := go_ora.TNSType(kind.Int()).String()
		if _, known := decoders[name]; !known {
			return unsupported(column.FieldByName("Name").String(), name, column.FieldByName("TypeName").String())
		}
	}
	return nil
}

// charsetOf sets what a connection refuses from now on.
func charsetOf(raw any, known *charset) error {
	s, ok := raw.(*session)
	if !ok {
		return fmt.Errorf("unexpected driver connection %T", raw)
	}
	s.charset = known
	return nil
}
