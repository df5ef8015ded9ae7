package csv

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
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
	types   filetable.Types // by column or table.column
	reading filetable.Reading
}

// newOptions checks each attribute, and those that depend on each other.
func newOptions(a providers.Attributes) (*options, error) {
	o := &options{
		directory: a.String("directory"),
		extension: a.StringOr("extension", ".csv"),
		header:    a.Bool("header", true),
		columns:   filetable.List(a, "columns"),
		trim:      a.Bool("trim", false),
	}
	if null, ok := a["null"].(string); ok && null != "" {
		o.null, o.hasNull = null, true
	}
	for _, check := range []func() error{
		func() error { return filetable.Named("directory", filetable.CheckDirectory(o.directory)) },
		func() error { return filetable.Named("extension", filetable.CheckExtension(o.extension)) },
		func() error { return filetable.Named("columns", filetable.CheckColumns(o.columns)) },
		func() error { return o.setCharacters(a) },
		func() (err error) { o.types, err = filetable.ParseTypes(a.Strings("types")); return err },
		func() error { return o.reading.Set(a) },
		o.checkTogether,
	} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (o *options) setCharacters(a providers.Attributes) error {
	var err error
	if o.charset, err = charsetNamed(a.StringOr("encoding", "utf-8")); err != nil {
		return filetable.Named("encoding", err)
	}
	delimiter := a.StringOr("delimiter", ",")
	if err := checkDelimiter(delimiter); err != nil {
		return filetable.Named("delimiter", err)
	}
	r, _ := utf8.DecodeRuneInString(delimiter)
	if o.delimiter, err = o.charset.encode(r); err != nil {
		return filetable.Named("delimiter", err)
	}
	quote := a.StringOr("quote", `"`)
	if err := checkMark(quote); err != nil {
		return filetable.Named("quote", err)
	}
	comment := a.String("comment")
	if err := checkMark(comment); err != nil {
		return filetable.Named("comment", err)
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

func (o *options) checkTogether() error {
	if o.header && o.columns != nil {
		return errors.New("columns names the columns of files without a header: set header = false, or leave columns out")
	}
	return o.reading.CheckTypes(o.types)
}

// The checks of single attributes. The spec runs them with the attribute's range
// at hand; newOptions runs them again for those who come without the spec.

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
