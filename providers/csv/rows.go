package csv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

// rows streams one file. What it holds in memory does not grow with the file.
type rows struct {
	ctx     context.Context
	options *options
	kind    func(column string) (value.Kind, error)
	path    string // as messages show it: the directory as written, and the file
	file    *os.File
	before  fs.FileInfo
	counter *filetable.Counter
	scanner *scanner
	columns []filetable.Column
	// waiting: the scanner holds the first row already, from which a file
	// without a header and without declared columns gets its columns.
	waiting bool
	decoded []byte // a row's text where it is not what the file holds
	err     error  // what Next returned and will return again
}

var _ providers.Rows = (*rows)(nil)

// begin reads up to the first row and settles the columns.
func (r *rows) begin(table string) error {
	var err error
	if r.before, err = r.file.Stat(); err != nil {
		return fmt.Errorf("%s: %w", r.path, filetable.Bare(err))
	}
	r.counter = &filetable.Counter{Src: r.file}
	o := r.options
	src, err := o.charset.reader(r.counter)
	if err != nil {
		return fmt.Errorf("%s: %w", r.path, filetable.Bare(err))
	}
	r.scanner = newScanner(src, o.delimiter, o.quote, o.comment, o.trim)
	names := o.columns
	switch {
	case o.header:
		names, err = r.header()
	case names == nil:
		names, err = r.number()
	}
	if err != nil {
		return err
	}
	r.columns = make([]filetable.Column, len(names))
	for i, name := range names {
		kind, err := r.kind(name)
		if err != nil {
			return err
		}
		r.columns[i] = o.reading.Column(name, kind)
	}
	if err := o.types.Check(table, names); err != nil {
		return err
	}
	r.scanner.keep = len(names)
	return nil
}

// header reads the names of the columns. Empty lines above them are skipped: no
// header is one.
func (r *rows) header() ([]string, error) {
	for {
		if err := r.scan(); errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s is empty: a header with the names of the columns was expected (header = false where files have none)", r.path)
		} else if err != nil {
			return nil, err
		}
		if !r.scanner.isBlank() {
			break
		}
	}
	s := r.scanner
	if s.count > filetable.MaxColumns {
		return nil, r.at(s.rowStarts, "the header has %d columns; at most %d are read", s.count, filetable.MaxColumns)
	}
	text, fields, err := r.text()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		name := text[f.start:f.end]
		if r.options.trim {
			name = strings.TrimSpace(name)
		}
		// The names are not shown: where a header is missing they are the data of
		// the first row.
		if name == "" {
			return nil, r.at(f.line, "the header's field %d is empty: each column needs a name (header = false where files have no header)", i+1)
		}
		if j := slices.Index(names[:i], name); j >= 0 {
			return nil, r.at(f.line, "the header's fields %d and %d are the same: each column needs a name of its own (header = false where files have no header)", j+1, i+1)
		}
		names[i] = name
	}
	return names, nil
}

// number names the columns of a file that does not: c1, c2, ….
func (r *rows) number() ([]string, error) {
	if err := r.scan(); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s is empty, so its columns are not known: name them with columns", r.path)
	} else if err != nil {
		return nil, err
	}
	s := r.scanner
	if s.isBlank() {
		return nil, r.at(s.rowStarts, "the first line is empty, so the columns are not known: name them with columns")
	}
	if s.count > filetable.MaxColumns {
		return nil, r.at(s.rowStarts, "the first row has %d fields; at most %d are read", s.count, filetable.MaxColumns)
	}
	names := make([]string, s.count)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i+1)
	}
	r.waiting = true
	return names, nil
}

func (r *rows) Columns() []providers.Column {
	columns := make([]providers.Column, len(r.columns))
	for i, c := range r.columns {
		t := value.Type{Kind: c.Kind}
		switch c.Kind {
		case value.Time, value.DateTime, value.Instant:
			t.Fraction = 9
		}
		columns[i] = providers.Column{Name: c.Name, Type: t}
	}
	return columns
}

func (r *rows) Next(row []value.Value) error {
	if r.err == nil {
		r.err = r.read(row)
	}
	return r.err
}

