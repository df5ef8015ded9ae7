package csv

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// options are a source block's attributes, checked and with their defaults.
type options struct {
	directory string // as written
	extension string // with its dot, or ""
	charset   charset
	delimiter []byte
	quote     byte // 0: none
	comment   byte // 0: none
	header    bool
	columns   []string // names where there is no header; nil: c1, c2, …
	trim      bool
	// null marks NULL; where it is not set, an empty field does.
	null    string
	hasNull bool
	types   map[string]value.Kind // by column or table.column
	reading reading
}

// newOptions checks each attribute, and those that depend on each other.
func newOptions(a providers.Attributes) (*options, error) {
	o := &options{
		directory: a.String("directory"),
		extension: a.StringOr("extension", ".csv"),
		header:    a.Bool("header", true),
		columns:   list(a, "columns"),
		trim:      a.Bool("trim", false),
		types:     map[string]value.Kind{},
	}
	if null, ok := a["null"].(string); ok && null != "" {
		o.null, o.hasNull = null, true
	}
	for _, check := range []func() error{
		func() error { return named("directory", checkDirectory(o.directory)) },
		func() error { return named("extension", checkExtension(o.extension)) },
		func() error { return named("columns", checkColumns(o.columns)) },
		func() error { return o.setCharacters(a) },
		func() error { return o.setTypes(a.Strings("types")) },
		func() error { return o.reading.set(a) },
		o.checkTogether,
	} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func named(attribute string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", attribute, err)
	}
	return nil
}

func (o *options) setCharacters(a providers.Attributes) error {
	var err error
	if o.charset, err = charsetNamed(a.StringOr("encoding", "utf-8")); err != nil {
		return named("encoding", err)
	}
	delimiter := a.StringOr("delimiter", ",")
	if err := checkDelimiter(delimiter); err != nil {
		return named("delimiter", err)
	}
	r, _ := utf8.DecodeRuneInString(delimiter)
	if o.delimiter, err = o.charset.encode(r); err != nil {
		return named("delimiter", err)
	}
	quote := a.StringOr("quote", `"`)
	if err := checkMark(quote); err != nil {
		return named("quote", err)
	}
	comment := a.String("comment")
	if err := checkMark(comment); err != nil {
		return named("comment", err)
	}
	for _, c := range []struct {
		name, text string
		into       *byte
	}{{"quote", quote, &o.quote}, {"comment", comment, &o.comment}} {
		if c.text == delimiter {
			return fmt.Errorf("delimiter and %s are the same character, %q", c.name, delimiter)
		}
		if c.text != "" {
			*c.into = c.text[0]
		}
	}
	if quote != "" && quote == comment {
		return fmt.Errorf("quote and comment are the same character, %q", quote)
	}
	return nil
}

func (o *options) setTypes(types map[string]string) error {
	for column, name := range types {
		kind, err := kindNamed(name)
		if err != nil {
			return fmt.Errorf("types: column %q: %w", column, err)
		}
		o.types[column] = kind
	}
	return nil
}

func (o *options) checkTogether() error {
	if o.header && o.columns != nil {
		return errors.New("columns names the columns of files without a header: set header = false, or leave columns out")
	}
	format := o.reading.stamp
	if format == nil {
		return nil
	}
	for column, kind := range o.types {
		switch {
		case kind == value.Instant && !format.has(partZone):
			return fmt.Errorf("types: column %q is a timestamptz, but timestamp_format has no Z for its offset: declare it a timestamp, which is read in the configuration's time zone where its destination needs one", column)
		case kind == value.DateTime && format.has(partZone):
			return fmt.Errorf("types: column %q is a timestamp, but timestamp_format has an offset, Z: declare it a timestamptz", column)
		}
	}
	return nil
}

// list returns a list attribute of strings; nil where it is not set.
func list(a providers.Attributes, name string) []string {
	items, ok := a[name].([]any)
	if !ok {
		return nil
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		s, _ := item.(string)
		out = append(out, s)
	}
	return out
}

// kinds are the names of types, as a configuration writes them.
func kinds() map[string]value.Kind {
	return map[string]value.Kind{
		"text": value.Text, "integer": value.Int, "decimal": value.Decimal, "float": value.Float, "bool": value.Bool,
		"date": value.Date, "time": value.Time, "timestamp": value.DateTime, "timestamptz": value.Instant,
	}
}

func kindNamed(name string) (value.Kind, error) {
	all := kinds()
	if kind, ok := all[name]; ok {
		return kind, nil
	}
	names := make([]string, 0, len(all))
	for known := range all {
		names = append(names, known)
	}
	slices.Sort(names)
	return 0, fmt.Errorf("%q is not a type; the types are %s.%s", name, strings.Join(names, ", "), suggest.Question(name, names))
}

// The checks of single attributes. The spec runs them with the attribute's range
// at hand; newOptions runs them again for those who come without the spec.

func checkDirectory(path string) error {
	if path == "" {
		return errors.New(`it is empty: write "." for the configuration's own directory`)
	}
	if strings.ContainsRune(path, 0) {
		return errors.New("it contains a NUL character")
	}
	return nil
}

func checkExtension(text string) error {
	if text == "" {
		return nil
	}
	if !strings.HasPrefix(text, ".") || len(text) == 1 || strings.ContainsAny(text, "/\\\x00") {
		return fmt.Errorf(`%q is not a file name's extension: write it with its dot, such as ".csv"`, text)
	}
	return nil
}

func checkDelimiter(text string) error {
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case text == "" || size < len(text):
		return fmt.Errorf(`%q has %d characters: a delimiter is exactly one, such as ";" or "\t"`, text, utf8.RuneCountInString(text))
	case r == '\n' || r == '\r' || r == 0 || r == utf8.RuneError || r == '\uFEFF':
		return fmt.Errorf("%q cannot delimit fields", text)
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return fmt.Errorf("%q cannot delimit fields: letters and digits are part of values", text)
	}
	return nil
}

// checkMark checks what quotes a field or begins a comment.
func checkMark(text string) error {
	switch {
	case text == "":
		return nil
	case len(text) > 1:
		return fmt.Errorf(`%q is not one ASCII character; "" stands for none`, text)
	}
	if c := text[0]; c <= ' ' || c >= utf8.RuneSelf || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) {
		return fmt.Errorf("%q cannot be used here: a punctuation character is expected", text)
	}
	return nil
}

func checkColumns(names []string) error {
	if names == nil {
		return nil
	}
	if len(names) == 0 {
		return errors.New("it names no columns")
	}
	if len(names) > maxColumns {
		return fmt.Errorf("it names %d columns; at most %d are read", len(names), maxColumns)
	}
	seen := make(map[string]bool, len(names))
	for i, name := range names {
		if name == "" {
			return fmt.Errorf("the name of column %d is empty", i+1)
		}
		if seen[name] {
			return fmt.Errorf("the name %q stands twice", name)
		}
		seen[name] = true
	}
	return nil
}
