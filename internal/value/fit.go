package value

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Type describes what a column holds. The zero Type is a column of kind Null,
// which holds nothing.
type Type struct {
	Kind Kind
	// SQL is the type as the database spells it, such as numeric(10,2): for
	// messages, casts and the staging table.
	SQL string
	// Size bounds Text in characters and Bytes in octets, and gives Int's width
	// in bits. 0 means unbounded, and 64 bits.
	Size int
	// Unsigned: an Int that starts at 0.
	Unsigned bool
	// Precision is the number of significant digits of a Decimal, 0 for unbounded;
	// Scale is the number of those behind the point, used only with a Precision.
	Precision, Scale int
	// Digits is set where the database keeps numbers as binary ones: beyond it,
	// significant digits of a Decimal are rounded, whole numbers of 64 bits apart,
	// there is no NaN or Infinity, and a text that reads as a number becomes one.
	// 0 where none of this is so.
	Digits int
	// Fraction is the number of digits of a second's fraction kept by Time,
	// DateTime and Instant, 0 to 9.
	Fraction int
	// Fixed marks text that the database pads with blanks (CHAR): trailing blanks
	// never count.
	Fixed bool
	// EmptyIsNull: the database takes the empty text, and no octets, for NULL.
	EmptyIsNull bool
	// Limits refuse what the kind and the sizes allow; nil: nothing. Two that refuse the same must be
	// equal by ==.
	Limits Limits
}

// Limits are what a column cannot hold besides: a character that its charset lacks, a day before
// the calendar of its type.
type Limits interface {
	// Misfit says what is wrong with a value that fits otherwise, "" where nothing is. It never repeats the
	// value.
	Misfit(v Value) string
}

// FitError says why a value cannot be stored in a column. Its text never
// repeats the value, which may be personal data.
type FitError struct {
	Type   Type
	Reason string // "has 12 characters, 10 fit"
}

func (e *FitError) Error() string {
	return fmt.Sprintf("does not fit %s: %s", e.Type, e.Reason)
}

// String returns the type as the database spells it, or else its kind's name.
func (t Type) String() string {
	if t.SQL != "" {
		return t.SQL
	}
	return t.Kind.String()
}

func (t Type) misfit(format string, args ...any) (Value, error) {
	return Value{}, &FitError{Type: t, Reason: fmt.Sprintf(format, args...)}
}

// Fit returns v as a column of type t stores it, or a *FitError. Nothing is lost
// on the way, but for fractions of a second beyond the column's precision, which
// are rounded as databases round them. Text is read by the canonical forms of Text;
// loc says where wall clocks are when a value without a zone meets a column with one.
func (t Type) Fit(v Value, loc *time.Location) (Value, error) {
	if v.kind == Null {
		return v, nil
	}
	fitted, err := t.fit(v, loc)
	if err == nil && t.EmptyIsNull && fitted.isEmpty() {
		return Value{}, nil
	}
	if err == nil && t.Limits != nil {
		if reason := t.Limits.Misfit(fitted); reason != "" {
			return t.misfit("%s", reason)
		}
	}
	return fitted, err
}

// isEmpty reports whether it is a text, or octets, of no length.
func (v Value) isEmpty() bool { return (v.kind == Text || v.kind == Bytes) && v.s == "" }

func (t Type) fit(v Value, loc *time.Location) (Value, error) {
	switch t.Kind {
	case Bool:
		return t.fitBool(v)
	case Int:
		return t.fitInt(v)
	case Decimal:
		return t.fitDecimal(v)
	case Float:
		return t.fitFloat(v)
	case Text:
		return t.fitText(v)
	case Bytes:
		return t.fitBytes(v)
	case Date, Time, DateTime, Instant:
		return t.fitTemporal(v, loc)
	case JSON:
		if text := v.Text(); !json.Valid([]byte(text)) {
			return t.misfit("not valid JSON")
		} else if t.Digits > 0 && becomesNumber(text) {
			return t.misfit("the database would store it as a number and spell it otherwise")
		}
		return OfText(v.Text()), nil
	case UUID:
		return t.fitUUID(v)
	default:
		return t.fitText(v)
	}
}

func (t Type) fitBool(v Value) (Value, error) {
	switch v.kind {
	case Bool:
		return v, nil
	case Int, Decimal, Text:
		switch v.Text() {
		case "true", "t", "1":
			return OfBool(true), nil
		case "false", "f", "0":
			return OfBool(false), nil
		}
		return t.misfit("expected true or false, or 1 or 0")
	default:
		return t.misfit("a %s is not true or false", v.kind)
	}
}

