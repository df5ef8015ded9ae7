package register

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

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

// ParseDocument reads a JSON object of strings, nulls and sqlgen.NowMarker.
func ParseDocument(text string) (Document, error) {
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
		case raw[0] == '{':
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
