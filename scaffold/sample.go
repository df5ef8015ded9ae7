package scaffold

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/scaffold/hcltext"
)

// sampled is how many rows of the source are looked at.
const sampled = 500

// sourceColumn is a column of the source with what its first values look like.
type sourceColumn struct {
	providers.Column
	name name
	row  string // the reference to it
	shape
}

// shape is what a column's values look like; it holds none of them.
type shape struct {
	texts int // that are not blank
	nulls int
	blank int // empty, or nothing but blanks
	// padded counts texts with blanks at an end.
	padded  int
	longest int // in characters
	// The forms count the texts that are so.
	forms map[form]int
	// few are the different texts of a column of short codes; nil where there are too many.
	few map[string]bool
}

type form uint8

const (
	isoDate form = iota
	dayFirst
	eightDigits
	timestamp
	number
	commaNumber
	truth
)

var forms = map[form]*regexp.Regexp{
	isoDate:     regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])$`),
	dayFirst:    regexp.MustCompile(`^([0-2]\d|3[01])/(0[1-9]|1[0-2])/\d{4}$`),
	eightDigits: regexp.MustCompile(`^(1[89]|2\d)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])$`),
	timestamp:   regexp.MustCompile(`^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$`),
	number:      regexp.MustCompile(`^[+-]?\d+(\.\d+)?$`),
	commaNumber: regexp.MustCompile(`^[+-]?\d+(,\d+)?$`),
	truth:       regexp.MustCompile(`^(?i:true|false|0|1)$`),
}

const (
	// mostCodes is how many different texts a column of codes may have.
	mostCodes = 2
	// longestCode is in octets.
	longestCode = 5
)

// look reads the source's columns and its first rows.
func (d *draft) look(ctx context.Context) (err error) {
	rows, err := d.Source.Read(ctx, providers.Query{Table: d.SourceTable, Most: sampled})
	if err != nil {
		return fmt.Errorf("%s: read %q: %w", d.From, d.SourceTable, err)
	}
	defer func() {
		// What is left unread is no mistake.
		_ = rows.Close()
	}()
	columns := rows.Columns()
	for i, c := range columns {
		s := sourceColumn{Column: c, name: nameIn(c.Name, d.sourceContext), row: hcltext.Row(c.Name), shape: shape{forms: map[form]int{}, few: map[string]bool{}}}
		for j, other := range columns {
			if i != j && strings.EqualFold(c.Name, other.Name) {
				s.row = "row[" + hcltext.Quote(c.Name) + "]" // which is exact
			}
		}
		d.source = append(d.source, s)
	}
	row := make([]value.Value, len(columns))
	for range sampled {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			d.whole = true
			return nil
		case err != nil:
			return fmt.Errorf("%s: read %q: %w", d.From, d.SourceTable, err)
		}
		for i, v := range row {
			d.source[i].see(v)
		}
	}
	return nil
}

func (s *shape) see(v value.Value) {
	switch v.Kind() {
	case value.Null:
		s.nulls++
		return
	case value.Text:
	default:
		return
	}
	text := v.Str()
	bare := strings.TrimSpace(text)
	s.longest = max(s.longest, utf8.RuneCountInString(text))
	if bare == "" {
		s.blank++
		return
	}
	s.texts++
	if bare != text {
		s.padded++
	}
	for f, pattern := range forms {
		if pattern.MatchString(bare) {
			s.forms[f]++
		}
	}
	if s.few != nil {
		if s.few[bare] = true; len(bare) > longestCode || len(s.few) > mostCodes {
			s.few = nil
		}
	}
}

// all reports whether every text has a form; false where there is none.
func (s *shape) all(f form) bool { return s.texts > 0 && s.forms[f] == s.texts }

// yesNo returns the texts for true and for false, where the column has such texts and no others.
func (s *shape) yesNo() (yes, no string, ok bool) {
	for _, pair := range [][2]string{{"O", "N"}, {"Y", "N"}, {"o", "n"}, {"y", "n"}, {"OUI", "NON"}, {"oui", "non"}, {"Oui", "Non"}, {"YES", "NO"}, {"yes", "no"}} {
		known := len(s.few) > 0
		for text := range s.few {
			known = known && (text == pair[0] || text == pair[1])
		}
		// N alone says nothing of what the other is.
		if known && (len(s.few) == 2 || s.few[pair[0]]) {
			return pair[0], pair[1], true
		}
	}
	return "", "", false
}
