package csv

import (
	"bytes"
	"fmt"
	"io"

	"github.com/registrar-sync/registrar/providers/filetable"
)

// The bounds of what a row may hold. They keep an unclosed quote from reading
// the whole file into memory.
const (
	maxField = 16 << 20 // bytes
	maxRow   = 64 << 20 // bytes
)

// scanner cuts a stream of bytes into rows and fields, by RFC 4180.
//
// It exists because encoding/csv does not tell whether a field was quoted, which
// decides between NULL and empty text; it also skips empty lines of one-column
// files, rewrites CRLF inside fields and drops carriage returns. Like that package
// it keeps a field's bytes only until the next row is read.
//
// Rows end in LF, in CRLF, or in a lone CR where the first line does.
type scanner struct {
	src       io.Reader
	delimiter []byte
	quote     byte // 0: none
	comment   byte // 0: none
	blanks    bool // blanks around a quoted field are allowed
	special   [256]bool

	// buf[start:end] is the current row so far and what was read behind it; pos
	// counts from start, so that it stays right when the row is moved.
	buf             []byte
	start, pos, end int
	ended           bool // src has no more

	line      int // of the byte at pos, from 1
	lineEnds  bool
	lonelyCR  bool // a CR alone ends a row
	fields    []field
	count     int // the row's fields, those beyond keep included
	keep      int // how many fields are worth keeping
	maxField  int
	maxRow    int
	rowStarts int // the line
}

// field is a part of a row, counted from the row's first byte.
type field struct {
	start, end int
	line       int // where it begins
	quoted     bool
}

// faultError is what is wrong with a row. It never holds text of the file.
type faultError struct {
	line  int
	field int // from 0; -1: the row as a whole
	text  string
}

