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

// Load streams rows by COPY, in text format: what a value's canonical text means is
// then the server's own business, whatever the column's type.
func (d *destination) Load(ctx context.Context, conn *sql.Conn, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (int64, error) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c.Name)
	}
	reader := &copyReader{next: next, row: make([]value.Value, len(columns))}
	var tag pgconn.CommandTag
	err := onSession(conn, func(s *session) error {
		var err error
		tag, err = s.Conn.Conn().PgConn().CopyFrom(ctx, reader, "COPY "+stage+" ("+strings.Join(names, ", ")+") FROM STDIN")
		return err
	})
	// Where the connection breaks, pgx returns while it still reads: from here on next
	// is called no more.
	if failed := reader.stop(); failed != nil {
		return 0, failed
	}
	if err != nil {
		return 0, copyError(err, columns)
	}
	if _, err := conn.ExecContext(ctx, "ANALYZE "+stage); err != nil {
		return 0, fmt.Errorf("analyze the staging table: %w", safeError(err))
	}
	return tag.RowsAffected(), nil
}

// copyReader is a COPY's data, made as it is read.
type copyReader struct {
	mu      sync.Mutex
	next    func(row []value.Value) error
	row     []value.Value
	buffer  []byte // a row or two, not read yet from at on
	at      int
	stopped bool
	failed  error // next's
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
		case r.failed == io.EOF: //nolint:errorlint // the contract: io.EOF itself
			return filled, io.EOF
		case r.stopped || r.failed != nil:
			return 0, errStopped
		}
		if err := r.next(r.row); err != nil {
			r.failed = err
			continue
		}
		r.buffer, r.at = appendRow(r.buffer[:0], r.row), 0
	}
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

// copyError names the record and the column that the server refused.
func copyError(err error, columns []sqlgen.Column) error {
	var server *pgconn.PgError
	if !errors.As(err, &server) {
		return fmt.Errorf("load the staging table: %w", err)
	}
	safe := newError(server)
	record, column := copyPlace(server.Where, columns)
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
