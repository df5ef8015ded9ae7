package register

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// Field is one member of a key, before or after document.
type Field struct {
	Column string
	Text   string // canonical text; "" where Null or Now
	Null   bool
	Now    bool // the instant of the apply
}

// Document is a row's key or values, its fields in the order of the register.
type Document []Field

// Field returns the field of that column.
func (d Document) Field(column string) (Field, bool) {
	for _, f := range d {
		if f.Column == column {
			return f, true
		}
	}
	return Field{}, false
}

// encodeDocument writes what ParseDocument reads back as it was. JSON has no octets
// that are not UTF-8: they become U+FFFD.
func encodeDocument(doc Document) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	text := func(s string) {
		_ = encoder.Encode(s)       // a string always can be
		out.Truncate(out.Len() - 1) // the line's end
	}
	out.WriteByte('{')
	for i, field := range doc {
		if i > 0 {
			out.WriteString(", ")
		}
		text(field.Column)
		out.WriteString(": ")
		switch {
		case field.Null:
			out.WriteString("null")
		case field.Now:
			out.WriteString(sqlgen.NowMarker)
		default:
			text(field.Text)
		}
	}
	out.WriteByte('}')
	return out.String()
}

var errDocument = errors.New("the register holds a document that is not an object of texts")

// errTwice: readers do not agree on which of the two counts.
var errTwice = errors.New("the register holds a document that has a member twice: it was changed")

// ParseDocument reads a JSON object of strings, nulls and sqlgen.NowMarker, each member once. The fields
// may share the text's memory.
func ParseDocument(text string) (Document, error) {
	doc, ok := scanDocument(text)
	if !ok {
		var err error
		if doc, err = decodeDocument(text); err != nil {
			return nil, err
		}
	}
	if doc.repeats() {
		return nil, errTwice
	}
	return doc, nil
}

// maxCompared is how many names are faster compared with each other than put into a map.
const maxCompared = 32

// repeats reports whether two fields are of one column.
func (d Document) repeats() bool {
	if len(d) > maxCompared {
		seen := make(map[string]bool, len(d))
		for i := range d {
			if seen[d[i].Column] {
				return true
			}
			seen[d[i].Column] = true
		}
		return false
	}
	for i := range d {
		for j := range i {
			if d[i].Column == d[j].Column {
				return true
			}
		}
	}
	return false
}

// scanDocument reads what nearly every document is: an object whose strings have no
// escapes. It returns false where it cannot tell, and what it returns otherwise
// is what decodeDocument does: ten times as fast, which a plan of a million operations
// is worth.
func scanDocument(text string) (Document, bool) {
	if strings.IndexByte(text, '\\') >= 0 || !utf8.ValidString(text) {
		return nil, false
	}
	s := documentScanner{rest: text}
	if !s.token("{") {
		return nil, false
	}
	doc := make(Document, 0, min(1+strings.Count(text, ","), 32))
	for {
		column, ok := s.text()
		if !ok || !s.token(":") {
			return nil, false
		}
		field := Field{Column: column}
		switch {
		case s.token("null"):
			field.Null = true
		case s.token(sqlgen.NowMarker):
			field.Now = true
		default:
			if field.Text, ok = s.text(); !ok {
				return nil, false
			}
		}
		doc = append(doc, field)
		if !s.token(",") {
			break
		}
	}
	return doc, s.token("}") && s.rest == ""
}

// documentScanner reads JSON without escapes from the beginning of the rest.
type documentScanner struct{ rest string }

// token skips the token, and blanks on both sides of it.
func (s *documentScanner) token(token string) bool {
	s.rest = strings.TrimLeft(s.rest, " \t\n\r")
	rest, ok := strings.CutPrefix(s.rest, token)
	if ok {
		s.rest = strings.TrimLeft(rest, " \t\n\r")
	}
	return ok
}

func (s *documentScanner) text() (string, bool) {
	if !strings.HasPrefix(s.rest, `"`) {
		return "", false
	}
	end := 1
	for ; end < len(s.rest) && s.rest[end] != '"'; end++ {
		if s.rest[end] < ' ' {
			return "", false // JSON has no such character in a string
		}
	}
	if end == len(s.rest) {
		return "", false
	}
	text := s.rest[1:end]
	s.rest = s.rest[end+1:]
	return text, true
}

// decodeDocument is ParseDocument for whatever is written.
func decodeDocument(text string) (Document, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errDocument
	}
	var doc Document
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, errDocument
		}
		column, ok := name.(string)
		if !ok {
			return nil, errDocument
		}
		field := Field{Column: column}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return nil, errDocument
		}
		switch {
		case bytes.Equal(raw, []byte("null")):
			field.Null = true
		case isNow(raw):
			field.Now = true
		default:
			if err := json.Unmarshal(raw, &field.Text); err != nil {
				return nil, errDocument
			}
		}
		doc = append(doc, field)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errDocument
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: text behind it", errDocument)
	}
	return doc, nil
}

func isNow(raw []byte) bool {
	var compact bytes.Buffer
	return json.Compact(&compact, raw) == nil && compact.String() == sqlgen.NowMarker
}
