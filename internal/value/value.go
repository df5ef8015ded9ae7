// Package value holds the typed values that travel from a source's row through
// the mapping into a staging table, and the one canonical text of each, which
// the register, the digest and the diff share.
//
// It knows nothing of databases: providers translate their drivers' values into
// these, and Type.Fit says whether a value can be stored in a column.
package value

import (
	"bytes"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"time"
)

// Value is one typed value. The zero Value is NULL. Values are immutable and
// comparable with Equal; they are small enough to be passed and kept by value.
type Value struct {
	kind Kind
	nsec uint32 // Time, DateTime, Instant: nanoseconds within the second, 0 to 999,999,999
	n    int64  // Bool 0 or 1; Int; Float's bits; Date: days since 1970-01-01; Time: seconds since midnight; DateTime, Instant: seconds since 1970
	s    string // Text, Decimal's canonical text, Bytes
}

// The two values of Date, DateTime and Instant that lie outside the calendar.
const (
	forever    = math.MaxInt64
	foreverAgo = math.MinInt64
)

// OfBool returns a Bool.
func OfBool(b bool) Value {
	if b {
		return Value{kind: Bool, n: 1}
	}
	return Value{kind: Bool}
}

// OfInt returns an Int.
func OfInt(n int64) Value { return Value{kind: Int, n: n} }

// OfFloat returns a Float.
func OfFloat(f float64) Value { return Value{kind: Float, n: int64(math.Float64bits(f))} }

