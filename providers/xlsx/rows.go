package xlsx

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

// rows streams one sheet. What it holds in memory grows with the texts that the workbook's cells
// share, and not with the rows.
type rows struct {
	ctx     context.Context
	options *options
	file    *os.File
	before  fs.FileInfo
	book    *book
	sheet   *sheet
	stream  *stream
	columns []column
	row     int  // the number of the row read last, from 1
	inRows  bool // within sheetData
	filled  int  // the last row that has values
	merged  []area
	// waiting is the first row of a sheet without a header and without declared columns.
	waiting []cell
	err     error // what Next returned and will return again
}

type column struct {
	filetable.Column
	// declared: a type is; else each cell has its own.
	declared bool
}

// cell is a cell that holds something.
type cell struct {
	column int // from 0
	value  value.Value
}

// area is a rectangle of cells; rows from 1, columns from 0, ends included.
type area struct{ top, left, bottom, right int }

var _ providers.Rows = (*rows)(nil)

// openRows takes the file over, also when it fails.
func openRows(ctx context.Context, file *os.File, o *options, shown, table, sheet string, kind func(column string) (value.Kind, bool, error)) (*rows, error) {
	r := &rows{ctx: ctx, options: o, file: file}
	if err := r.begin(shown, table, sheet, kind); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *rows) begin(shown, table, sheet string, kind func(column string) (value.Kind, bool, error)) error {
	var err error
	if r.before, err = r.file.Stat(); err != nil {
		return fmt.Errorf("%s: %w", shown, filetable.Bare(err))
	}
	if r.book, err = openBook(r.ctx, r.file, r.before.Size(), shown, defaultLimits()); err != nil {
		return err
	}
	if r.sheet, err = r.book.sheet(sheet); err != nil {
		return err
	}
	if r.stream, err = r.book.stream(r.sheet.part, r.book.limits.sheet); err != nil {
		return err
	}
	names := r.options.columns
	if names == nil {
		if names, err = r.names(); err != nil {
			return err
		}
	}
	for _, name := range names {
		k, declared, err := kind(name)
		if err != nil {
			return err
		}
		r.columns = append(r.columns, column{r.options.reading.Column(name, k), declared})
	}
	return r.options.types.Check(table, names)
}

// names reads the header, or counts the columns of the first row. Empty rows above are skipped.
func (r *rows) names() ([]string, error) {
	first, err := r.scan()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s, sheet %q is empty from row %d on, so its columns are not known", r.book.shown, r.sheet.name, r.options.firstRow)
	}
	if err != nil {
		return nil, err
	}
	width := first[len(first)-1].column + 1
	if width > filetable.MaxColumns {
		return nil, r.at(width-1, "at most %d columns are read", filetable.MaxColumns)
	}
	names := make([]string, width)
	if !r.options.header {
		for i := range names {
			names[i] = fmt.Sprintf("c%d", i+1)
		}
		r.waiting = first
		return names, nil
	}
	for _, c := range first {
		names[c.column] = c.value.Text()
	}
	// The names are not shown: where a header is missing they are the data of the first row.
	for i, name := range names {
		if name == "" {
			return nil, r.at(i, "the header has no name for this column (header = false where sheets have no header; first_row where it is further down)")
		}
		if j := slices.Index(names[:i], name); j >= 0 {
			return nil, r.at(i, "the header has the same name as in cell %s: each column needs a name of its own", reference(r.row, j))
		}
	}
	return names, nil
}

