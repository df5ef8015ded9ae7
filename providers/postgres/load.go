package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// Load streams rows by COPY: in binary format where all the columns' types have
// encoders, and else in text format, where what a value's canonical text means is the server's
// own business. A value that its encoder does not take sends what follows from its row on
// as text, in the same transaction.
func (d *destination) Load(ctx context.Context, conn *sql.Conn, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (int64, error) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c.Name)
	}
	copying := "COPY " + stage + " (" + strings.Join(names, ", ") + ") FROM STDIN"
	reader := &copyReader{next: next, row: make([]value.Value, len(columns)), encoders: encodersOf(columns)}
	var loaded int64
	err := onSession(conn, func(s *session) error {
		pg := s.Conn.Conn().PgConn()
		if reader.encoders == nil {
			tag, err := pg.CopyFrom(ctx, reader, copying)
			loaded = tag.RowsAffected()
			return err
		}
		return inTransaction(ctx, pg, func(begin string) error {
			reader.buffer = append(reader.buffer, binaryHeader...)
			tag, err := pg.CopyFrom(ctx, reader, begin+copying+" (FORMAT binary)")
			loaded = tag.RowsAffected()
			if err != nil || !reader.continueAsText() {
				return err
			}
			reader.loaded = loaded
			tag, err = pg.CopyFrom(ctx, reader, copying)
			loaded += tag.RowsAffected()
			return err
		})
	})
	// Where the connection breaks, pgx returns while it still reads: from here on next
	// is called no more.
	if failed := reader.stop(); failed != nil {
		return 0, failed
	}
	if err != nil {
		return 0, copyError(err, columns, reader.loaded)
	}
	return loaded, nil
}

// inTransaction has f do its work in a transaction: the connection's, or one that f's first
// statement begins with begin. What of that one fails leaves nothing behind.
func inTransaction(ctx context.Context, pg *pgconn.PgConn, f func(begin string) error) error {
	const idle = 'I'
	if pg.TxStatus() != idle {
		return f("")
	}
	err := f("BEGIN; ")
	if pg.IsClosed() || err != nil && pg.TxStatus() == idle {
		return err
	}
	end := "COMMIT"
	if err != nil {
		end = "ROLLBACK"
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
		defer cancel()
	}
	_, endErr := pg.Exec(ctx, end).ReadAll()
	return errors.Join(err, endErr)
}

// copyReader is a COPY's data, made as it is read.
type copyReader struct {
	mu       sync.Mutex
	next     func(row []value.Value) error
	row      []value.Value
	encoders []encoder // nil: text format
	buffer   []byte    // a row or two, not read yet from at on
	at       int
	asText   bool // the row at hand has no binary form: the data end before it
	stopped  bool
	failed   error // next's
	loaded   int64 // rows that went before in binary format
}

// errStopped ends a COPY; its text goes into the server's log.
var errStopped = errors.New("the client stopped")

// Read fills p with as many rows as go in.
func (r *copyReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	filled := 0
	for {
		n := copy(p[filled:], r.buffer[r.at:])
		filled, r.at = filled+n, r.at+n
		switch {
		case filled == len(p):
			return filled, nil
		case r.asText, r.failed == io.EOF: //nolint:errorlint // the contract: io.EOF itself
			return filled, io.EOF
		case r.stopped || r.failed != nil:
			return 0, errStopped
		}
		r.failed = r.next(r.row)
		r.buffer, r.at = r.buffer[:0], 0
		switch {
		case r.failed == nil && r.encoders == nil:
			r.buffer = appendRow(r.buffer, r.row)
		case r.failed == nil:
			var ok bool
			if r.buffer, ok = appendBinaryRow(r.buffer, r.encoders, r.row); !ok {
				r.asText = true
				r.buffer = append(r.buffer[:0], binaryTrailer...)
			}
		case r.failed == io.EOF && r.encoders != nil: //nolint:errorlint // the contract: io.EOF itself
			r.buffer = append(r.buffer, binaryTrailer...)
		}
	}
}

// continueAsText reports whether rows are left that the next COPY takes as text.
func (r *copyReader) continueAsText() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.asText {
		return false
	}
	r.asText, r.encoders = false, nil
	r.buffer, r.at = appendRow(r.buffer[:0], r.row), 0
	return true
}

// stop waits for a Read under way and returns what ended the rows before their end.
func (r *copyReader) stop() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	if r.failed == io.EOF { //nolint:errorlint // the contract: io.EOF itself
		return nil
	}
	return r.failed
}

// appendRow appends a line of COPY's text format.
func appendRow(dst []byte, row []value.Value) []byte {
	for i, v := range row {
		if i > 0 {
			dst = append(dst, '\t')
		}
		switch v.Kind() {
		case value.Null:
			dst = append(dst, `\N`...)
		case value.Text:
			dst = appendEscaped(dst, v.Str())
		case value.Bytes:
			dst = v.AppendText(append(dst, '\\'))
		default: // digits, signs and words: nothing to escape
			dst = v.AppendText(dst)
		}
	}
	return append(dst, '\n')
}

// escapes are the letters that stand for what would end a field or a line.
var escapes = [256]byte{'\\': '\\', '\n': 'n', '\r': 'r', '\t': 't'}

func appendEscaped(dst []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		if letter := escapes[s[i]]; letter != 0 {
			dst = append(append(dst, s[from:i]...), '\\', letter)
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

// copyError names the record, counted behind those that were loaded before, and the
// column that the server refused.
func copyError(err error, columns []sqlgen.Column, before int64) error {
	var server *pgconn.PgError
	if !errors.As(err, &server) {
		return fmt.Errorf("load the staging table: %w", err)
	}
	safe := newError(server)
	record, column := copyPlace(server.Where, columns)
	if record > 0 {
		record += before
	}
	switch {
	case record == 0:
		return fmt.Errorf("load the staging table: %w", safe)
	case column == "":
		return fmt.Errorf("load the staging table: record %d: %w", record, safe)
	default:
		return fmt.Errorf("load the staging table: record %d, column %q: %w", record, column, safe)
	}
}

// copyPlace reads the record's number, 0 if unknown, and the column from a COPY's
// CONTEXT, such as COPY s, line 3, column b: "the value", in whatever language.
func copyPlace(where string, columns []sqlgen.Column) (record int64, column string) {
	for line := range strings.SplitSeq(where, "\n") {
		rest, ok := strings.CutPrefix(line, "COPY ")
		if !ok {
			continue
		}
		_, rest, _ = strings.Cut(rest, ", ")
		_, rest, _ = strings.Cut(rest, " ")
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(rest)
		}
		n, err := strconv.ParseInt(rest[:end], 10, 64)
		if err != nil {
			continue
		}
		_, rest, _ = strings.Cut(rest[end:], ", ")
		_, rest, _ = strings.Cut(rest, " ")
		for _, c := range columns {
			if tail, ok := strings.CutPrefix(rest, c.Name); ok && len(c.Name) > len(column) && (tail == "" || bytes.ContainsAny([]byte(tail[:1]), ": ,")) {
				column = c.Name
			}
		}
		return n, column
	}
	return 0, ""
}