func (t Type) fitInt(v Value) (Value, error) {
	n := v.n
	switch v.kind {
	case Int:
	case Bool:
	case Decimal, Text, Float:
		d, err := ParseDecimal(v.Text())
		if err != nil {
			return t.misfit("%s", err)
		}
		whole, fraction, _ := strings.Cut(d.s, ".")
		if strings.Trim(fraction, "0") != "" {
			return t.misfit("has decimals")
		}
		if n, err = strconv.ParseInt(whole, 10, 64); err != nil {
			return t.misfit("out of range")
		}
	default:
		return t.misfit("a %s is not a whole number", v.kind)
	}
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	if t.Size > 0 && t.Size < 64 {
		low, high = -1<<(t.Size-1), 1<<(t.Size-1)-1
		if t.Unsigned {
			low, high = 0, 1<<t.Size-1
		}
	} else if t.Unsigned {
		low = 0
	}
	if n < low || n > high {
		return t.misfit("out of range %d to %d", low, high)
	}
	return OfInt(n), nil
}

func (t Type) fitDecimal(v Value) (Value, error) {
	switch v.kind {
	case Int, Decimal, Float, Text:
	default:
		return t.misfit("a %s is not a number", v.kind)
	}
	d := v
	if v.kind != Decimal { // whose text is canonical
		var err error
		if d, err = ParseDecimal(v.Text()); err != nil {
			return t.misfit("%s", err)
		}
	}
	if t.Digits > 0 {
		if reason := t.rounds(d.s); reason != "" {
			return t.misfit("%s", reason)
		}
	}
	if t.Precision == 0 || d.s == "NaN" {
		return d, nil
	}
	if strings.HasSuffix(d.s, "Infinity") {
		return t.misfit("out of range")
	}
	sign := ""
	if d.s[0] == '-' {
		sign = "-"
	}
	whole, fraction, _ := strings.Cut(d.s[len(sign):], ".")
	if extra := len(fraction) - t.Scale; extra > 0 {
		if strings.Trim(fraction[t.Scale:], "0") != "" {
			return t.misfit("has %d decimals, %d fit: round it in the mapping", len(strings.TrimRight(fraction, "0")), t.Scale)
		}
		fraction = fraction[:t.Scale]
	}
	if digits := len(strings.TrimLeft(whole, "0")); digits > t.Precision-t.Scale {
		return t.misfit("has %d digits before the point, %d fit", digits, t.Precision-t.Scale)
	}
	if t.Scale == 0 {
		return Value{kind: Decimal, s: d.s[:len(sign)+len(whole)]}, nil
	}
	var space [64]byte
	text := append(append(space[:0], sign...), whole...)
	text = append(append(text, '.'), fraction...)
	for range t.Scale - len(fraction) {
		text = append(text, '0')
	}
	return Value{kind: Decimal, s: string(text)}, nil
}

// rounds says why a database that keeps t.Digits significant digits would not
// keep the decimal, or "".
func (t Type) rounds(decimal string) string {
	whole, fraction, _ := strings.Cut(decimal, ".")
	fraction = strings.TrimRight(fraction, "0")
	digits := strings.TrimLeft(strings.TrimPrefix(whole, "-")+fraction, "0")
	if !isDigits(digits) {
		return "the database has no such number"
	}
	if fraction == "" {
		if _, err := strconv.ParseInt(whole, 10, 64); err == nil {
			return ""
		}
		digits = strings.TrimRight(digits, "0")
	}
	if len(digits) > t.Digits {
		return fmt.Sprintf("has %d significant digits, %d are kept: round it in the mapping, or keep it in a text column", len(digits), t.Digits)
	}
	return ""
}

// becomesNumber reports whether a text would be read as a number and then be
// spelt otherwise, as 007 is.
func becomesNumber(text string) bool {
	trimmed := strings.Trim(text, " \t\n\v\f\r")
	if trimmed == "" || strings.ContainsAny(trimmed, "_xXpPnN") {
		return false
	}
	f, err := strconv.ParseFloat(trimmed, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return false
	}
	if n, err := strconv.ParseInt(trimmed, 10, 64); err == nil {
		return strconv.FormatInt(n, 10) != text
	}
	// A float without decimals is kept as a whole number.
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return true
	}
	return string(AppendFloat(nil, f)) != text
}

func (t Type) fitFloat(v Value) (Value, error) {
	switch v.kind {
	case Float, Int, Decimal, Text:
		f, err := strconv.ParseFloat(v.Text(), 64)
		if err != nil || strings.ContainsAny(v.Text(), "xX_") {
			return t.misfit("not a number in range")
		}
		if t.Size == 32 {
			narrow := float64(float32(f))
			if math.IsInf(narrow, 0) && !math.IsInf(f, 0) {
				return t.misfit("not a number in range")
			}
			f = narrow
		}
		return OfFloat(f), nil
	default:
		return t.misfit("a %s is not a number", v.kind)
	}
}

