package filetable

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
)

// layout is a compiled date_format or timestamp_format.
//
// Package time's layouts would not do: they accept an hour of one digit and
// fractions of a second where none are declared, and take digits and names of
// months in a format's literal text for fields.
type layout struct {
	text  string
	parts []part
}

type partKind byte

const (
	partLiteral partKind = iota
	partYear
	partMonth
	partDay
	partHour
	partMinute
	partSecond
	partFraction
	partZone
	partKinds
)

// part is a field of the format, of min to max digits, or a literal text.
type part struct {
	kind     partKind
	min, max int
	literal  string
}

// tokens are what formats are made of, the longest first.
func tokens() []struct {
	text string
	part part
} {
	return []struct {
		text string
		part part
	}{
		{"YYYY", part{partYear, 4, 4, ""}},
		{"MM", part{partMonth, 2, 2, ""}},
		{"M", part{partMonth, 1, 2, ""}},
		{"DD", part{partDay, 2, 2, ""}},
		{"D", part{partDay, 1, 2, ""}},
		{"hh", part{partHour, 2, 2, ""}},
		{"h", part{partHour, 1, 2, ""}},
		{"mm", part{partMinute, 2, 2, ""}},
		{"ss", part{partSecond, 2, 2, ""}},
		{"f", part{partFraction, 1, 9, ""}},
		{"Z", part{partZone, 0, 0, ""}},
	}
}

func dateLayout(text string) (*layout, error) {
	l, err := newLayout(text)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc([]partKind{partHour, partMinute, partSecond, partFraction, partZone}, l.has) {
		return nil, fmt.Errorf("%q holds a time of day: case counts, MM is the month and mm the minute; times belong into timestamp_format", text)
	}
	return l, nil
}

func stampLayout(text string) (*layout, error) {
	l, err := newLayout(text)
	if err != nil {
		return nil, err
	}
	if !l.has(partHour) || !l.has(partMinute) {
		return nil, fmt.Errorf("%q lacks the time of day: hh and mm are needed, ss, f and Z may follow", text)
	}
	if l.has(partFraction) && !l.has(partSecond) {
		return nil, fmt.Errorf("%q has a fraction, f, but no seconds, ss", text)
	}
	return l, nil
}

func newLayout(text string) (*layout, error) {
	l := &layout{text: text}
	for rest := text; rest != ""; {
		p, n := nextPart(rest)
		if n == 0 {
			if strings.HasPrefix(rest, "YY") {
				return nil, errors.New("a year has four digits, YYYY: the century of two would have to be guessed")
			}
			return nil, fmt.Errorf("%q is not part of a format: YYYY, MM or M, DD or D, hh or h, mm, ss, f (fraction of a second), Z (offset) and punctuation are", rest[:n+1])
		}
		if p.kind != partLiteral && l.has(p.kind) {
			return nil, fmt.Errorf("%q stands twice", rest[:n])
		}
		if before := len(l.parts) - 1; before >= 0 && p.max > 0 && l.parts[before].min != l.parts[before].max {
			return nil, fmt.Errorf("%q follows a field of one or two digits without anything between them", rest[:n])
		}
		l.parts = append(l.parts, p)
		rest = rest[n:]
	}
	if !l.has(partYear) || !l.has(partMonth) || !l.has(partDay) {
		return nil, fmt.Errorf("%q is not a whole date: YYYY, MM and DD are needed, and case counts", text)
	}
	return l, nil
}

// nextPart returns the first part of a format and its length; 0 for none.
func nextPart(text string) (part, int) {
	for _, t := range tokens() {
		if strings.HasPrefix(text, t.text) {
			return t.part, len(t.text)
		}
	}
	n := strings.IndexFunc(text, func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' && r != 'T' || '0' <= r && r <= '9'
	})
	if n < 0 {
		n = len(text)
	}
	return part{kind: partLiteral, literal: text[:n]}, n
}

func (l *layout) has(kind partKind) bool {
	for _, p := range l.parts {
		if p.kind == kind {
			return true
		}
	}
	return false
}

func (l *layout) readDate(text string) (value.Value, bool) {
	t, ok := l.parse(text)
	return value.OfDate(t), ok
}

// readStamp returns an Instant where the format has an offset, else a DateTime.
func (l *layout) readStamp(text string) (value.Value, bool) {
	t, ok := l.parse(text)
	if l.has(partZone) {
		return value.OfInstant(t), ok
	}
	return value.OfDateTime(t), ok
}

func (l *layout) parse(text string) (time.Time, bool) {
	var fields [partKinds]int
	for _, p := range l.parts {
		switch p.kind {
		case partLiteral:
			if !strings.HasPrefix(text, p.literal) {
				return time.Time{}, false
			}
			text = text[len(p.literal):]
		case partZone:
			seconds, n := offset(text)
			if n == 0 {
				return time.Time{}, false
			}
			fields[partZone], text = seconds, text[n:]
		default:
			n := 0
			for n < len(text) && n < p.max && '0' <= text[n] && text[n] <= '9' {
				fields[p.kind] = fields[p.kind]*10 + int(text[n]-'0')
				n++
			}
			if n < p.min {
				return time.Time{}, false
			}
			if p.kind == partFraction {
				for range 9 - n {
					fields[partFraction] *= 10
				}
			}
			text = text[n:]
		}
	}
	if text != "" || fields[partYear] == 0 || fields[partHour] > 23 || fields[partMinute] > 59 || fields[partSecond] > 59 {
		return time.Time{}, false
	}
	month, day := time.Month(fields[partMonth]), fields[partDay]
	t := time.Date(fields[partYear], month, day, fields[partHour], fields[partMinute], fields[partSecond], fields[partFraction], time.UTC)
	// time.Date takes 31/02 for a day in March: there is no such day.
	if t.Month() != month {
		return time.Time{}, false
	}
	return t.Add(-time.Duration(fields[partZone]) * time.Second), true
}

// offset reads Z, +hh, +hhmm or +hh:mm at the beginning of text, as seconds
// east of Greenwich; n is its length, 0 where there is none.
func offset(text string) (seconds, n int) {
	if text == "" {
		return 0, 0
	}
	if text[0] == 'Z' {
		return 0, 1
	}
	sign := 1
	switch text[0] {
	case '+':
	case '-':
		sign = -1
	default:
		return 0, 0
	}
	hours, ok := twoDigits(text[1:])
	if !ok || hours > 15 {
		return 0, 0
	}
	n = 3
	rest, colon := strings.CutPrefix(text[n:], ":")
	minutes, ok := twoDigits(rest)
	switch {
	case ok && minutes < 60:
		n += 2
		if colon {
			n++
		}
	case colon || ok:
		return 0, 0
	}
	return sign * (hours*3600 + minutes*60), n
}

func twoDigits(text string) (int, bool) {
	if len(text) < 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9' {
		return 0, false
	}
	return int(text[0]-'0')*10 + int(text[1]-'0'), true
}
