package mssql

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// Load implements providers.Destination, by the driver's bulk copy. It is a transaction of its own, so that a load
// that ends before its rows do leaves none behind. A context that ends cuts the connection.
func (d *destination) Load(ctx context.Context, conn *sql.Conn, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (int64, error) {
	var cut func()
	if err := conn.Raw(func(raw any) error {
		s, ok := raw.(*writing)
		if !ok {
			return fmt.Errorf("unexpected driver connection %T", raw)
		}
		cut = s.cut
		return nil
	}); err != nil {
		return 0, fmt.Errorf("load the staging table: %w", err)
	}
	stop := context.AfterFunc(ctx, cut)
	defer stop()
	// Amid the rows the driver can send nothing else: neither it nor the transaction hears of the context.
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return 0, fmt.Errorf("load the staging table: %w", safeError(errors.Join(ctx.Err(), err)))
	}
	rows, err, source := load(ctx, tx, stage, columns, next)
	if err == nil {
		err = tx.Commit()
	} else {
		_ = tx.Rollback()
	}
	switch {
	case source:
		return 0, err
	case ctx.Err() != nil: // at whatever the cut line led to
		return 0, fmt.Errorf("load the staging table: %w", ctx.Err())
	case err == nil:
		return rows, nil
	}
	return 0, fmt.Errorf("load the staging table: %w", safeError(err))
}

// load reports whether an error is next's.
func load(ctx context.Context, tx *sql.Tx, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (rows int64, err error, source bool) { //nolint:revive // whose error it is comes behind it
	names := make([]string, len(columns))
	encoders := make([]encoder, len(columns))
	for i, c := range columns {
		names[i], encoders[i] = c.Name, encoderOf(c)
	}
	row, cells := make([]value.Value, len(columns)), make([]any, len(columns))
	first := next(row)
	if first == io.EOF { //nolint:errorlint // the contract: io.EOF itself
		return 0, nil, false
	}
	if first != nil {
		return 0, first, true
	}
	// The table is nobody else's.
	quiet := context.WithoutCancel(ctx)
	bulk, err := tx.PrepareContext(quiet, mssql.CopyIn(stage, mssql.BulkOptions{KeepNulls: true, Tablock: true}, names...))
	if err != nil {
		return 0, err, false
	}
	defer func() { _ = bulk.Close() }()
	for {
		for i, v := range row {
			cells[i] = nil
			if v.IsNull() {
				continue
			}
			if cells[i], err = encoders[i](v); err != nil {
				return 0, abandoned(quiet, bulk, fmt.Errorf("record %d, column %q: %w", rows+1, columns[i].Name, err)), false
			}
		}
		if _, err := bulk.ExecContext(quiet, cells...); err != nil {
			return 0, err, false
		}
		rows++
		err := next(row)
		if err == io.EOF { //nolint:errorlint // the contract: io.EOF itself
			break
		}
		if err != nil {
			return 0, abandoned(quiet, bulk, err), true
		}
		if ctx.Err() != nil {
			return 0, ctx.Err(), false
		}
	}
	done, err := bulk.ExecContext(quiet)
	if err != nil {
		return 0, err, false
	}
	loaded, err := done.RowsAffected()
	if err == nil && loaded != rows {
		err = fmt.Errorf("the server took %d rows of %d", loaded, rows)
	}
	return rows, err, false
}

// abandoned ends the rows under way, which the protocol has no other way to leave, and returns why. They are
// rolled back.
func abandoned(ctx context.Context, bulk *sql.Stmt, why error) error {
	_, _ = bulk.ExecContext(ctx)
	return why
}

// encoder is what the driver takes for a value that is not NULL.
type encoder func(v value.Value) (any, error)

// encoderOf goes by the type of the staging table's column. Texts go as Unicode, and decimals as texts: of what
// else the driver takes for them it makes something else.
func encoderOf(c sqlgen.Column) encoder {
	switch c.Type.Kind {
	case value.Bool:
		return func(v value.Value) (any, error) { return v.Bool(), nil }
	case value.Int:
		return func(v value.Value) (any, error) { return v.Int(), nil }
	case value.Float:
		return func(v value.Value) (any, error) { return v.Float(), nil }
	case value.Bytes:
		return func(v value.Value) (any, error) { return []byte(v.Str()), nil }
	case value.Date, value.Instant:
		return func(v value.Value) (any, error) { return v.Time().UTC(), nil }
	case value.DateTime:
		if c.Type.SQL == "smalldatetime" { // the driver would cut the seconds off
			return func(v value.Value) (any, error) { return v.Time().UTC().Add(30 * time.Second), nil }
		}
		return func(v value.Value) (any, error) { return v.Time().UTC(), nil }
	case value.Time:
		return func(v value.Value) (any, error) {
			return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Add(v.Clock()), nil
		}
	case value.UUID:
		return encodeUUID
	default: // Decimal, Text, JSON and others
		return func(v value.Value) (any, error) { return v.Text(), nil }
	}
}

// encodeUUID yields the octets as they are written: the driver puts them into the server's order.
func encodeUUID(v value.Value) (any, error) {
	b, err := hex.DecodeString(strings.ReplaceAll(v.Text(), "-", ""))
	if err != nil || len(b) != 16 {
		return nil, errors.New("not a UUID")
	}
	return b, nil
}
