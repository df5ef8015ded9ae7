package sqlite

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
	rowsPerInsert = 64
	// maxVariables is SQLite's limit of parameters in one statement.
	maxVariables = 32766
)

// Load writes to the connection's temporary database only: the file is not locked.
func (*destination) Load(ctx context.Context, conn *sql.Conn, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (loaded int64, err error) {
	if len(columns) == 0 {
		return 0, errors.New("load rows without columns")
	}
	// Not BeginTx: it would take the file's write lock. A savepoint locks what is
	// written, and serves inside a transaction too.
	if _, err := conn.ExecContext(ctx, "SAVEPOINT registrar_load"); err != nil {
		return 0, fmt.Errorf("begin to load %s: %w", stage, err)
	}
	loaded, err = insertAll(ctx, conn, stage, columns, next)
	if err == nil {
		if _, err = conn.ExecContext(ctx, "RELEASE registrar_load"); err == nil {
			return loaded, nil
		}
		err = fmt.Errorf("end the load of %s: %w", stage, err)
	}
	undo := context.WithoutCancel(ctx)
	for _, statement := range []string{"ROLLBACK TO registrar_load", "RELEASE registrar_load"} {
		if _, failed := conn.ExecContext(undo, statement); failed != nil {
			// Whatever is left of the rows goes with the connection.
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
			break
		}
	}
	return 0, err
}

// insertAll speaks to the driver itself: database/sql would copy each argument, and have a
// goroutine watch each statement, of which none takes longer than some milliseconds.
func insertAll(ctx context.Context, conn *sql.Conn, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (loaded int64, err error) {
	err = conn.Raw(func(raw any) error {
		preparer, ok := raw.(driver.ConnPrepareContext)
		if !ok {
			return fmt.Errorf("unexpected driver connection %T", raw)
		}
		b := &batch{ctx: ctx, conn: preparer, stage: stage, columns: columns}
		loaded, err = b.insert(next)
		return err
	})
	return loaded, err
}

// batch is the rows of one INSERT.
type batch struct {
	ctx     context.Context
	conn    driver.ConnPrepareContext
	stage   string
	columns []sqlgen.Column
	args    []driver.NamedValue // of a full one; rows take their turns with them
	filled  int                 // so many of them
}

func (b *batch) insert(next func(row []value.Value) error) (loaded int64, err error) {
	rows := max(1, min(rowsPerInsert, maxVariables/len(b.columns)))
	full, err := b.prepare(rows)
	if err != nil {
		return 0, err
	}
	defer func() {
		// What ended the load is returned as it is.
		if closeErr := full.Close(); err == nil && closeErr != nil {
			loaded, err = 0, loadError(b.ctx, b.stage, closeErr)
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
		for _, v := range row {
			b.args[b.filled].Value = bind(v)
			b.filled++
		}
		loaded++
		if b.filled == len(b.args) {
			if err := b.execute(full); err != nil {
				return 0, err
			}
		}
	}
	if b.filled > 0 {
		last, err := b.prepare(b.filled / len(b.columns))
		if err != nil {
			return 0, err
		}
		if err := errors.Join(b.execute(last), last.Close()); err != nil {
			return 0, err
		}
	}
	return loaded, nil
}

func (b *batch) prepare(rows int) (driver.Stmt, error) {
	statement, err := b.conn.PrepareContext(b.ctx, insertStatement(b.stage, b.columns, rows))
	if err != nil {
		return nil, fmt.Errorf("prepare to load %s: %w", b.stage, err)
	}
	return statement, nil
}

func (b *batch) execute(statement driver.Stmt) error {
	executor, ok := statement.(driver.StmtExecContext)
	if !ok {
		return fmt.Errorf("unexpected driver statement %T", statement)
	}
	err := b.ctx.Err()
	if err == nil {
		_, err = executor.ExecContext(context.WithoutCancel(b.ctx), b.args[:b.filled])
	}
	if err != nil {
		return loadError(b.ctx, b.stage, err)
	}
	b.filled = 0
	return nil
}

// loadError prefers the context's own error to "interrupted".
func loadError(ctx context.Context, stage string, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return fmt.Errorf("load rows into %s: %w", stage, err)
}

func insertStatement(stage string, columns []sqlgen.Column, rows int) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c.Name)
	}
	tuple := "(" + strings.Repeat("?, ", len(columns)-1) + "?)"
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s%s", stage, strings.Join(names, ", "), strings.Repeat(tuple+", ", rows-1), tuple)
}
