package rowexpr

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
)

// layout is a parsed date format: the tokens of Terraform's formatdate, and f for the
// digits of a second's fraction.
type layout []token

type token struct {
	verb    byte // 0 for a literal
	width   int  // how often the verb is repeated
	literal string
}

// widths says which repetitions of a verb mean something.
var widths = map[byte][]int{
	'Y': {2, 4}, 'M': {1, 2, 3, 4}, 'D': {1, 2}, 'E': {3, 4}, 'h': {1, 2}, 'H': {1, 2},
	'A': {2}, 'a': {2}, 'm': {1, 2}, 's': {1, 2}, 'f': {1, 2, 3, 4, 5, 6, 7, 8, 9}, 'Z': {1, 3, 4, 5},
}

// parseLayout reads a format. Its errors do not repeat it: it may come from a row.
func parseLayout(format string) (layout, error) {
	var out layout
	literal := func(s string) {
		if n := len(out); n > 0 && out[n-1].verb == 0 {
			out[n-1].literal += s
			return
		}
		out = append(out, token{literal: s})
	}
	for i := 0; i < len(format); {
		c := format[i]
		switch {
		case c == '\'':
			text, length, ok := quotedLiteral(format[i:])
			if !ok {
				return nil, errors.New("the format has a quote that is not closed")
			}
			literal(text)
			i += length
		case isLetter(c):
			n := 1
			for i+n < len(format) && format[i+n] == c {
				n++
			}
			if !slices.Contains(widths[c], n) {
				return nil, fmt.Errorf("the format has a verb it should not have at octet %d: quote letters that stand for themselves", i+1)
			}
			out = append(out, token{verb: c, width: n})
			i += n
		default:
			literal(format[i : i+1])
			i++
		}
	}
	return out, nil
}

// quotedLiteral reads '…' at the start of s; two quotes stand for one, inside or alone.
func quotedLiteral(s string) (text string, length int, ok bool) {
	if strings.HasPrefix(s, "''") {
		return "'", 2, true
	}
	var out strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			out.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			out.WriteByte('\'')
			i++
			continue
		}
		return out.String(), i + 1, true
	}
	return "", 0, false
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func (l layout) has(verb byte) bool {
	for _, t := range l {
		if t.verb == verb {
			return true
		}
	}
	return false
}

// format writes a Date, Time, DateTime or Instant.
func (l layout) format(v value.Value) (string, error) {
	if v.IsInfinite() {
		return "", errors.New("an infinite date has no parts")
	}
	t := v.Time()
	if v.Kind() == value.Time {
		t = time.Unix(0, 0).UTC().Add(v.Clock())
	}
	if t.Year() < 1 {
		return "", errors.New("the year lies before 1")
	}
	out := make([]byte, 0, 32)
	for _, tok := range l {
		switch {
		case tok.verb == 'Z' && v.Kind() != value.Instant:
			return "", fmt.Errorf("%s has no time zone", article(v.Kind().String()))
		case strings.IndexByte("YMDE", tok.verb) >= 0 && tok.verb != 0 && v.Kind() == value.Time:
			return "", errors.New("a time has no date")
		}
		out = tok.append(out, t)
	}
	return string(out), nil
}

func (tok token) append(out []byte, t time.Time) []byte {
	number := func(n, digits int) []byte { return appendNumber(out, n, digits) }
	switch tok.verb {
	case 'Y':
		if tok.width == 2 {
			return number(t.Year()%100, 2)
		}
		return number(t.Year(), 4)
	case 'M':
		switch tok.width {
		case 3:
			return append(out, t.Month().String()[:3]...)
		case 4:
			return append(out, t.Month().String()...)
		}
		return number(int(t.Month()), tok.width)
	case 'D':
		return number(t.Day(), tok.width)
	case 'E':
		if tok.width == 3 {
			return append(out, t.Weekday().String()[:3]...)
		}
		return append(out, t.Weekday().String()...)
	case 'h':
		return number(t.Hour(), tok.width)
	case 'H':
		return number((t.Hour()+11)%12+1, tok.width)
	case 'A':
		return t.AppendFormat(out, "PM")
	case 'a':
		return t.AppendFormat(out, "pm")
	case 'm':
		return number(t.Minute(), tok.width)
	case 's':
		return number(t.Second(), tok.width)
	case 'f':
		return appendNumber(out, t.Nanosecond(), 9)[:len(out)+tok.width]
	case 'Z':
		return t.AppendFormat(out, map[int]string{1: "Z07:00", 3: "UTC", 4: "-0700", 5: "-07:00"}[tok.width])
	default:
		return append(out, tok.literal...)
	}
}

// appendNumber writes n, which is not negative, with at least that many digits.
func appendNumber(out []byte, n, digits int) []byte {
	var space [20]byte
	text := strconv.AppendInt(space[:0], int64(n), 10)
	for range digits - len(text) {
		out = append(out, '0')
	}
	return append(out, text...)
}