func (e *faultError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

func newScanner(src io.Reader, delimiter []byte, quote, comment byte, blanks bool) *scanner {
	s := &scanner{
		src: src, delimiter: delimiter, quote: quote, comment: comment, blanks: blanks,
		buf: make([]byte, 256<<10), line: 1, keep: filetable.MaxColumns, maxField: maxField, maxRow: maxRow,
	}
	s.special['\n'], s.special['\r'], s.special[delimiter[0]] = true, true, true
	if quote != 0 {
		s.special[quote] = true
	}
	return s
}

// next scans a row into fields. It returns io.EOF only when src did, between
// two rows.
func (s *scanner) next() error {
	for {
		s.start += s.pos
		s.pos, s.count, s.fields, s.rowStarts = 0, 0, s.fields[:0], s.line
		if ok, err := s.have(1); err != nil {
			return err
		} else if !ok {
			return io.EOF
		}
		if s.comment != 0 && s.at(0) == s.comment {
			if err := s.skipLine(); err != nil {
				return err
			}
			continue
		}
		for {
			if last, err := s.field(); err != nil || last {
				return err
			}
		}
	}
}

// row is the current row's bytes, which fields index. They last until next.
func (s *scanner) row() []byte { return s.buf[s.start : s.start+s.pos] }

// isBlank reports whether the row is an empty line.
func (s *scanner) isBlank() bool {
	return s.count == 1 && !s.fields[0].quoted && s.fields[0].start == s.fields[0].end
}

func (s *scanner) at(offset int) byte { return s.buf[s.start+s.pos+offset] }

// have reads on until n bytes are at hand from pos on; false where src ends before.
func (s *scanner) have(n int) (bool, error) {
	for s.end-s.start-s.pos < n {
		if s.ended {
			return false, nil
		}
		if err := s.fill(); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (s *scanner) fill() error {
	if s.start > 0 {
		copy(s.buf, s.buf[s.start:s.end])
		s.start, s.end = 0, s.end-s.start
	}
	if s.end == len(s.buf) {
		if s.end >= s.maxRow {
			return &faultError{s.rowStarts, -1, fmt.Sprintf("the row is longer than %s", size(s.maxRow))}
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.src.Read(s.buf[s.end:])
		s.end += n
		if err == io.EOF {
			s.ended = true
			return nil
		}
		if err != nil {
			return err
		}
		if n > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}

// field scans one field and what ends it. last: that was the end of the row.
func (s *scanner) field() (last bool, err error) {
	begin, line := s.pos, s.line
	if s.blanks {
		if err := s.skipBlanks(); err != nil {
			return false, err
		}
	}
	ok, err := s.have(1)
	if err != nil {
		return false, err
	}
	if ok && s.quote != 0 && s.at(0) == s.quote {
		return s.quotedField()
	}
	for {
		row := s.buf[s.start:s.end]
		i := s.pos
		for i < len(row) && !s.special[row[i]] {
			i++
		}
		s.pos = i
		if i-begin > s.maxField {
			return false, s.fault(line, "the field is longer than %s", size(s.maxField))
		}
		if i == len(row) {
			if ok, err := s.have(1); err != nil {
				return false, err
			} else if !ok {
				s.add(field{begin, s.pos, line, false})
				return true, nil
			}
			continue
		}
		n, last, err := s.separator()
		if err != nil {
			return false, err
		}
		if n > 0 {
			s.add(field{begin, s.pos, line, false})
			s.pass(n, last)
			return last, nil
		}
		if s.quote != 0 && s.at(0) == s.quote {
			return false, s.fault(s.line, "a quote inside a field that is not quoted: quote the field and double the quote, or set quote = \"\" where the file quotes nothing")
		}
		s.pos++
	}
}

// quotedField scans on from the opening quote. Doubled quotes are undoubled in place.
func (s *scanner) quotedField() (last bool, err error) {
	opened := s.line
	s.pos++
	begin, end := s.pos, s.pos
	for {
		chunk := s.buf[s.start+s.pos : s.end]
		i := bytes.IndexByte(chunk, s.quote)
		if i >= 0 {
			chunk = chunk[:i]
		}
		s.countLines(chunk)
		if end != s.pos {
			copy(s.buf[s.start+end:], chunk)
		}
		end += len(chunk)
		s.pos += len(chunk)
		if end-begin > s.maxField {
			return false, s.fault(opened, "the field whose quote opens here is longer than %s: is the quote closed?", size(s.maxField))
		}
		if i >= 0 {
			s.pos++
		}
		ok, err := s.have(1)
		if err != nil {
			return false, err
		}
		if i >= 0 && (!ok || s.at(0) != s.quote) {
			break
		}
		if !ok {
			return false, s.fault(opened, "the quote that opens here is not closed before the end of the file")
		}
		if i >= 0 {
			s.buf[s.start+end] = s.quote
			end++
			s.pos++
		}
	}
	if s.blanks {
		if err := s.skipBlanks(); err != nil {
			return false, err
		}
	}
	ok, err := s.have(1)
	if err != nil {
		return false, err
	}
	n, last := 0, true
	if ok {
		if n, last, err = s.separator(); err != nil {
			return false, err
		}
		if n == 0 {
			return false, s.fault(s.line, "text behind the closing quote of a field: a quote inside a quoted field is written twice")
		}
	}
	s.add(field{begin, end, opened, true})
	s.pass(n, last)
	return last, nil
}

// separator says how many bytes at pos end the field, 0 for none, and whether
// they end the row too.
func (s *scanner) separator() (n int, row bool, err error) {
	switch s.at(0) {
	case '\n':
		return 1, true, nil
	case '\r':
		ok, err := s.have(2)
		switch {
		case err != nil:
			return 0, false, err
		case !ok:
			return 1, true, nil
		case s.at(1) == '\n':
			return 2, true, nil
		case !s.lineEnds || s.lonelyCR:
			s.lonelyCR = true
			return 1, true, nil
		}
		return 0, false, s.fault(s.line, "a carriage return inside a field that is not quoted")
	case s.delimiter[0]:
		if len(s.delimiter) == 1 {
			return 1, false, nil
		}
		ok, err := s.have(len(s.delimiter))
		if err != nil || !ok || !bytes.HasPrefix(s.buf[s.start+s.pos:s.end], s.delimiter) {
			return 0, false, err
		}
		return len(s.delimiter), false, nil
	}
	return 0, false, nil
}

func (s *scanner) pass(n int, row bool) {
	s.pos += n
	if row {
		s.line++
		s.lineEnds = true
	}
}

func (s *scanner) add(f field) {
	if s.count < s.keep {
		s.fields = append(s.fields, f)
	}
	s.count++
}

func (s *scanner) countLines(chunk []byte) {
	if s.lonelyCR {
		s.line += bytes.Count(chunk, []byte{'\r'})
		return
	}
	s.line += bytes.Count(chunk, []byte{'\n'})
}

func (s *scanner) skipBlanks() error {
	for {
		ok, err := s.have(1)
		if err != nil || !ok {
			return err
		}
		if c := s.at(0); c != ' ' && c != '\t' || c == s.delimiter[0] {
			return nil
		}
		s.pos++
	}
}

// skipLine passes a comment. Carriage returns within it mean nothing once the
// file's way of ending lines is known.
func (s *scanner) skipLine() error {
	for {
		ok, err := s.have(1)
		if err != nil || !ok {
			return err
		}
		c := s.at(0)
		if c == '\n' || c == '\r' && (!s.lineEnds || s.lonelyCR) {
			n, row, err := s.separator()
			if err != nil {
				return err
			}
			s.pass(n, row)
			return nil
		}
		s.pos++
	}
}

func (s *scanner) fault(line int, format string, args ...any) error {
	return &faultError{line, s.count, fmt.Sprintf(format, args...)}
}

// size writes a number of bytes as messages show it.
func size(n int) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
