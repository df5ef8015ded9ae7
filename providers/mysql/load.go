package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

const (
	// rowsPerInsert is where larger statements stop being faster.
	rowsPerInsert = 256
	// maxPlaceholders is the server's limit for one statement.
	maxPlaceholders = 65535
	// maxBatchOctets bounds the memory of one statement.
	maxBatchOctets = 8 << 20
)

// Load inserts some hundred rows by each statement, all in one transaction. Values go as what they are: numbers in
// binary form, and texts in the session's charset, of which the server refuses what the column's lacks.
func (d *destination) Load(ctx context.Context, conn *sql.Conn, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (loaded int64, err error) {
	if len(columns) == 0 {
		return 0, errors.New("load rows without columns")
	}
	err = onSession(conn, func(s *writerSession) (err error) {
		b := &batch{ctx: ctx, session: s, safe: d.SafeError, stage: stage, columns: columns, limit: d.maxBatch}
		if s.inTransaction {
			loaded, err = b.insert(next)
			return err
		}
		// Not by BeginTx, whose end would depend on the context.
		if err := b.run("START TRANSACTION"); err != nil {
			return err
		}
		loaded, err = b.insert(next)
		if err == nil {
			return b.run("COMMIT")
		}
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
		defer cancel()
		if _, undo := s.writerConn.ExecContext(limited, "ROLLBACK", nil); undo != nil {
			// What is left of the rows goes with the connection.
			_ = s.Close()
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return loaded, nil
}

// batch is the rows of one INSERT. It speaks to the driver itself: database/sql would copy each argument.
type batch struct {
	ctx     context.Context
	session *writerSession
	safe    func(error) error
	stage   string
	columns []sqlgen.Column
	limit   int // octets
	args    []driver.NamedValue
	filled  int // so many of args
	octets  int // of their texts
}

func (b *batch) run(statement string) error {
	if _, err := b.session.ExecContext(b.ctx, statement, nil); err != nil {
		return b.failed(err)
	}
	return nil
}

func (b *batch) insert(next func(row []value.Value) error) (loaded int64, err error) {
	rows := max(1, min(rowsPerInsert, maxPlaceholders/len(b.columns)))
	full, err := b.prepare(rows)
	if err != nil {
		return 0, err
	}
	defer func() {
		// What ended the load is returned as it is.
		if closeErr := full.Close(); err == nil && closeErr != nil {
			loaded, err = 0, b.failed(closeErr)
		}
	}()
	row := make([]value.Value, len(b.columns))
	b.args = make([]driver.NamedValue, rows*len(b.columns))
	for i := range b.args {
		b.args[i].Ordinal = i + 1
	}
	for {
		err := next(row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		size := sizeOf(row)
		if b.filled > 0 && b.octets+size > b.limit {
			if err := b.flush(); err != nil {
				return 0, err
			}
		}
		for _, v := range row {
			b.args[b.filled].Value = bind(v)
			b.filled++
		}
		b.octets += size
		loaded++
		if b.filled == len(b.args) {
			if err := b.execute(full); err != nil {
				return 0, err
			}
		}
	}
	return loaded, b.flush()
}

// sizeOf is about how many octets a row takes in a statement.
func sizeOf(row []value.Value) int {
	octets := 0
	for _, v := range row {
		octets += 16 + len(v.Str())
	}
	return octets
}

// flush inserts the rows there are, fewer than a full statement takes.
func (b *batch) flush() error {
	if b.filled == 0 {
		return nil
	}
	statement, err := b.prepare(b.filled / len(b.columns))
	if err != nil {
		return err
	}
	return errors.Join(b.execute(statement), statement.Close())
}

func (b *batch) prepare(rows int) (writerStatement, error) {
	prepared, err := b.session.writerConn.PrepareContext(b.ctx, insertStatement(b.stage, b.columns, rows))
	if err != nil {
		return nil, b.failed(err)
	}
	statement, ok := prepared.(writerStatement)
	if !ok {
		return nil, errors.Join(fmt.Errorf("unexpected driver statement %T", prepared), prepared.Close())
	}
	return statement, nil
}

func (b *batch) execute(statement writerStatement) error {
	err := b.ctx.Err()
	if err == nil {
		// None takes long: to cancel it would cost the connection.
		_, err = statement.ExecContext(context.WithoutCancel(b.ctx), b.args[:b.filled])
	}
	if err != nil {
		return b.failed(err)
	}
	b.filled, b.octets = 0, 0
	return nil
}

// failed prefers the context's own error.
func (b *batch) failed(err error) error {
	if b.ctx.Err() != nil {
		err = context.Cause(b.ctx)
	}
	return fmt.Errorf("load rows into %s: %w", b.stage, b.safe(err))
}

func insertStatement(stage string, columns []sqlgen.Column, rows int) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c.Name)
	}
	tuple := "(" + strings.Repeat("?, ", len(columns)-1) + "?)"
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s%s", stage, strings.Join(names, ", "), strings.Repeat(tuple+", ", rows-1), tuple)
}

// bind is a value as the driver takes it.
func bind(v value.Value) any {
	switch v.Kind() {
	case value.Null:
		return nil
	case value.Bool:
		if v.Bool() {
			return int64(1)
		}
		return int64(0)
	case value.Int:
		return v.Int()
	case value.Float:
		return v.Float()
	case value.Decimal, value.Text:
		return v.Str()
	case value.Bytes:
		return []byte(v.Str())
	case value.Instant:
		return strings.TrimSuffix(v.Text(), "Z")
	default:
		return v.Text()
	}
}