func (r *rows) Columns() []providers.Column {
	columns := make([]providers.Column, len(r.columns))
	for i, c := range r.columns {
		t := value.Type{Kind: value.Other}
		if c.declared {
			t.Kind = c.Kind
		}
		switch t.Kind {
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
	cells := r.waiting
	r.waiting = nil
	if cells == nil {
		var err error
		if cells, err = r.scan(); err != nil {
			return err
		}
	}
	clear(row)
	for _, c := range cells {
		if c.column >= len(r.columns) {
			return r.at(c.column, "it is beyond the table, which has %d columns", len(r.columns))
		}
		v, ok := r.typed(&r.columns[c.column], c.value)
		if !ok {
			return r.at(c.column, "column %q: expected %s", r.columns[c.column].Name, r.columns[c.column].Expected)
		}
		row[c.column] = v
	}
	return nil
}

// typed returns a cell's value as its column's type has it.
func (r *rows) typed(c *column, v value.Value) (value.Value, bool) {
	switch {
	case !c.declared || v.Kind() == c.Kind:
		return v, true
	case c.Read == nil:
		return value.OfText(v.Text()), true
	case v.Kind() == value.Text:
		return c.Read(v.Str())
	}
	fitted, err := value.Type{Kind: c.Kind, Fraction: 9}.Fit(v, nil)
	return fitted, err == nil
}

// scan returns the next row that holds something. It returns io.EOF only at the end of a whole sheet.
func (r *rows) scan() ([]cell, error) {
	for {
		token, err := r.stream.next()
		if errors.Is(err, io.EOF) {
			return nil, r.end()
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch {
			case t.Name.Local == "sheetData":
				r.inRows = true
			case t.Name.Local == "mergeCell":
				if err := r.merge(attribute(t, "ref")); err != nil {
					return nil, err
				}
			case t.Name.Local == "row" && r.inRows:
				cells, err := r.scanRow(t)
				if err != nil {
					return nil, err
				}
				if len(cells) > 0 && r.row >= r.options.firstRow {
					r.filled = r.row
					return cells, nil
				}
			}
		case xml.EndElement:
			if t.Name.Local == "sheetData" {
				r.inRows = false
			}
		}
	}
}

func (r *rows) scanRow(e xml.StartElement) ([]cell, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", r.book.shown, err)
	}
	number := r.row + 1
	if text := attribute(e, "r"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < number || n > maxRows {
			return nil, r.broken("its rows are not in order")
		}
		number = n
	}
	r.row = number
	var cells []cell
	next := 0
	for {
		token, err := r.stream.next()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.EndElement:
			return cells, nil // of the row: cells take theirs
		case xml.StartElement:
			if t.Name.Local != "c" {
				if err := r.skip(); err != nil {
					return nil, err
				}
				continue
			}
			if text := attribute(t, "r"); text != "" {
				row, column, ok := parseReference(text)
				if !ok || row != number || column < next {
					return nil, r.broken("its cells are not in order")
				}
				next = column
			}
			v, filled, err := r.scanCell(t, next)
			if err != nil {
				return nil, err
			}
			if filled {
				cells = append(cells, cell{next, v})
			}
			next++
		}
	}
}

// scanCell reads a cell up to its end. Of a formula it takes the value that was computed last. filled: it holds
// something, be it what stands for NULL.
func (r *rows) scanCell(e xml.StartElement, column int) (v value.Value, filled bool, err error) {
	var raw, inline string
	var formula, hasValue, hasInline bool
	for {
		token, err := r.stream.next()
		if err != nil {
			return value.Value{}, false, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				hasValue = true
				if raw, err = r.content(); err != nil {
					return value.Value{}, false, err
				}
			case "is":
				hasInline = true
				if inline, err = r.stream.text(); err != nil {
					return value.Value{}, false, err
				}
			default:
				formula = formula || t.Name.Local == "f"
				if err := r.skip(); err != nil {
					return value.Value{}, false, err
				}
			}
			continue
		case xml.EndElement:
		default:
			continue
		}
		if r.row < r.options.firstRow {
			return value.Value{}, false, nil // titles and remarks are not looked at
		}
		kind := attribute(e, "t")
		switch {
		case formula && !hasValue && !hasInline:
			return value.Value{}, false, r.at(column, "it holds a formula and not its value: open the workbook in a spreadsheet, which computes it, and save it")
		case hasInline && kind == "inlineStr":
			return r.text(inline), r.trimmed(inline) != "", nil
		case !hasValue || raw == "":
			return value.Value{}, false, nil
		}
		if v, filled, err = r.interpret(kind, raw, attribute(e, "s")); err != nil {
			return value.Value{}, false, r.at(column, "%w", err)
		}
		return v, filled, nil
	}
}