func (t Type) fitText(v Value) (Value, error) {
	if v.kind == Bytes {
		return t.misfit("octets are not text")
	}
	text := v.Text()
	if t.Fixed {
		text = strings.TrimRight(text, " ")
	}
	if !utf8.ValidString(text) {
		return t.misfit("not valid UTF-8")
	}
	if strings.IndexByte(text, 0) >= 0 {
		return t.misfit("contains a NUL character")
	}
	// A text has at most as many characters as octets: most need no counting.
	if t.Size > 0 && len(text) > t.Size {
		if n := utf8.RuneCountInString(text); n > t.Size {
			return t.misfit("has %d characters, %d fit", n, t.Size)
		}
	}
	if t.Digits > 0 && becomesNumber(text) {
		return t.misfit("the database would store it as a number and spell it otherwise")
	}
	if v.kind == Text && len(text) == len(v.s) {
		return v, nil
	}
	return OfText(text), nil
}

func (t Type) fitBytes(v Value) (Value, error) {
	b := v
	if v.kind == Text {
		digits, ok := strings.CutPrefix(v.s, `\x`)
		raw, err := hex.DecodeString(digits)
		if !ok || err != nil {
			return t.misfit(`expected \x followed by hexadecimal digits`)
		}
		b = OfBytes(raw)
	}
	if b.kind != Bytes {
		return t.misfit("a %s is not octets", v.kind)
	}
	if t.Size > 0 && len(b.s) > t.Size {
		return t.misfit("has %d octets, %d fit", len(b.s), t.Size)
	}
	return b, nil
}

func (t Type) fitTemporal(v Value, loc *time.Location) (Value, error) {
	var err error
	if v.kind == Text {
		if v, err = parseTemporal(t.Kind, v.s, loc); err != nil {
			return t.misfit("%s", err)
		}
	}
	switch {
	case v.kind == t.Kind:
	case t.Kind == Date && v.kind == DateTime && (v.n%86400 == 0 && v.nsec == 0 || v.IsInfinite()):
		// Oracle's DATE and spreadsheets carry days as midnights.
		if v.IsInfinite() {
			return Value{kind: Date, n: v.n}, nil
		}
		v = OfDate(v.Time())
	case t.Kind == DateTime && v.kind == Date:
		v = dateTimeOf(v)
	case t.Kind == Instant && v.kind == Date && loc != nil:
		v = dateTimeOf(v).InZone(loc)
	case t.Kind == Instant && v.kind == DateTime && loc != nil, t.Kind == DateTime && v.kind == Instant && loc != nil:
		v = v.InZone(loc)
	default:
		return t.misfit("a %s is not a %s", v.kind, t.Kind)
	}
	return v.round(t.Fraction), nil
}

func parseTemporal(k Kind, text string, loc *time.Location) (Value, error) {
	switch k {
	case Date:
		v, err := ParseDate(text)
		if err != nil {
			if w, errStamp := ParseDateTime(text); errStamp == nil {
				return w, nil
			}
		}
		return v, err
	case Time:
		return ParseTime(text)
	case DateTime:
		return ParseDateTime(text)
	default:
		return ParseInstant(text, loc)
	}
}

func dateTimeOf(date Value) Value {
	if date.IsInfinite() {
		return Value{kind: DateTime, n: date.n}
	}
	return OfDateTime(date.Time())
}

// round rounds half up to digits of a second's fraction.
func (v Value) round(digits int) Value {
	if v.nsec == 0 || digits >= 9 {
		return v
	}
	unit := uint32(math.Pow10(9 - digits))
	v.nsec = (v.nsec + unit/2) / unit * unit
	if v.nsec >= 1e9 {
		v.n, v.nsec = v.n+1, v.nsec-1e9
	}
	return v
}

func (t Type) fitUUID(v Value) (Value, error) {
	raw := []byte(v.s)
	if v.kind == Text {
		digits := strings.ReplaceAll(strings.Trim(v.s, "{}"), "-", "")
		var err error
		if raw, err = hex.DecodeString(digits); err != nil {
			return t.misfit("not a UUID")
		}
	} else if v.kind != Bytes {
		return t.misfit("a %s is not a UUID", v.kind)
	}
	if len(raw) != 16 {
		return t.misfit("not a UUID")
	}
	text := make([]byte, 0, 36)
	for _, part := range [][]byte{raw[0:4], raw[4:6], raw[6:8], raw[8:10], raw[10:16]} {
		if len(text) > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return OfText(string(text)), nil
}

// Accepts reports whether some value of kind k can fit the column; kinds that
// only the data can tell (Text, Null, Other) are accepted.
func (t Type) Accepts(k Kind) bool {
	numeric := func(k Kind) bool { return k == Int || k == Decimal || k == Float }
	temporal := func(k Kind) bool { return k == Date || k == DateTime || k == Instant }
	switch k {
	case Null, Text, Other, JSON, UUID:
		return true
	}
	switch t.Kind {
	case Text, Other, JSON:
		return k != Bytes
	case Bool:
		return k == Bool || k == Int || k == Decimal
	case Int:
		return k == Bool || numeric(k)
	case Decimal, Float:
		return numeric(k)
	case Date, DateTime, Instant:
		return temporal(k)
	case Bytes, UUID:
		return k == Bytes
	default:
		return t.Kind == k
	}
}