func (r *rows) read(row []value.Value) error {
	for {
		if err := r.ctx.Err(); err != nil {
			return fmt.Errorf("read %s: %w", r.path, err)
		}
		if r.waiting {
			r.waiting = false
		} else if err := r.scan(); errors.Is(err, io.EOF) {
			return r.end()
		} else if err != nil {
			return err
		}
		// In a file of one column an empty line is a row whose field is empty.
		if !r.scanner.isBlank() || len(r.columns) == 1 {
			break
		}
	}
	if err := r.checkLength(); err != nil {
		return err
	}
	text, fields, err := r.text()
	if err != nil {
		return err
	}
	for i, f := range fields {
		v, ok := r.value(&r.columns[i], text[f.start:f.end], f.quoted)
		if !ok {
			return r.at(f.line, "column %q: expected %s", r.columns[i].Name, r.columns[i].Expected)
		}
		row[i] = v
	}
	return nil
}

// value reads one field. A field that a type other than text cannot hold is
// refused, but for one: an empty field is NULL there even if quoted, since
// exports that quote everything have no other way to write it.
func (r *rows) value(c *filetable.Column, text string, quoted bool) (value.Value, bool) {
	o := r.options
	if o.trim {
		text = strings.TrimSpace(text)
	}
	switch {
	case o.hasNull && !quoted && text == o.null:
		return value.Value{}, true
	case !o.hasNull && text == "" && (!quoted || c.Read != nil):
		return value.Value{}, true
	case c.Read == nil:
		return value.OfText(text), true
	}
	return c.Read(text)
}

// text returns the row's text as one string, of which its values are parts, and
// where in it the fields stand.
func (r *rows) text() (string, []field, error) {
	raw, fields := r.scanner.row(), r.scanner.fields
	charset := r.options.charset
	if charset.isPlain(raw) {
		return string(raw), fields, nil
	}
	r.decoded = r.decoded[:0]
	for i := range fields {
		f := &fields[i]
		start := len(r.decoded)
		var err error
		if r.decoded, err = charset.decode(r.decoded, raw[f.start:f.end]); err != nil {
			return "", nil, r.at(f.line, "%s: %w", r.place(i), err)
		}
		f.start, f.end = start, len(r.decoded)
	}
	return string(r.decoded), fields, nil
}

func (r *rows) checkLength() error {
	got, want := r.scanner.count, len(r.columns)
	switch {
	case got < want:
		var names []string
		for _, c := range r.columns[got:] {
			names = append(names, c.Name)
		}
		return r.at(r.scanner.rowStarts, "the row has %s, %d were expected: missing are %s", plural(got), want, suggest.List(names, 10))
	case got > want:
		return r.at(r.scanner.rowStarts, "the row has %s, %d were expected: is a delimiter inside a field that is not quoted?", plural(got), want)
	}
	return nil
}

// scan reads a row. Faults get the file's name, and their column's.
func (r *rows) scan() error {
	err := r.scanner.next()
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return r.explain(err)
}

func (r *rows) explain(err error) error {
	var fault *faultError
	switch {
	case !errors.As(err, &fault):
		return fmt.Errorf("read %s: %w", r.path, filetable.Bare(err))
	case fault.field < 0:
		return r.at(fault.line, "%s", fault.text)
	}
	return r.at(fault.line, "%s: %s", r.place(fault.field), fault.text)
}

// place names the column of a field, or its number before the names are known.
func (r *rows) place(i int) string {
	if i < len(r.columns) {
		return fmt.Sprintf("column %q", r.columns[i].Name)
	}
	return fmt.Sprintf("field %d", i+1)
}

// end returns io.EOF if the file is still the one that was opened: an export
// that is rewritten in place would be read as a mixture of two.
func (r *rows) end() error {
	after, err := r.file.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", r.path, filetable.Bare(err))
	}
	if !filetable.Same(r.before, after) || r.counter.N != after.Size() {
		return filetable.Changed(r.path)
	}
	return io.EOF
}

func (r *rows) at(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: "+format, append([]any{r.path, line}, args...)...)
}

func (r *rows) Close() error {
	if r.err == nil {
		r.err = fmt.Errorf("read %s: %w", r.path, fs.ErrClosed)
	}
	if err := r.file.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return fmt.Errorf("close %s: %w", r.path, filetable.Bare(err))
	}
	return nil
}

func plural(fields int) string {
	if fields == 1 {
		return "1 field"
	}
	return fmt.Sprintf("%d fields", fields)
}
