package csv

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

var _ filetable.Exporter = (*Provider)(nil)

// FormatSpec implements filetable.Exporter.
func (*Provider) FormatSpec() hcldec.ObjectSpec {
	spec := sharedSpec()
	spec["line_end"] = filetable.Text("line_end", false, checkLineEnd)
	spec["bom"] = filetable.Bool("bom")
	spec["guard_formulas"] = filetable.Bool("guard_formulas")
	return spec
}

// Format implements filetable.Exporter.
func (*Provider) Format(a providers.Attributes) (filetable.Format, error) {
	shared := providers.Attributes{}
	f := &format{lineEnd: "\r\n", bom: a.Bool("bom", false), guard: a.Bool("guard_formulas", false)}
	for name := range sharedSpec() {
		shared[name] = a[name]
	}
	shared["directory"] = "." // is not the format's concern
	lineEnd := a.StringOr("line_end", "crlf")
	if err := checkLineEnd(lineEnd); err != nil {
		return nil, filetable.Named("line_end", err)
	}
	if lineEnd == "lf" {
		f.lineEnd = "\n"
	}
	var err error
	if f.options, err = newOptions(shared); err != nil {
		return nil, err
	}
	charset := f.options.charset
	switch {
	case f.bom && charset.single != nil:
		return nil, fmt.Errorf("bom: %s has no byte order mark", charset.name)
	case charset.utf16 && charset.order == nil:
		f.bom = true // without it nobody could tell
	}
	if null, err := f.encode(f.options.null); err != nil {
		return nil, filetable.Named("null", err)
	} else if bytes.ContainsAny(null, "\r\n") || bytes.Contains(null, f.options.delimiter) || f.options.quote != 0 && bytes.IndexByte(null, f.options.quote) >= 0 {
		return nil, fmt.Errorf("null: %q holds the delimiter, the quote or a line end, and is written without quotes", f.options.null)
	}
	described := map[string]any{"line_end": lineEnd, "bom": f.bom, "guard_formulas": f.guard}
	for name := range sharedSpec() {
		if a[name] != nil {
			described[name] = a[name]
		}
	}
	text, err := json.Marshal(described)
	if err != nil {
		return nil, err
	}
	f.description = string(text)
	return f, nil
}

func checkLineEnd(text string) error {
	if text != "crlf" && text != "lf" {
		return fmt.Errorf(`%q is not a line end: it is "crlf" or "lf"`, text)
	}
	return nil
}

// format writes files that a source with the same attributes reads as they were.
type format struct {
	options     *options
	lineEnd     string
	bom         bool
	guard       bool // spreadsheets take no text for a formula
	description string
}

func (f *format) Extension() string { return f.options.extension }

func (f *format) Description() string { return f.description }

func (f *format) Kind(table, column string) (value.Kind, error) {
	return f.options.kindOf(table, column)
}

func (f *format) Fraction(kind value.Kind) int { return f.options.reading.Fraction(kind) }

// Fit implements filetable.Format. An empty text is NULL where a file shows no difference.
func (f *format) Fit(kind value.Kind, v value.Value) (value.Value, error) {
	o := f.options
	if v.Kind() == value.Text && v.Str() == "" && o.quote == 0 && !o.hasNull {
		v = value.Value{}
	}
	_, err := f.append(nil, kind, v, false)
	return v, err
}

// Guard implements filetable.Format.
func (f *format) Guard(v value.Value) value.Value {
	if v.Kind() == value.Text && f.guard {
		return value.OfText(guarded(v.Str()))
	}
	return v
}

func (f *format) Charset() string { return f.options.charset.name + ", as declared" }

// guarded puts an apostrophe before what a spreadsheet would compute, unless it is a number.
func guarded(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return text
	}
	if _, err := value.ParseDecimal(text); err == nil {
		return text
	}
	return "'" + text
}

