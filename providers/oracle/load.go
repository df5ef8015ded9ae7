package oracle

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	go_ora "github.com/sijms/go-ora/v2"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// A batch is sent with one call.
const (
	batchRows   = 1000
	batchOctets = 4 << 20
)

// Load streams rows by arrays of bound texts, which the statement converts as the dialect does: a time that the driver
// binds has a zone. One transaction holds them all: a statement of its own would be run again by the driver where the
// link breaks, and its rows be there twice.
func (d *destination) Load(ctx context.Context, conn *sql.Conn, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (loaded int64, err error) {
	l := loader{statement: loadStatement(stage, columns), columns: columns, batch: make([][]string, len(columns))}
	var ended error // next's own, as it is
	err = onWriter(conn, func(s *writer) (err error) {
		if !s.inTx {
			tx, err := s.BeginTx(ctx, driver.TxOptions{})
			if err != nil {
				return err
			}
			defer func() {
				end := tx.Commit
				if err != nil || ended != nil {
					end = tx.Rollback
				}
				if endErr := end(); endErr != nil && !s.broken {
					err = errors.Join(err, endErr)
				} else if endErr != nil && err == nil && ended == nil {
					err = endErr
				}
			}()
		}
		row := make([]value.Value, len(columns))
		for {
			if ended = next(row); ended != nil {
				break
			}
			if l.full() {
				if err := l.send(ctx, s); err != nil {
					return err
				}
			}
			l.add(row)
		}
		if ended != io.EOF { //nolint:errorlint // the contract: io.EOF itself
			return nil
		}
		ended = nil
		return l.send(ctx, s)
	})
	switch {
	case ended != nil:
		return 0, ended
	case err != nil:
		return 0, fmt.Errorf("load the staging table: %w", d.SafeError(err))
	}
	return l.loaded, nil
}

// loadStatement converts what is bound. A text that the server pads needs no conversion.
func loadStatement(stage string, columns []sqlgen.Column) string {
	d := dialect{}
	names, values := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		names[i] = d.Quote(c.Name)
		values[i] = d.Placeholder(i + 1)
		if c.Type.Kind != value.Text && c.Type.Kind != value.JSON {
			values[i] = d.FromText(values[i], c)
		}
	}
	return "INSERT INTO " + stage + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
}

// loader collects rows, a slice for each column.
type loader struct {
	statement string
	columns   []sqlgen.Column
	batch     [][]string
	rows      int
	octets    int
	loaded    int64
}

func (l *loader) full() bool { return l.rows >= batchRows || l.octets >= batchOctets }

func (l *loader) add(row []value.Value) {
	for i, v := range row {
		text := "" // NULL
		if !v.IsNull() {
			text = v.Text()
		}
		if len(text) > maxText && !isLong(l.columns[i].Type) {
			text = cut(text) // a message of ours: values fit
		}
		l.batch[i] = append(l.batch[i], text)
		l.octets += len(text)
	}
	l.rows++
}

// cut shortens a text to what a VARCHAR2 holds.
func cut(text string) string {
	end := maxText - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

func (l *loader) send(ctx context.Context, s *writer) error {
	if l.rows == 0 {
		return ctx.Err()
	}
	args := make([]driver.NamedValue, len(l.batch))
	for i, texts := range l.batch {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: arrayOf(texts)}
	}
	result, err := s.exec(ctx, l.statement, args)
	if err != nil {
		return fmt.Errorf("records %d to %d: %w", l.loaded+1, l.loaded+int64(l.rows), err)
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(l.rows) {
		s.broken = true
		return fmt.Errorf("records %d to %d: the server took %d rows of %d", l.loaded+1, l.loaded+int64(l.rows), n, l.rows)
	}
	l.loaded += int64(l.rows)
	for i := range l.batch {
		l.batch[i] = l.batch[i][:0]
	}
	l.rows, l.octets = 0, 0
	return nil
}

// arrayOf binds as CLOBs what is too long for VARCHAR2s.
func arrayOf(texts []string) any {
	long := false
	for _, text := range texts {
		long = long || len(text) > maxText
	}
	if !long {
		return texts
	}
	list := make([]go_ora.Clob, len(texts))
	for i, text := range texts {
		list[i] = go_ora.Clob{String: text, Valid: text != ""}
	}
	return list
}