func (r *rows) skip() error {
	for depth := 1; depth > 0; {
		token, err := r.stream.next()
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// content returns the characters of an element that holds nothing else.
func (r *rows) content() (string, error) {
	var out strings.Builder
	for {
		token, err := r.stream.next()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			out.Write(t)
		case xml.StartElement:
			return "", r.broken("a value has elements")
		case xml.EndElement:
			return out.String(), nil
		}
	}
}

func (r *rows) trimmed(text string) string {
	if r.options.trim {
		return strings.TrimSpace(text)
	}
	return text
}

func (r *rows) text(text string) value.Value {
	if text = r.trimmed(text); text == "" || text == r.options.null {
		return value.Value{}
	}
	return value.OfText(text)
}

// interpret reads a cell's value by its type and, if it is a number, its style.
func (r *rows) interpret(kind, raw, style string) (v value.Value, filled bool, err error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(raw)
		if err != nil || i < 0 || i >= len(r.book.texts) {
			return value.Value{}, false, errors.New("it holds a text that the workbook does not have: the file is broken")
		}
		return r.text(r.book.texts[i]), r.trimmed(r.book.texts[i]) != "", nil
	case "str", "inlineStr":
		raw = unescape(raw)
		return r.text(raw), r.trimmed(raw) != "", nil
	case "b":
		if raw != "0" && raw != "1" {
			return value.Value{}, false, errors.New("it is neither true nor false: the file is broken")
		}
		return value.OfBool(raw == "1"), true, nil
	case "e":
		if !slices.Contains([]string{"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"}, raw) {
			raw = "of a kind that is not known"
		}
		return value.Value{}, false, fmt.Errorf("it holds the error %s: mend its formula", raw)
	case "d":
		v, err = isoDate(raw)
		return v, true, err
	case "", "n":
		c := plainNumber
		if style != "" {
			i, err := strconv.Atoi(style)
			if err != nil || i < 0 || i >= len(r.book.styles) && i > 0 {
				return value.Value{}, false, errors.New("it has a style that the workbook does not have: the file is broken")
			}
			if i < len(r.book.styles) {
				c = r.book.styles[i]
			}
		} else if len(r.book.styles) > 0 {
			c = r.book.styles[0]
		}
		v, err = number(strings.TrimSpace(raw), c, r.book.shift)
		return v, true, err
	default:
		return value.Value{}, false, errors.New("it is of a type that is not known")
	}
}

// merge notes cells that are one: all but the first of them only look as if they held something.
func (r *rows) merge(ref string) error {
	from, to, found := strings.Cut(ref, ":")
	if !found {
		return nil
	}
	top, left, ok := parseReference(from)
	bottom, right, ok2 := parseReference(to)
	if !ok || !ok2 {
		return r.broken("it has merged cells that are none")
	}
	r.merged = append(r.merged, area{top, left, bottom, right})
	return nil
}

// end returns io.EOF if the sheet is a table, and the file still the one that was opened.
func (r *rows) end() error {
	for _, a := range r.merged {
		if a.bottom >= r.options.firstRow && a.top <= r.filled && a.left < max(len(r.columns), 1) {
			return fmt.Errorf("%s, sheet %q: the cells %s to %s are merged, so that all but the first are empty: separate them, and fill each", r.book.shown, r.sheet.name, reference(a.top, a.left), reference(a.bottom, a.right))
		}
	}
	after, err := r.file.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", r.book.shown, filetable.Bare(err))
	}
	if !filetable.Same(r.before, after) {
		return filetable.Changed(r.book.shown)
	}
	return io.EOF
}

func (r *rows) at(column int, format string, args ...any) error {
	return fmt.Errorf("%s, sheet %q, cell %s: "+format, append([]any{r.book.shown, r.sheet.name, reference(r.row, column)}, args...)...)
}

func (r *rows) broken(what string) error {
	return fmt.Errorf("%s is broken: sheet %q: %s", r.book.shown, r.sheet.name, what)
}

func (r *rows) Close() error {
	if r.err == nil {
		r.err = fmt.Errorf("read %s: %w", r.book.shown, fs.ErrClosed)
	}
	return r.close()
}

func (r *rows) close() error {
	var err error
	if r.stream != nil {
		err = r.stream.Close()
		r.stream = nil
	}
	if closeErr := r.file.Close(); closeErr != nil && !errors.Is(closeErr, fs.ErrClosed) {
		err = errors.Join(err, filetable.Bare(closeErr))
	}
	return err
}

// reference names a cell as people do: B7.
func reference(row, column int) string {
	var letters []byte
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		letters = append([]byte{byte('A' + (n-1)%26)}, letters...)
	}
	return string(letters) + strconv.Itoa(row)
}

// parseReference reads such a name; the column counts from 0.
func parseReference(text string) (row, column int, ok bool) {
	text = strings.ReplaceAll(text, "$", "")
	i := 0
	for ; i < len(text) && text[i] >= 'A' && text[i] <= 'Z' && i < 4; i++ {
		column = column*26 + int(text[i]-'A') + 1
	}
	row, err := strconv.Atoi(text[i:])
	return row, column - 1, err == nil && i > 0 && row > 0 && row <= maxRows && column <= 1<<15
}