// append writes a field in UTF-8 or the single-byte encoding. first: it begins the file.
func (f *format) append(dst []byte, kind value.Kind, v value.Value, first bool) ([]byte, error) {
	o := f.options
	if v.IsNull() {
		raw, err := f.encode(o.null)
		return append(dst, raw...), err
	}
	text := v.Str()
	if kind != value.Text {
		var err error
		if text, err = o.reading.Write(kind, v); err != nil {
			return nil, err
		}
	}
	raw, err := f.encode(text)
	switch {
	case err != nil:
		return nil, err
	case len(raw) > maxField:
		return nil, fmt.Errorf("is longer than %s", size(maxField))
	case bytes.IndexByte(raw, 0) >= 0:
		return nil, errors.New("contains a NUL character")
	}
	// A file's first bytes could be taken for a byte order mark.
	quoted := bytes.ContainsAny(raw, "\r\n") || bytes.Contains(raw, o.delimiter) || len(raw) == 0 && !o.hasNull || o.hasNull && text == o.null ||
		o.quote != 0 && bytes.IndexByte(raw, o.quote) >= 0 || first && len(raw) > 0 && raw[0] >= utf8.RuneSelf
	switch {
	case !quoted:
		return append(dst, raw...), nil
	case o.quote == 0 && first && !bytes.ContainsAny(raw, "\r\n") && !bytes.Contains(raw, o.delimiter) && !startsLikeBOM(raw):
		return append(dst, raw...), nil
	case o.quote == 0:
		return nil, errors.New(`holds the delimiter, a line end, or what stands for NULL, and quote = "" leaves no way to write that`)
	}
	dst = append(dst, o.quote)
	dst = append(dst, bytes.ReplaceAll(raw, []byte{o.quote}, []byte{o.quote, o.quote})...)
	return append(dst, o.quote), nil
}

func startsLikeBOM(raw []byte) bool {
	for _, b := range boms() {
		if bytes.HasPrefix(raw, []byte(b.mark)) {
			return true
		}
	}
	return false
}

// encode returns a text as the scanner sees it.
func (f *format) encode(text string) ([]byte, error) {
	charset := f.options.charset
	if !utf8.ValidString(text) {
		return nil, errors.New("is not valid UTF-8")
	}
	if charset.single == nil {
		return []byte(text), nil
	}
	raw := make([]byte, 0, len(text))
	for _, r := range text {
		b, ok := charset.single.EncodeRune(r)
		// An encoder may take a character that its decoder gives back as another.
		if !ok || charset.single.DecodeByte(b) != r {
			return nil, fmt.Errorf("holds a character that %s does not have: choose another encoding, such as utf-8, or replace the character in the mapping", charset.name)
		}
		raw = append(raw, b)
	}
	return raw, nil
}

// Write implements filetable.Format.
func (f *format) Write(ctx context.Context, w io.Writer, _ string, columns []providers.Column, next func(row []value.Value) error) error {
	out := bufio.NewWriterSize(w, 64<<10)
	put := func(line []byte) error {
		if f.options.charset.utf16 {
			line = f.utf16(line)
		}
		_, err := out.Write(line)
		return err
	}
	if f.bom {
		if err := put([]byte("\uFEFF")); err != nil {
			return err
		}
	}
	var line []byte
	if f.options.header {
		for i, c := range columns {
			var err error
			if i > 0 {
				line = append(line, f.options.delimiter...)
			}
			if line, err = f.name(line, c.Name, i == 0 && !f.bom); err != nil {
				return fmt.Errorf("the name of column %q: %w", c.Name, err)
			}
		}
		if err := put(append(line, f.lineEnd...)); err != nil {
			return err
		}
	}
	row := make([]value.Value, len(columns))
	for first := !f.options.header && !f.bom; ; first = false {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := next(row)
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err != nil {
			return err
		}
		line = line[:0]
		for i, c := range columns {
			if i > 0 {
				line = append(line, f.options.delimiter...)
			}
			if line, err = f.append(line, c.Type.Kind, row[i], first && i == 0); err != nil {
				return fmt.Errorf("column %q: a value %w", c.Name, err)
			}
		}
		if len(line) > maxRow {
			return fmt.Errorf("a row is longer than %s", size(maxRow))
		}
		if err := put(append(line, f.lineEnd...)); err != nil {
			return err
		}
	}
}

// name writes a field of the header, in which nothing stands for NULL.
func (f *format) name(dst []byte, name string, first bool) ([]byte, error) {
	plain := *f.options
	plain.null, plain.hasNull = "", false
	g := *f
	g.options = &plain
	return g.append(dst, value.Text, value.OfText(name), first)
}

func (f *format) utf16(line []byte) []byte {
	order := binary.AppendByteOrder(binary.LittleEndian)
	if f.options.charset.order == binary.BigEndian {
		order = binary.BigEndian
	}
	out := make([]byte, 0, 2*len(line))
	for _, r := range string(line) {
		if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
			out = order.AppendUint16(order.AppendUint16(out, uint16(high)), uint16(low))
			continue
		}
		out = order.AppendUint16(out, uint16(r))
	}
	return out
}

// Read implements filetable.Format.
func (f *format) Read(ctx context.Context, file *os.File, shown, table string, kind func(column string) (value.Kind, error), expected []string) (providers.Rows, error) {
	o := *f.options
	o.types = nil // kind knows them, and a file may lack some of the columns
	if !o.header {
		o.columns = expected
	}
	r, err := openFile(ctx, file, &o, shown, table, kind)
	if err != nil {
		return nil, err
	}
	return r, nil
}
