package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// rows streams a result as it arrives; nothing but the current row is kept.
type rows struct {
	ctx      context.Context // the read's own, for Close
	snapshot *snapshot
	reader   *pgconn.ResultReader
	columns  []providers.Column
	decoders []decoder
	text     []byte // the current row's texts, one behind the other
	size     []int  // the end in text of each column's
	number   int64  // of the current row, from 1
	done     error  // io.EOF, or what ended the reading
	closed   bool
}

func (r *rows) Columns() []providers.Column { return r.columns }

// Next fills row. A row's texts share one allocation.
func (r *rows) Next(row []value.Value) error {
	if r.done != nil {
		return r.done
	}
	if r.closed {
		return errors.New("the rows are closed")
	}
	if !r.reader.NextRow() {
		r.done = io.EOF
		if _, err := r.reader.Close(); err != nil {
			r.done = fmt.Errorf("read from the source after row %d: %w", r.number, safeError(err))
		}
		return r.done
	}
	r.number++
	cells := r.reader.Values()
	r.text = r.text[:0]
	for i, cell := range cells {
		if cell != nil && r.decoders[i].decode == nil {
			r.text = append(r.text, r.decoders[i].trimmed(cell)...)
		}
		r.size[i] = len(r.text)
	}
	// UTF-8 for certain: that is client_encoding, and the server checks what it sends.
	texts, from := string(r.text), 0
	for i, cell := range cells {
		text := texts[from:r.size[i]]
		from = r.size[i]
		v, ok := value.Value{}, true
		switch {
		case cell == nil:
		case r.decoders[i].decode != nil:
			v, ok = r.decoders[i].decode(cell)
		case r.decoders[i].decimal:
			var err error
			v, err = value.ParseDecimal(text)
			ok = err == nil
		default:
			v = value.OfText(text)
		}
		if !ok {
			return fmt.Errorf("row %d, column %q: the server sent no valid %s", r.number, r.columns[i].Name, r.columns[i].Type)
		}
		row[i] = v
	}
	return nil
}

// Close ends the reading; the server is told to stop where rows are left.
func (r *rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	if r.done == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), cleanupTimeout)
		defer cancel()
		// Should it fail, the rest of the rows is read and dropped.
		_ = r.snapshot.conn.PgConn().CancelRequest(ctx)
		_, _ = r.reader.Close() // canceled, as asked
	}
	return r.snapshot.endRead(r.ctx)
}

// decoder turns a column's cells into values. Without decode a cell is text.
type decoder struct {
	decode  func(cell []byte) (value.Value, bool)
	decimal bool
	padded  bool
}

func (d decoder) trimmed(cell []byte) []byte {
	if d.padded {
		for len(cell) > 0 && cell[len(cell)-1] == ' ' {
			cell = cell[:len(cell)-1]
		}
	}
	return cell
}

// decodersOf returns the decoder and the wire format of each column: binary where
// that is exact and cheaper to read than the type's text.
func decodersOf(fields []pgconn.FieldDescription) (decoders []decoder, formats []int16) {
	decoders, formats = make([]decoder, len(fields)), make([]int16, len(fields))
	for i, f := range fields {
		switch f.DataTypeOID {
		case pgtype.NumericOID:
			decoders[i].decimal = true
			continue
		case pgtype.BPCharOID:
			decoders[i].padded = true
			continue
		case pgtype.BoolOID:
			decoders[i].decode = decodeBool
		case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID:
			decoders[i].decode = decodeInt
		case pgtype.Float4OID, pgtype.Float8OID:
			decoders[i].decode = decodeFloat
		case pgtype.ByteaOID:
			decoders[i].decode = decodeBytes
		case pgtype.DateOID:
			decoders[i].decode = decodeDate
		case pgtype.TimeOID:
			decoders[i].decode = decodeTime
		case pgtype.TimestampOID:
			decoders[i].decode = decodeDateTime
		case pgtype.TimestamptzOID:
			decoders[i].decode = decodeInstant
		default:
			continue
		}
		formats[i] = pgtype.BinaryFormatCode
	}
	return decoders, formats
}

func decodeBool(cell []byte) (value.Value, bool) {
	if len(cell) != 1 {
		return value.Value{}, false
	}
	return value.OfBool(cell[0] != 0), true
}

func decodeInt(cell []byte) (value.Value, bool) {
	switch len(cell) {
	case 2:
		return value.OfInt(int64(int16(binary.BigEndian.Uint16(cell)))), true
	case 4:
		return value.OfInt(int64(int32(binary.BigEndian.Uint32(cell)))), true
	case 8:
		return value.OfInt(int64(binary.BigEndian.Uint64(cell))), true
	default:
		return value.Value{}, false
	}
}

// decodeFloat reads a real as the double of the same shortest text: 0.1 stays 0.1.
func decodeFloat(cell []byte) (value.Value, bool) {
	switch len(cell) {
	case 4:
		var buffer [32]byte
		single := math.Float32frombits(binary.BigEndian.Uint32(cell))
		double, err := strconv.ParseFloat(string(strconv.AppendFloat(buffer[:0], float64(single), 'g', -1, 32)), 64)
		return value.OfFloat(double), err == nil
	case 8:
		return value.OfFloat(math.Float64frombits(binary.BigEndian.Uint64(cell))), true
	default:
		return value.Value{}, false
	}
}

func decodeBytes(cell []byte) (value.Value, bool) { return value.OfBytes(cell), true }

// The wire counts from the first day of 2000, in days or microseconds.
const (
	epochSeconds = 946684800
	epochDays    = epochSeconds / 86400
)

func decodeDate(cell []byte) (value.Value, bool) {
	if len(cell) != 4 {
		return value.Value{}, false
	}
	switch days := int32(binary.BigEndian.Uint32(cell)); days {
	case math.MaxInt32:
		return value.Infinite(value.Date, false), true
	case math.MinInt32:
		return value.Infinite(value.Date, true), true
	default:
		return value.OfDate(time.Unix((int64(days)+epochDays)*86400, 0).UTC()), true
	}
}

func decodeTime(cell []byte) (value.Value, bool) {
	if len(cell) != 8 {
		return value.Value{}, false
	}
	return value.OfTime(time.Duration(binary.BigEndian.Uint64(cell)) * time.Microsecond), true
}

func decodeDateTime(cell []byte) (value.Value, bool) {
	return decodeStamp(cell, value.DateTime, value.OfDateTime)
}

func decodeInstant(cell []byte) (value.Value, bool) {
	return decodeStamp(cell, value.Instant, value.OfInstant)
}

func decodeStamp(cell []byte, kind value.Kind, of func(time.Time) value.Value) (value.Value, bool) {
	if len(cell) != 8 {
		return value.Value{}, false
	}
	switch micros := int64(binary.BigEndian.Uint64(cell)); micros {
	case math.MaxInt64:
		return value.Infinite(kind, false), true
	case math.MinInt64:
		return value.Infinite(kind, true), true
	default:
		seconds, rest := micros/1e6, micros%1e6
		return of(time.Unix(seconds+epochSeconds, rest*1000).UTC()), true
	}
}