// OfDecimal returns the Decimal of this many units of the given scale's last place: 1250
// and 2 make 12.50. The scale is 0 to 1000.
func OfDecimal(units int64, scale int) Value {
	var space [64]byte
	text := space[:0]
	digits := strconv.AppendUint(make([]byte, 0, 20), magnitude(units), 10)
	if units < 0 {
		text = append(text, '-')
	}
	if len(digits) > scale {
		text, digits = append(text, digits[:len(digits)-scale]...), digits[len(digits)-scale:]
	} else {
		text = append(text, '0')
	}
	if scale > 0 {
		text = append(text, '.')
		for range scale - len(digits) {
			text = append(text, '0')
		}
		text = append(text, digits...)
	}
	return Value{kind: Decimal, s: string(text)}
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// OfText returns a Text, which may be empty: empty text is not NULL.
func OfText(s string) Value { return Value{kind: Text, s: s} }

// OfBytes returns a Bytes holding a copy of b.
func OfBytes(b []byte) Value { return Value{kind: Bytes, s: string(b)} }

// OfDate returns the calendar day of t in t's own zone.
func OfDate(t time.Time) Value {
	days, _ := floorDiv(wallClock(t), 86400)
	return Value{kind: Date, n: days}
}

// OfDateTime returns t's wall clock and forgets its zone.
func OfDateTime(t time.Time) Value {
	return Value{kind: DateTime, n: wallClock(t), nsec: uint32(t.Nanosecond())}
}

// wallClock is what t's clock shows, in seconds since it showed the begin of 1970.
func wallClock(t time.Time) int64 {
	_, offset := t.Zone()
	return t.Unix() + int64(offset)
}

// OfInstant returns the point in time t.
func OfInstant(t time.Time) Value {
	return Value{kind: Instant, n: t.Unix(), nsec: uint32(t.Nanosecond())}
}

// OfTime returns a time of day, given since midnight: 0 to 24 h inclusive.
func OfTime(sinceMidnight time.Duration) Value {
	return Value{kind: Time, n: int64(sinceMidnight / time.Second), nsec: uint32(sinceMidnight % time.Second)}
}

// Infinite returns the Date, DateTime or Instant after (or, if negative, before)
// every other, as PostgreSQL's infinity.
func Infinite(k Kind, negative bool) Value {
	if negative {
		return Value{kind: k, n: foreverAgo}
	}
	return Value{kind: k, n: forever}
}

// Kind returns what the value is; Null for NULL.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether the value is NULL.
func (v Value) IsNull() bool { return v.kind == Null }

// Bool returns a Bool's truth; false for any other kind.
func (v Value) Bool() bool { return v.kind == Bool && v.n != 0 }

// Int returns an Int; 0 for any other kind.
func (v Value) Int() int64 {
	if v.kind != Int {
		return 0
	}
	return v.n
}

// Float returns a Float; 0 for any other kind.
func (v Value) Float() float64 {
	if v.kind != Float {
		return 0
	}
	return math.Float64frombits(uint64(v.n))
}

// Str returns the text of a Text, the octets of a Bytes as a string, and the
// canonical text of a Decimal, without allocating; "" for any other kind.
func (v Value) Str() string { return v.s }

// IsInfinite reports whether a Date, DateTime or Instant lies outside the calendar.
func (v Value) IsInfinite() bool {
	switch v.kind {
	case Date, DateTime, Instant:
		return v.n == forever || v.n == foreverAgo
	default:
		return false
	}
}

// Time returns a Date (midnight), a DateTime (its wall clock) or an Instant as a
// time.Time in UTC; the zero time for any other kind and for infinite values.
func (v Value) Time() time.Time {
	if v.IsInfinite() {
		return time.Time{}
	}
	switch v.kind {
	case Date:
		return time.Unix(v.n*86400, 0).UTC()
	case DateTime, Instant:
		return time.Unix(v.n, int64(v.nsec)).UTC()
	default:
		return time.Time{}
	}
}

// Clock returns a Time as the duration since midnight; 0 for any other kind.
func (v Value) Clock() time.Duration {
	if v.kind != Time {
		return 0
	}
	return time.Duration(v.n)*time.Second + time.Duration(v.nsec)
}

// Equal reports whether two values are of one kind and have the same canonical
// text. NULL equals NULL; 1.10 does not equal 1.1.
func (v Value) Equal(w Value) bool { return v == w }

// Text returns the canonical text: what the register, the digest and the diff
// show. NULL has none: Text returns "" for it, so ask IsNull first.
//
//	Bool      true, false
//	Int       -12
//	Decimal   12.50 (plain digits, scale kept), NaN, Infinity, -Infinity
//	Float     shortest form that reads back the same: 0.1, 1e+21, NaN, Infinity, -Infinity
//	Text      itself
//	Bytes     \x followed by lower-case hexadecimal
//	Date      1969-07-20; 0044-03-15 BC; infinity, -infinity
//	Time      02:30:00, 02:30:00.5
//	DateTime  1969-07-20 20:17:40.25
//	Instant   1969-07-20 20:17:40.25Z, always UTC
func (v Value) Text() string {
	if v.kind == Text || v.kind == Decimal {
		return v.s
	}
	var space [40]byte
	return string(v.AppendText(space[:0]))
}

// AppendText appends the canonical text to dst and returns it; nothing for NULL.
func (v Value) AppendText(dst []byte) []byte {
	switch v.kind {
	case Bool:
		return strconv.AppendBool(dst, v.n != 0)
	case Int:
		return strconv.AppendInt(dst, v.n, 10)
	case Float:
		return AppendFloat(dst, v.Float())
	case Decimal, Text:
		return append(dst, v.s...)
	case Bytes:
		return hex.AppendEncode(append(dst, `\x`...), []byte(v.s))
	case Time:
		return v.appendClock(dst, v.n)
	case Date, DateTime, Instant:
		return v.appendCalendar(dst)
	default:
		return dst
	}
}

// AppendFloat appends the shortest text that reads back as f whatever a reader does
// with ties, in the spelling that PostgreSQL uses for values beyond its plain
// notation.
func AppendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	abs := math.Abs(f)
	if abs != 0 && abs < 1e-4 {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	if abs < 1e15 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	for digits := significant(dst[from:]); isTie(dst[from:], f); digits++ {
		dst = strconv.AppendFloat(dst[:from], f, 'e', digits, 64)
	}
	return dst
}

// significant counts the digits of a mantissa in scientific notation.
func significant(text []byte) int {
	n := 0
	for _, c := range text {
		if c == 'e' {
			break
		}
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

// isTie reports whether text lies exactly between f and a neighbour: strconv takes
// such a text for f where f's mantissa is even, PostgreSQL one digit more. Below
// 2^53 no text short enough does.
func isTie(text []byte, f float64) bool {
	if math.Abs(f) < 1<<53 || math.Float64bits(f)&1 != 0 {
		return false
	}
	// Exact: a tie is below 10^40, as 10^k divides it for small k only.
	read := func(x float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(x) }
	decimal, _, err := big.ParseFloat(string(text), 10, 200, big.ToNearestEven)
	if err != nil {
		return false
	}
	twice := decimal.Add(decimal, decimal)
	for _, direction := range []float64{math.Inf(-1), math.Inf(1)} {
		neighbour := math.Nextafter(f, direction)
		if !math.IsInf(neighbour, 0) && twice.Cmp(read(f).Add(read(f), read(neighbour))) == 0 {
			return true
		}
	}
	return false
}

func (v Value) appendCalendar(dst []byte) []byte {
	switch v.n {
	case forever:
		return append(dst, "infinity"...)
	case foreverAgo:
		return append(dst, "-infinity"...)
	}
	days, seconds := v.n, int64(0)
	if v.kind != Date {
		days, seconds = floorDiv(v.n, 86400)
	}
	t := time.Unix(days*86400, 0).UTC()
	year, month, day := t.Date()
	bc := year <= 0
	if bc {
		year = 1 - year
	}
	dst = appendPadded(dst, int64(year), 4)
	dst = appendPadded(append(dst, '-'), int64(month), 2)
	dst = appendPadded(append(dst, '-'), int64(day), 2)
	if v.kind != Date {
		dst = v.appendClock(append(dst, ' '), seconds)
	}
	if v.kind == Instant {
		dst = append(dst, 'Z')
	}
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

func (v Value) appendClock(dst []byte, seconds int64) []byte {
	dst = appendPadded(dst, seconds/3600, 2)
	dst = appendPadded(append(dst, ':'), seconds/60%60, 2)
	dst = appendPadded(append(dst, ':'), seconds%60, 2)
	if v.nsec == 0 {
		return dst
	}
	dst = appendPadded(append(dst, '.'), int64(v.nsec), 9)
	return bytes.TrimRight(dst, "0")
}

// appendPadded appends n, which is not negative, with at least width digits.
func appendPadded(dst []byte, n int64, width int) []byte {
	if width == 2 && n < 100 {
		return append(dst, byte('0'+n/10), byte('0'+n%10))
	}
	if width == 4 && n < 10_000 {
		return append(dst, byte('0'+n/1000), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
	}
	var space [20]byte
	digits := strconv.AppendInt(space[:0], n, 10)
	for range width - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

func floorDiv(a, b int64) (quotient, remainder int64) {
	quotient, remainder = a/b, a%b
	if remainder < 0 {
		quotient, remainder = quotient-1, remainder+b
	}
	return quotient, remainder
}
