package bundle

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
)

// RowWriter writes the rows of a sync as a bundle has them.
type RowWriter struct {
	// Rows and Archived count what was written.
	Rows, Archived int64

	out     *bufio.Writer
	sum     hash.Hash
	columns []Column
	key     []int
	last    []string
	record  []byte
	finish  func() error
}

// NewRowWriter writes rows to any writer, io.Discard for one, to learn their digest.
func NewRowWriter(out io.Writer, columns []Column, key []string) (*RowWriter, error) {
	w := &RowWriter{sum: sha256.New(), columns: columns}
	w.out = bufio.NewWriterSize(io.MultiWriter(out, w.sum), 64<<10)
	for _, k := range key {
		at := slices.IndexFunc(columns, func(c Column) bool { return c.Name == k })
		if at < 0 {
			return nil, fmt.Errorf("column %q of the key is not among those written", k)
		}
		w.key = append(w.key, at)
	}
	names := make([]Cell, len(columns))
	for i, c := range columns {
		names[i].Text = c.Name
	}
	_, err := w.out.Write(appendRecord(nil, names))
	return w, err
}

// Write writes a row: a cell for each column. Rows come in the order of the octets of their keys' texts, no key twice. An error that is about
// the row names its column and repeats no value.
func (w *RowWriter) Write(cells []Cell, archived bool) (err error) {
	if err := checkCells(w.columns, cells); err != nil {
		return fmt.Errorf("row %d: %w", w.Rows+1, err)
	}
	if w.last, err = follow(w.last, cells, w.key); err != nil {
		return fmt.Errorf("row %d: %w", w.Rows+1, err)
	}
	w.record = appendRecord(w.record[:0], cells)
	if len(w.record) > maxRecord {
		return fmt.Errorf("row %d: %w", w.Rows+1, errLong)
	}
	w.Rows++
	if archived {
		w.Archived++
	}
	_, err = w.out.Write(w.record)
	return err
}

// Close ends the rows.
func (w *RowWriter) Close() error {
	if err := w.out.Flush(); err != nil || w.finish == nil {
		return err
	}
	return w.finish()
}

// Digest is that of all that was written, once closed.
func (w *RowWriter) Digest() string { return hex.EncodeToString(w.sum.Sum(nil)) }
