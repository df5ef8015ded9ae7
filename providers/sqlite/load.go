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

func insertAll(ctx context.Context, conn *sql.Conn, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (loaded int64, err error) {
	batch := max(1, min(rowsPerInsert, maxVariables/len(columns)))
	full, err := conn.PrepareContext(ctx, insertStatement(stage, columns, batch))
	if err != nil {
		return 0, fmt.Errorf("prepare to load %s: %w", stage, err)
	}
	defer full.Close()
	row := make([]value.Value, len(columns))
	args := make([]any, 0, batch*len(columns))
	for {
		err := next(row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		for _, v := range row {
			args = append(args, bind(v))
		}
		loaded++
		if len(args) == cap(args) {
			if _, err := full.ExecContext(ctx, args...); err != nil {
				return 0, loadError(ctx, stage, err)
			}
			args = args[:0]
		}
	}
	if len(args) > 0 {
		if _, err := conn.ExecContext(ctx, insertStatement(stage, columns, len(args)/len(columns)), args...); err != nil {
			return 0, loadError(ctx, stage, err)
		}
	}
	return loaded, nil
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
