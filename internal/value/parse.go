package value

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// The errors of the parsers do not repeat the text they refuse: it may be
// personal data, and the caller knows whether it may be shown.
var (
	errDecimal = errors.New("not a decimal number")
	errDate    = errors.New("not a date of the form YYYY-MM-DD")
	errTime    = errors.New("not a time of the form HH:MM:SS")
	errStamp   = errors.New("not a timestamp of the form YYYY-MM-DD HH:MM:SS")
	errZone    = errors.New("a timestamp without a time zone or offset")
)

// maxExponent bounds the zeros that a decimal in scientific notation may expand to.
const maxExponent = 1000

// ParseDecimal reads a decimal number, such as -12.50, .5 or 1e3, without losing
// a digit. NaN, Infinity and -Infinity are read as PostgreSQL spells them.
func ParseDecimal(text string) (Value, error) {
	switch text {
	case "NaN", "Infinity", "-Infinity":
		return Value{kind: Decimal, s: text}, nil
	}
	if isPlainDecimal(text) {
		return Value{kind: Decimal, s: text}, nil
	}
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		if err != nil || n > maxExponent || n < -maxExponent {
			return Value{}, errDecimal
		}
		mantissa, exponent = text[:i], n
	}
	negative := strings.HasPrefix(mantissa, "-")
	mantissa = strings.TrimPrefix(strings.TrimPrefix(mantissa, "-"), "+")
	if negative && strings.HasPrefix(text, "-+") {
		return Value{}, errDecimal
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || !isDigits(whole) || !isDigits(fraction) {
		return Value{}, errDecimal
	}
	if exponent > 0 {
		if pad := exponent - len(fraction); pad > 0 {
			fraction += strings.Repeat("0", pad)
		}
		whole, fraction = whole+fraction[:exponent], fraction[exponent:]
	} else if exponent < 0 {
		if pad := -exponent - len(whole); pad > 0 {
			whole = strings.Repeat("0", pad) + whole
		}
		cut := len(whole) + exponent
		whole, fraction = whole[:cut], whole[cut:]+fraction
	}
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	plain := whole
	if fraction != "" {
		plain += "." + fraction
	}
	if negative && strings.Trim(plain, "0.") != "" {
		plain = "-" + plain
	}
	return Value{kind: Decimal, s: plain}, nil
}

