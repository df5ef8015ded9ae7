package bundle

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/internal/value"
)

// Cell is a canonical text, or NULL.
type Cell struct {
	Text string // "" where Null
	Null bool
}

// maxRecord bounds a record, in octets: a row is held in memory while it is read.
const maxRecord = 256 << 20

// The CSV files are as RFC 4180 says: commas, quotes that are doubled, records that end with CR LF, the first of which
// holds names. There is one spelling of each record, so that equal rows are equal octets: NULL is nothing, the empty text is "",
// and else only what holds a comma, a quote or the end of a line is quoted.

// appendRecord appends a record.
func appendRecord(dst []byte, cells []Cell) []byte {
	for i, c := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		switch {
		case c.Null:
		case c.Text == "" || strings.ContainsAny(c.Text, "\",\r\n"):
			dst = append(dst, '"')
			dst = append(dst, strings.ReplaceAll(c.Text, `"`, `""`)...)
			dst = append(dst, '"')
		default:
			dst = append(dst, c.Text...)
		}
	}
	return append(dst, '\r', '\n')
}

// scanner reads records.
type scanner struct {
	in   *bufio.Reader
	most int // cells of a record; 0 for as many as there are
	line int // of the record's beginning, from 1
	next int
	buf  []byte
}

func newScanner(r io.Reader, most int) *scanner {
	return &scanner{in: bufio.NewReaderSize(r, 64<<10), most: most, next: 1}
}

// The mistakes of records; none repeats what it holds.
var (
	errShort    = errors.New("the file ends within a record: it was cut off")
	errLong     = fmt.Errorf("a record has more than %d MiB", maxRecord>>20)
	errQuote    = errors.New("a quote stands within a field, or a field goes on behind its quotes")
	errNeedless = errors.New("a field stands in quotes without need: the file was written by another program")
	errEnd      = errors.New("a record does not end with CR LF: the file was written by another program")
	errUTF8     = errors.New("it is not UTF-8")
)

// read returns the cells of the next record, which the next read overwrites, or io.EOF behind the last. The texts stay.
func (s *scanner) read(cells []Cell) ([]Cell, error) {
	s.line, cells, s.buf = s.next, cells[:0], s.buf[:0]
	if _, err := s.in.Peek(1); err != nil {
		return nil, err // io.EOF, too
	}
	for {
		c, end, err := s.field()
		if errors.Is(err, io.EOF) {
			err = errShort
		}
		if err != nil {
			return nil, err
		}
		cells = append(cells, c)
		if end {
			return cells, nil
		}
		if len(cells) == s.most {
			return nil, fmt.Errorf("the record has more than %d fields, one for each column: the file was written by another program", s.most)
		}
	}
}

// field reads a cell and what ends it: a comma, or the end of the record.
func (s *scanner) field() (c Cell, end bool, err error) {
	from := len(s.buf)
	b, err := s.octet()
	if err != nil {
		return c, false, err
	}
	quoted := b == '"'
	if quoted {
		if b, err = s.quoted(); err != nil {
			return c, false, err
		}
	} else {
		for ; b != ',' && b != '\r' && b != '\n'; b, err = s.octet() {
			if err != nil {
				return c, false, err
			}
			if b == '"' {
				return c, false, errQuote
			}
			s.buf = append(s.buf, b)
		}
		if err != nil {
			return c, false, err
		}
	}
	text := s.buf[from:]
	if !utf8.Valid(text) {
		return c, false, errUTF8
	}
	c = Cell{Text: string(text), Null: !quoted && len(text) == 0}
	if quoted && c.Text != "" && !strings.ContainsAny(c.Text, "\",\r\n") {
		return c, false, errNeedless
	}
	switch b {
	case ',':
		return c, false, nil
	case '\r':
		if b, err = s.octet(); err != nil {
			return c, false, err
		}
		if b == '\n' {
			return c, true, nil
		}
	}
	return c, false, errEnd
}

// quoted reads up to the closing quote, and returns what follows it.
func (s *scanner) quoted() (byte, error) {
	for {
		b, err := s.octet()
		if err != nil {
			return 0, err
		}
		if b == '"' {
			if b, err = s.octet(); err != nil {
				return 0, err
			}
			switch b {
			case '"':
			case ',', '\r', '\n':
				return b, nil
			default:
				return 0, errQuote
			}
		}
		s.buf = append(s.buf, b)
	}
}

func (s *scanner) octet() (byte, error) {
	if len(s.buf) > maxRecord {
		return 0, errLong
	}
	b, err := s.in.ReadByte()
	if b == '\n' {
		s.next++
	}
	return b, err
}

// maxNumber bounds what is computed with before it is accepted, in octets: more than the longest number of any engine.
const maxNumber = 200_000

// long reports whether values of that kind may be of any length.
func long(k value.Kind) bool {
	return k == value.Bytes || k == value.JSON || k == value.Other
}

// typeOf is the type of what a column of that kind carries.
func typeOf(k value.Kind) value.Type { return value.Type{Kind: k, Fraction: 9} }

// valueOf returns the value of that canonical text. Any other spelling of it is an error, which does not repeat it.
func valueOf(k value.Kind, c Cell) (value.Value, error) {
	if c.Null {
		return value.Value{}, nil
	}
	v := value.OfText(c.Text)
	typ := typeOf(k)
	if typ.Holds(&v) { // texts
		return v, nil
	}
	if len(c.Text) > maxNumber && !long(k) {
		return v, fmt.Errorf("the %s has more than %d octets", k, maxNumber)
	}
	v, err := typ.Fit(v, nil)
	if err != nil {
		return v, fmt.Errorf("the value %w", err)
	}
	if v.Text() != c.Text {
		return v, fmt.Errorf("the %s is not spelt as registrar spells it", k)
	}
	return v, nil
}
