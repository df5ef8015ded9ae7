package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"
)

// Reader reads the rows of a sync, verifying them again on the way: the file may have been changed since it was opened.
type Reader struct {
	sync    *Sync
	file    string // as messages name it
	entry   *entryReader
	scanner *scanner
	cells   []Cell
	key     []int // the key's columns
	last    []string
	rows    int64
	failed  error
}

// Rows opens the rows of one of the faculty's syncs. Several may be open at a time, and be read by a goroutine each.
func (b *Bundle) Rows(f *Faculty, s *Sync) (*Reader, error) {
	i := slices.IndexFunc(f.Syncs, func(one Sync) bool { return one.Address == s.Address })
	if i < 0 {
		return nil, fmt.Errorf("the bundle's faculty %q has no %s", f.IDExport, s.Address)
	}
	name := syncEntry(f.number, i+1)
	e, err := b.archive.open(name)
	if err != nil {
		return nil, err
	}
	r := &Reader{sync: &f.Syncs[i], file: b.archive.shown(name), entry: e, scanner: newScanner(e, len(f.Syncs[i].Columns))}
	at := make(map[string]int, len(s.Columns))
	for i, c := range s.Columns {
		at[c.Name] = i
	}
	for _, k := range s.Key {
		r.key = append(r.key, at[k])
	}
	if err := r.header(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close gives back what the reader holds.
func (r *Reader) Close() error { return r.entry.Close() }

func (r *Reader) header() error {
	cells, err := r.read()
	if errors.Is(err, io.EOF) {
		return faulty(r.file, 0, "it is empty, expected the names of the columns: the file was cut off")
	}
	if err != nil {
		return err
	}
	if !slices.EqualFunc(cells, r.sync.Columns, func(c Cell, column Column) bool { return !c.Null && c.Text == column.Name }) {
		return faulty(r.file, 1, "the names of its columns are not those that %s lists for %s (%s)", documentName, r.sync.Address, strings.Join(columnNames(r.sync.Columns), ", "))
	}
	return nil
}

func columnNames(columns []Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

func (r *Reader) read() ([]Cell, error) {
	cells, err := r.scanner.read(r.cells)
	if err != nil {
		if _, ok := errors.AsType[*FormatError](err); ok || errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, faulty(r.file, r.scanner.line, "%s", err)
	}
	r.cells = cells
	return cells, nil
}

// Next returns the cells of the next row, in the order of the sync's columns, until it is called again; io.EOF behind
// the last row, once all of them were found to be those that were exported. Errors are *FormatError.
func (r *Reader) Next() ([]Cell, error) {
	if r.failed != nil {
		return nil, r.failed
	}
	cells, err := r.next()
	r.failed = err
	return cells, err
}

func (r *Reader) next() ([]Cell, error) {
	cells, err := r.read()
	if errors.Is(err, io.EOF) {
		if r.rows != r.sync.Rows {
			return nil, faulty(r.file, 0, "it has %d rows, and %s says %d: the bundle was changed; export again", r.rows, documentName, r.sync.Rows)
		}
		return nil, io.EOF
	}
	if err != nil {
		return nil, err
	}
	if len(cells) != len(r.sync.Columns) {
		return nil, faulty(r.file, r.scanner.line, "the record has %d fields, expected %d: %s", len(cells), len(r.sync.Columns), strings.Join(columnNames(r.sync.Columns), ", "))
	}
	if err := checkCells(r.sync.Columns, cells); err != nil {
		return nil, faulty(r.file, r.scanner.line, "%s", err)
	}
	if r.last, err = follow(r.last, cells, r.key); err != nil {
		return nil, faulty(r.file, r.scanner.line, "%s", err)
	}
	r.rows++
	return cells, nil
}

// checkCells refuses what no database of the columns' types could hold.
func checkCells(columns []Column, cells []Cell) error {
	for i, c := range columns {
		if _, err := valueOf(c.Kind, cells[i]); err != nil {
			return fmt.Errorf("column %q: %w", c.Name, err)
		}
	}
	return nil
}

// The rows are in the order of their keys.
var (
	errNullKey  = errors.New("its key is NULL")
	errSameKey  = errors.New("it has the key of the row before")
	errOutOrder = errors.New("it is out of order: rows are sorted by the octets of their keys")
)

// follow returns the key of a row that comes behind the one of the last key, nil for the first, whose memory it takes.
func follow(last []string, cells []Cell, key []int) ([]string, error) {
	order := 0
	for i, at := range key {
		if cells[at].Null {
			return nil, errNullKey
		}
		if last != nil && order == 0 {
			order = strings.Compare(last[i], cells[at].Text)
		}
	}
	switch {
	case last == nil:
		last = make([]string, len(key))
	case order == 0:
		return nil, errSameKey
	case order > 0:
		return nil, errOutOrder
	}
	for i, at := range key {
		last[i] = cells[at].Text
	}
	return last, nil
}

// entryReader reads a file of the ZIP, no further than it is said to be long, and knows at its end that it is what was
// described.
type entryReader struct {
	in   io.ReadCloser
	file string
	want entry
	left int64
	sum  hash.Hash
}

// Read implements io.Reader. Its errors but for io.EOF are *FormatError.
func (r *entryReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		var more [1]byte
		n, err := io.ReadFull(r.in, more[:])
		switch {
		case n > 0:
			return 0, faulty(r.file, 0, "it is longer than the %d octets that %s says: the bundle was changed; export again", r.want.Octets, documentName)
		case !errors.Is(err, io.EOF):
			return 0, faulty(r.file, 0, "it cannot be read to its end (%s): the bundle was changed, or cut off; copy it again", bare(err))
		case hex.EncodeToString(r.sum.Sum(nil)) != r.want.SHA256:
			return 0, faulty(r.file, 0, "its SHA-256 is not the one that %s says: the bundle was changed; export again", documentName)
		}
		return 0, io.EOF
	}
	n, err := r.in.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	r.sum.Write(p[:n])
	if err == nil || errors.Is(err, io.EOF) && r.left == 0 {
		return n, nil
	}
	return n, faulty(r.file, 0, "it ends %d octets before its end, or cannot be decompressed (%s): the bundle was changed, or cut off; copy it again", r.left, bare(err))
}

// Close implements io.Closer.
func (r *entryReader) Close() error { return r.in.Close() }

func newEntryReader(in io.ReadCloser, file string, want entry) *entryReader {
	return &entryReader{in: in, file: file, want: want, left: want.Octets, sum: sha256.New()}
}

// Plans visits the applied plans of the faculty's history, the first applied first. An error of visit ends it.
func (b *Bundle) Plans(f *Faculty, visit func(*HistoryPlan) error) error {
	return readHistory(b, f, "plans", (*HistoryPlan).check, visit)
}

// Operations visits the operations of the plans, by plan and sequence.
func (b *Bundle) Operations(f *Faculty, visit func(*HistoryOperation) error) error {
	return readHistory(b, f, "operations", (*HistoryOperation).check, visit)
}

// Findings visits the findings of the plans, by plan and sequence.
func (b *Bundle) Findings(f *Faculty, visit func(*HistoryFinding) error) error {
	return readHistory(b, f, "findings", (*HistoryFinding).check, visit)
}

func readHistory[T any](b *Bundle, f *Faculty, what string, check func(*T) error, visit func(*T) error) (err error) {
	if f.History == nil {
		return nil
	}
	name := historyEntry(f.number, what)
	e, err := b.archive.open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	lines := newLines(e)
	var n int64
	for ; ; n++ {
		text, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if _, ok := errors.AsType[*FormatError](err); ok {
			return err
		}
		var one T
		if err == nil {
			err = decodeStrictly(text, &one)
		}
		if err == nil {
			err = check(&one)
		}
		if err != nil {
			return faulty(b.archive.shown(name), int(n)+1, "%s", err)
		}
		if err := visit(&one); err != nil {
			return err
		}
	}
	if n != e.want.Records {
		return faulty(b.archive.shown(name), 0, "it has %d lines, and %s says %d: the bundle was changed; export again", n, documentName, e.want.Records)
	}
	return nil
}

// timeRange is from the first to the last of some times.
type timeRange struct{ from, to time.Time }

func (r *timeRange) add(t time.Time) {
	if r.from.IsZero() || t.Before(r.from) {
		r.from = t
	}
	if t.After(r.to) {
		r.to = t
	}
}