// parts are what a text says of a point in time.
type parts struct {
	year, month, day     int
	hour, minute, second int
	nanosecond           int
	half                 int // 0 unknown, 1 AM, 2 PM
	twelve               bool
	offset               int // seconds east of Greenwich
	zoned                bool
	at                   time.Time // the wall clock that they tell, as if of UTC
}

var errLayout = errors.New("the text does not have the form of the format")

// parse reads a text. Its errors do not repeat it.
func (l layout) parse(text string) (parts, error) {
	p := parts{month: 1, day: 1}
	rest := text
	for _, tok := range l {
		var ok bool
		if rest, ok = tok.read(&p, rest); !ok {
			return p, errLayout
		}
	}
	if rest != "" {
		return p, errLayout
	}
	if p.twelve {
		if p.hour < 1 || p.hour > 12 {
			return p, errors.New("no such hour")
		}
		p.hour %= 12
	}
	if p.half == 2 && p.hour < 12 {
		p.hour += 12
	}
	p.at = time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, p.second, p.nanosecond, time.UTC)
	_, month, day := p.at.Date()
	switch {
	case p.year < 1 || month != time.Month(p.month) && p.hour < 24 || day != p.day && p.hour < 24:
		return p, errors.New("no such day")
	case p.hour > 23 || p.minute > 59 || p.second > 59:
		return p, errors.New("no such time of day")
	}
	return p, nil
}

func (tok token) read(p *parts, s string) (rest string, ok bool) {
	digits := func(into *int, low, high int) (string, bool) { return readDigits(s, into, low, high) }
	short := func(into *int) (string, bool) { return readDigits(s, into, tok.width, 2) }
	switch tok.verb {
	case 'Y':
		if tok.width == 4 {
			return digits(&p.year, 4, 4)
		}
		rest, ok = digits(&p.year, 2, 2)
		// As POSIX has it: 69 is 1969, 68 is 2068.
		if p.year += 1900; p.year < 1969 {
			p.year += 100
		}
		return rest, ok
	case 'M':
		if tok.width > 2 {
			return readName(s, tok.width == 3, 12, func(i int) string { return time.Month(i + 1).String() }, &p.month)
		}
		return short(&p.month)
	case 'D':
		return short(&p.day)
	case 'E':
		var ignored int
		return readName(s, tok.width == 3, 7, func(i int) string { return time.Weekday(i).String() }, &ignored)
	case 'h':
		return short(&p.hour)
	case 'H':
		p.twelve = true
		return short(&p.hour)
	case 'A', 'a':
		if len(s) < 2 {
			return s, false
		}
		switch strings.ToUpper(s[:2]) {
		case "AM":
			p.half = 1
		case "PM":
			p.half = 2
		default:
			return s, false
		}
		return s[2:], true
	case 'm':
		return short(&p.minute)
	case 's':
		return short(&p.second)
	case 'f':
		rest, ok = digits(&p.nanosecond, 1, 9)
		for i := len(s) - len(rest); i < 9; i++ {
			p.nanosecond *= 10
		}
		return rest, ok
	case 'Z':
		return tok.readZone(p, s)
	default:
		return strings.CutPrefix(s, tok.literal)
	}
}

// readDigits reads a number of low to high digits at the start of s.
func readDigits(s string, into *int, low, high int) (rest string, ok bool) {
	n, number := 0, 0
	for n < len(s) && n < high && '0' <= s[n] && s[n] <= '9' {
		number = number*10 + int(s[n]-'0')
		n++
	}
	if n < low {
		return s, false
	}
	*into = number
	return s[n:], true
}

func readName(s string, short bool, count int, name func(int) string, into *int) (rest string, ok bool) {
	for i := range count {
		word := name(i)
		if short {
			word = word[:3]
		}
		if len(s) >= len(word) && strings.EqualFold(s[:len(word)], word) {
			*into = i + 1
			return s[len(word):], true
		}
	}
	return s, false
}

func (tok token) readZone(p *parts, s string) (rest string, ok bool) {
	p.zoned = true
	if tok.width == 1 {
		if rest, ok = strings.CutPrefix(s, "Z"); ok {
			return rest, true
		}
	}
	if tok.width == 3 {
		if rest, ok = strings.CutPrefix(s, "UTC"); ok {
			return rest, true
		}
	}
	form := "+hhmm"
	if tok.width == 1 || tok.width == 5 {
		form = "+hh:mm"
	}
	if len(s) < len(form) || s[0] != '+' && s[0] != '-' || len(form) == 6 && s[3] != ':' {
		return s, false
	}
	hours, errHours := strconv.ParseUint(s[1:3], 10, 8)
	minutes, errMinutes := strconv.ParseUint(s[len(form)-2:len(form)], 10, 8)
	if errHours != nil || errMinutes != nil || hours > 15 || minutes > 59 {
		return s, false
	}
	p.offset = int(hours*3600 + minutes*60)
	if s[0] == '-' {
		p.offset = -p.offset
	}
	return s[len(form):], true
}
