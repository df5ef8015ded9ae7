package bundle

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestRecords(t *testing.T) {
	t.Parallel()
	cells := []Cell{{Null: true}, {}, {Text: `a"b`}, {Text: "a,b"}, {Text: "a\nb"}, {Text: "\r"}, {Text: " a;b "}}
	text := string(appendRecord(nil, cells))
	if want := ",\"\",\"a\"\"b\",\"a,b\",\"a\nb\",\"\r\", a;b \r\n"; text != want {
		t.Errorf("the record is %q, expected %q", text, want)
	}
	s := newScanner(strings.NewReader(text+text), len(cells))
	for _, line := range []int{1, 3} {
		read, err := s.read(nil)
		if err != nil || !slices.Equal(read, cells) || s.line != line {
			t.Errorf("line %d: read %+v, error %v, expected line %d", s.line, read, err, line)
		}
	}
	if _, err := s.read(nil); !errors.Is(err, io.EOF) {
		t.Errorf("error %v at the end", err)
	}
}

// There is one spelling of each record: what is read is written again as it was.
func FuzzRecords(f *testing.F) {
	for _, seed := range []string{"a,b\r\n", ",\"\"\r\n", "\"a\"\"b\",\"\r\n\"\r\n", "\r\n", "a", "\"a\"\r\n", "a\"b\r\n", "\xff\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := newScanner(strings.NewReader(text), 0)
		var again []byte
		for {
			cells, err := s.read(nil)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return
			}
			again = appendRecord(again, cells)
		}
		if string(again) != text {
			t.Errorf("%q was read, and is written %q", text, again)
		}
	})
}
