package filetable

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
)

// Write returns the text of a value that is not NULL, which Column.Read of a column of the kind reads as that
// very value. Its errors never show the value.
func (r *Reading) Write(kind value.Kind, v value.Value) (string, error) {
	if v.Kind() != kind {
		return "", fmt.Errorf("holds a %s, where a %s was declared", v.Kind(), kind)
	}
	text := v.Text()
	switch kind {
	case value.Int:
		text = r.group(text)
	case value.Decimal, value.Float:
		text = r.number(text)
	case value.Bool:
		text = r.untruths[0]
		if v.Bool() {
			text = r.truths[0]
		}
	case value.Date:
		if r.date != nil {
			return r.date.write(v)
		}
	case value.DateTime, value.Instant:
		if r.stamp != nil {
			return r.stamp.write(v)
		}
	}
	return text, nil
}

// number writes a number of plain digits, or one with an exponent.
func (r *Reading) number(text string) string {
	whole, fraction, mark := strings.Cut(text, ".")
	whole = r.group(whole)
	if mark {
		whole += r.decimal + fraction
	}
	return whole
}

// group puts thousands separators into a whole number; what is none stays.
func (r *Reading) group(text string) string {
	digits := strings.TrimPrefix(text, "-")
	if r.thousands == "" || len(digits) < 4 || strings.Trim(digits, "0123456789") != "" {
		return text
	}
	out := []byte(text[:len(text)-len(digits)])
	for i, c := range []byte(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out = append(out, r.thousands...)
		}
		out = append(out, c)
	}
	return string(out)
}

// Fraction is how many digits of a second's fraction values of the kind are written with.
func (r *Reading) Fraction(kind value.Kind) int {
	if (kind == value.DateTime || kind == value.Instant) && r.stamp != nil && !r.stamp.has(partFraction) {
		return 0
	}
	return 9
}

// write is the inverse of parse; an Instant is written in UTC.
func (l *layout) write(v value.Value) (string, error) {
	t := v.Time()
	switch {
	case v.IsInfinite() || t.Year() < 1 || t.Year() > 9999:
		return "", errors.New("lies outside of the years 1 to 9999, which the declared format can write")
	case v.Kind() == value.Date:
	case t.Second() != 0 && !l.has(partSecond):
		return "", errors.New("has seconds, for which the declared format has no place")
	case t.Nanosecond() != 0 && !l.has(partFraction):
		return "", errors.New("has a fraction of a second, for which the declared format has no place")
	}
	var out []byte
	for _, p := range l.parts {
		n := 0
		switch p.kind {
		case partLiteral:
			out = append(out, p.literal...)
			continue
		case partZone:
			out = append(out, 'Z')
			continue
		case partFraction:
			out = append(out, fraction(t)...)
			continue
		case partYear:
			n = t.Year()
		case partMonth:
			n = int(t.Month())
		case partDay:
			n = t.Day()
		case partHour:
			n = t.Hour()
		case partMinute:
			n = t.Minute()
		case partSecond:
			n = t.Second()
		default:
		}
		digits := strconv.Itoa(n)
		for range p.min - len(digits) {
			out = append(out, '0')
		}
		out = append(out, digits...)
	}
	return string(out), nil
}

// fraction returns the digits behind a second's point, at least one.
func fraction(t time.Time) string {
	digits := strings.TrimRight(fmt.Sprintf("%09d", t.Nanosecond()), "0")
	if digits == "" {
		return "0"
	}
	return digits
}
