package csv

import (
	"bytes"
	stdcsv "encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// cell is a field as the scanner sees it.
type cell struct {
	Text   string
	Quoted bool
}

func scanAll(s *scanner) (rows [][]cell, lines []int, err error) {
	for {
		if err := s.next(); errors.Is(err, io.EOF) {
			return rows, lines, nil
		} else if err != nil {
			return rows, lines, err
		}
		row := make([]cell, len(s.fields))
		for i, f := range s.fields {
			row[i] = cell{string(s.row()[f.start:f.end]), f.quoted}
		}
		rows, lines = append(rows, row), append(lines, s.rowStarts)
	}
}

func commas(text string) *scanner {
	return newScanner(strings.NewReader(text), []byte{','}, '"', 0, false)
}

func TestScannerLines(t *testing.T) {
	s := commas("a,\"b\n\nc\"\r\n\n\"d\r\n\"\ne")
	_, lines, err := scanAll(s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 4, 5, 7}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestScannerLimits(t *testing.T) {
	long := strings.Repeat("x", 300<<10)
	for name, test := range map[string]struct {
		text       string
		field, row int
		want       string
	}{
		"field fits":         {"1234,5\n", 4, maxRow, ""},
		"field":              {"a\n12345,6\n", 4, maxRow, "line 2: the field is longer than 4 bytes"},
		"quoted field fits":  {"\"1\"\"34\",5\n", 4, maxRow, ""},
		"quoted field":       {"a\n\"1\n\"\"45\",6\n", 4, maxRow, "line 2: the field whose quote opens here is longer than 4 bytes: is the quote closed?"},
		"unclosed quote":     {"a\nb,\"c\n" + long, 256 << 10, maxRow, "line 2: the field whose quote opens here is longer than 262144 bytes: is the quote closed?"},
		"field over buffers": {long, 256 << 10, maxRow, "line 1: the field is longer than 262144 bytes"},
		"row":                {"a\n" + strings.Repeat("x,", 200<<10), maxField, 256 << 10, "line 2: the row is longer than 262144 bytes"},
		"row fits":           {long, 300 << 10, 512 << 10, ""},
	} {
		s := commas(test.text)
		s.maxField, s.maxRow = test.field, test.row
		_, _, err := scanAll(s)
		if test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// The default limits stop a quote that is never closed without keeping the file.
func TestScannerUnclosedQuoteInALargeFile(t *testing.T) {
	s := newScanner(io.MultiReader(strings.NewReader("a,b\n1,\""), endless{}), []byte{','}, '"', 0, false)
	_, _, err := scanAll(s)
	var fault *faultError
	if !errors.As(err, &fault) || fault.line != 2 || fault.field != 1 || !strings.Contains(fault.text, "16 MiB") {
		t.Errorf("%v", err)
	}
	if len(s.buf) > 2*maxField {
		t.Errorf("a buffer of %d bytes", len(s.buf))
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// Fields that nobody declared are counted, not kept.
func TestScannerKeepsNoSurplusFields(t *testing.T) {
	s := commas(strings.Repeat(",", 100_000))
	s.keep = 3
	if err := s.next(); err != nil || s.count != 100_001 || cap(s.fields) > 10 {
		t.Errorf("%v, %d fields counted, room for %d", err, s.count, cap(s.fields))
	}
}

func TestScannerReadErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, text := range []string{"", "a", "a,b\n", "a,\"b", "a,\"b\"", "a\r"} {
		s := newScanner(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), []byte{','}, '"', 0, true)
		if _, _, err := scanAll(s); !errors.Is(err, broken) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzReader: what a writer writes is what is read, however the input is cut
// into pieces and whatever it holds; and whatever else is read never panics.
func FuzzReader(f *testing.F) {
	f.Add([]byte("a\x00b\x01c\x00\x02d"), byte(0))
	f.Add([]byte("\"\x00\r\n\x01,\x00\"\"\x01;\x00é\x01\x02"), byte(7))
	f.Add([]byte("# x\x00\r\x01\n\x00\xff\xfe"), byte(29))
	f.Add([]byte("a,b\n\"1\"\"\",2\n3,4"), byte(2))
	f.Fuzz(func(t *testing.T, data []byte, settings byte) {
		delimiter := []string{",", ";", "\t", "§"}[settings&3]
		end := []string{"\n", "\r\n", "\r"}[int(settings>>2&3)%3]
		comment := byte(0)
		if settings&16 != 0 {
			comment = '#'
		}
		trailing := settings&32 != 0 // a newline behind the last row
		quoteAll := settings&64 != 0

		// \x00 ends a field, \x01 a row, and a field that is \x02 is NULL.
		var want [][]cell
		var text strings.Builder
		for i, line := range bytes.Split(data, []byte{1}) {
			if i > 0 {
				text.WriteString(end)
			}
			var row []cell
			for j, raw := range bytes.Split(line, []byte{0}) {
				if j > 0 {
					text.WriteString(delimiter)
				}
				field := string(raw)
				quoted := field == "" || quoteAll || strings.ContainsAny(field, "\"\r\n") || strings.Contains(field, delimiter) || j == 0 && field[0] == '#'
				switch {
				case field == "\x02":
					field, quoted = "", false
				case quoted:
					text.WriteString(`"` + strings.ReplaceAll(field, `"`, `""`) + `"`)
				default:
					text.WriteString(field)
				}
				row = append(row, cell{field, quoted})
			}
			want = append(want, row)
		}
		// A last row of one NULL is nothing at all unless its line is ended.
		if last := want[len(want)-1]; trailing || len(last) == 1 && !last[0].Quoted && last[0].Text == "" {
			text.WriteString(end)
		}
		for _, src := range []io.Reader{
			strings.NewReader(text.String()),
			iotest.OneByteReader(strings.NewReader(text.String())),
			iotest.DataErrReader(strings.NewReader(text.String())),
		} {
			s := newScanner(src, []byte(delimiter), '"', comment, false)
			s.buf = make([]byte, 1) // the row moves and grows all the time
			got, _, err := scanAll(s)
			if err != nil {
				t.Fatalf("%q: %v", text.String(), err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%q (-want +got):\n%s", text.String(), diff)
			}
		}

		// The data as a file: the same rows or the same fault, however it is cut.
		settingsOf := func(src io.Reader) *scanner {
			s := newScanner(src, []byte(delimiter), '"', comment, trailing)
			s.maxField, s.maxRow = 64, 256
			return s
		}
		whole, wholeLines, wholeErr := scanAll(settingsOf(bytes.NewReader(data)))
		pieces, piecesLines, piecesErr := scanAll(settingsOf(iotest.OneByteReader(bytes.NewReader(data))))
		if len(data) < 64 {
			if diff := cmp.Diff(whole, pieces) + cmp.Diff(wholeLines, piecesLines); diff != "" || (wholeErr == nil) != (piecesErr == nil) {
				t.Fatalf("%q: read whole %v, in pieces %v\n%s", data, wholeErr, piecesErr, diff)
			}
		}
	})
}

// FuzzReaderLikeEncodingCSV: where the standard library's reader, in its strict
// mode, reads a file, so does this one, and the same; what it refuses is refused.
func FuzzReaderLikeEncodingCSV(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "a,\"b\nc\"\n\n\"\",", "a\"b", "\"a\"b", "\"a", "#a\nb", "\"a\"\"\"", "é,\"ü\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsRune(text, '\r') || !utf8.ValidString(text) {
			return // carriage returns it rewrites
		}
		theirs := stdcsv.NewReader(strings.NewReader(text))
		theirs.FieldsPerRecord = -1
		theirs.Comment = '#'
		want, wantErr := theirs.ReadAll()

		cells, _, err := scanAll(newScanner(strings.NewReader(text), []byte{','}, '"', '#', false))
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v, encoding/csv: %v", text, err, wantErr)
		}
		if err != nil {
			return
		}
		var got [][]string
		for _, row := range cells {
			if len(row) == 1 && row[0] == (cell{}) {
				continue // an empty line
			}
			texts := make([]string, len(row))
			for i, c := range row {
				texts[i] = c.Text
			}
			got = append(got, texts)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-encoding/csv +got):\n%s", text, diff)
		}
	})
}