// isPlainDecimal reports whether text already is canonical: no sign but a
// minus, no leading zero, digits on both sides of a point, and not minus zero.
func isPlainDecimal(text string) bool {
	from, point, zero := 0, -1, true
	if text != "" && text[0] == '-' {
		from = 1
	}
	for i := from; i < len(text); i++ {
		switch c := text[i]; {
		case c == '0':
		case c >= '1' && c <= '9':
			zero = false
		case c == '.' && point < 0:
			point = i
		default:
			return false
		}
	}
	if zero && from == 1 || point == len(text)-1 {
		return false
	}
	if point < 0 {
		point = len(text)
	}
	return point > from && (point == from+1 || text[from] != '0')
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// ParseDate reads YYYY-MM-DD, with more digits for years after 9999, a suffix
// " BC" for years before 1, or infinity and -infinity.
func ParseDate(text string) (Value, error) {
	if v, ok := parseInfinite(Date, text); ok {
		return v, nil
	}
	days, ok := parseDays(text)
	if !ok {
		return Value{}, errDate
	}
	return Value{kind: Date, n: days}, nil
}

// ParseTime reads HH:MM, HH:MM:SS or HH:MM:SS.fffffffff, from 00:00 to 24:00.
func ParseTime(text string) (Value, error) {
	seconds, nsec, ok := parseClock(text)
	if !ok {
		return Value{}, errTime
	}
	return Value{kind: Time, n: seconds, nsec: nsec}, nil
}

// ParseDateTime reads a date, a blank or a T, and a time of day; a date alone
// stands for its midnight. An offset is refused: see ParseInstant.
func ParseDateTime(text string) (Value, error) {
	if v, ok := parseInfinite(DateTime, text); ok {
		return v, nil
	}
	seconds, nsec, zone, ok := parseStamp(text)
	if !ok || zone != "" {
		return Value{}, errStamp
	}
	return Value{kind: DateTime, n: seconds, nsec: nsec}, nil
}

// ParseInstant reads a timestamp with an offset (Z, +02, +0200, +02:00). Where
// the offset is missing the wall clock is read in loc; with a nil loc that is an error.
func ParseInstant(text string, loc *time.Location) (Value, error) {
	if v, ok := parseInfinite(Instant, text); ok {
		return v, nil
	}
	seconds, nsec, zone, ok := parseStamp(text)
	if !ok {
		return Value{}, errStamp
	}
	if zone == "" {
		if loc == nil {
			return Value{}, errZone
		}
		return Value{kind: DateTime, n: seconds, nsec: nsec}.InZone(loc), nil
	}
	offset, ok := parseOffset(zone)
	if !ok {
		return Value{}, errStamp
	}
	return Value{kind: Instant, n: seconds - offset, nsec: nsec}, nil
}

// InZone turns a DateTime's wall clock in loc into an Instant, and an Instant
// into the DateTime that a clock in loc shows. Other kinds are returned as they are.
// A wall clock that occurs twice (the end of summer time) is the first of the two;
// one that does not occur (its beginning) is as much later as the clock jumps.
func (v Value) InZone(loc *time.Location) Value {
	if v.IsInfinite() {
		switch v.kind {
		case DateTime:
			return Value{kind: Instant, n: v.n}
		case Instant:
			return Value{kind: DateTime, n: v.n}
		}
		return v
	}
	switch v.kind {
	case DateTime:
		// time.Date does not say which instant of a repeated hour it returns, nor which
		// of a skipped one. There is at most one jump within two days.
		wall := v.Time()
		before, after := wall.Add(-offsetOf(wall.AddDate(0, 0, -1), loc)), wall.Add(-offsetOf(wall.AddDate(0, 0, 1), loc))
		t := before
		if after.Before(before) && OfDateTime(after.In(loc)) == v || OfDateTime(before.In(loc)) != v && OfDateTime(after.In(loc)) == v {
			t = after
		}
		return OfInstant(t)
	case Instant:
		return OfDateTime(v.Time().In(loc))
	default:
		return v
	}
}

// offsetOf is how far clocks in loc are ahead of UTC at t.
func offsetOf(t time.Time, loc *time.Location) time.Duration {
	_, seconds := t.In(loc).Zone()
	return time.Duration(seconds) * time.Second
}

func parseInfinite(k Kind, text string) (Value, bool) {
	switch text {
	case "infinity":
		return Infinite(k, false), true
	case "-infinity":
		return Infinite(k, true), true
	default:
		return Value{}, false
	}
}

func parseDays(text string) (days int64, ok bool) {
	text, bc := strings.CutSuffix(text, " BC")
	digits := len(text) - len("-MM-DD") // of the year
	if digits < 4 || digits > 6 || text[digits] != '-' || text[digits+3] != '-' {
		return 0, false
	}
	year, okYear := number(text[:digits])
	month, okMonth := number(text[digits+1 : digits+3])
	day, okDay := number(text[digits+4:])
	if !okYear || !okMonth || !okDay || year == 0 {
		return 0, false
	}
	if bc {
		year = 1 - year
	}
	// time.Date normalises 2026-02-30 to March: such a day does not exist.
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Month() != time.Month(month) || t.Day() != day {
		return 0, false
	}
	days, _ = floorDiv(t.Unix(), 86400)
	return days, true
}

// number reads a few digits.
func number(digits string) (n int, ok bool) {
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, true
}

func parseClock(text string) (seconds int64, nsec uint32, ok bool) {
	text, fraction, point := strings.Cut(text, ".")
	if point {
		if fraction == "" || len(fraction) > 9 || !isDigits(fraction) {
			return 0, 0, false
		}
		n, _ := strconv.ParseUint((fraction + "000000000")[:9], 10, 32)
		nsec = uint32(n)
	}
	if len(text) != len("HH:MM:SS") && (len(text) != len("HH:MM") || point) {
		return 0, 0, false
	}
	for i, limit := 0, 24; i < len(text); i, limit = i+3, 59 {
		n, ok := number(text[i : i+2])
		if !ok || n > limit || i > 0 && text[i-1] != ':' {
			return 0, 0, false
		}
		seconds = seconds*60 + int64(n)
	}
	if len(text) == len("HH:MM") {
		seconds *= 60
	}
	if seconds > 86400 || seconds == 86400 && nsec > 0 {
		return 0, 0, false
	}
	return seconds, nsec, true
}

// parseStamp splits a timestamp into its wall clock, in seconds since 1970, and
// the text of its offset, "" where there is none.
func parseStamp(text string) (seconds int64, nsec uint32, zone string, ok bool) {
	text, bc := strings.CutSuffix(text, " BC")
	day, clock := text, ""
	if i := strings.IndexAny(text, " T"); i >= 0 {
		day, clock = text[:i], text[i+1:]
	}
	if i := strings.IndexAny(clock, "Zz+-"); i >= 0 {
		clock, zone = strings.TrimRight(clock[:i], " "), clock[i:]
	}
	if bc {
		day += " BC"
	}
	days, ok := parseDays(day)
	if !ok {
		return 0, 0, "", false
	}
	if clock == "" && zone == "" && len(text) == len(strings.TrimSuffix(day, " BC")) {
		return days * 86400, 0, "", true
	}
	seconds, nsec, ok = parseClock(clock)
	return days*86400 + seconds, nsec, zone, ok
}

// parseOffset reads Z, +02, +0200, +02:00 or +02:00:00, up to 15:59:59, as seconds
// east of Greenwich.
func parseOffset(zone string) (seconds int64, ok bool) {
	if zone == "Z" || zone == "z" {
		return 0, true
	}
	digits := zone[1:]
	if len(digits) > 2 && digits[2] == ':' {
		parts := strings.Split(digits, ":")
		for _, part := range parts {
			if len(part) != 2 {
				return 0, false
			}
		}
		digits = strings.Join(parts, "")
	}
	if len(digits) < 2 || len(digits) > 6 || len(digits)%2 != 0 || !isDigits(digits) {
		return 0, false
	}
	limit := int64(15)
	for i, unit := 0, int64(3600); i < len(digits); i, unit = i+2, unit/60 {
		n, _ := strconv.ParseInt(digits[i:i+2], 10, 64)
		if n > limit {
			return 0, false
		}
		seconds, limit = seconds+n*unit, 59
	}
	if zone[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}
