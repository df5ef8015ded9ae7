package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// COPY's binary format spares the server reading texts: it takes half as long for
// numbers and dates. What it has no form for, or where the server reads a text in a way
// of its own, is loaded in text format.
const (
	binarySignature = "PGCOPY\n\xff\r\n\x00"
	binaryHeader    = binarySignature + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" // no flags, no extension
	binaryTrailer   = "\xff\xff"
	binaryNull      = "\xff\xff\xff\xff"
)

// encoder appends the binary form of a value that is not NULL; not ok where the
// value has none in the column's type.
type encoder func(dst []byte, v value.Value) (out []byte, ok bool)

// encodersOf returns nil where a column's type has no encoder.
func encodersOf(columns []sqlgen.Column) []encoder {
	encoders := make([]encoder, len(columns))
	for i, c := range columns {
		if encoders[i] = encoderOf(c.Type); encoders[i] == nil {
			return nil
		}
	}
	return encoders
}

// appendBinaryRow appends a tuple; not ok where a value has no binary form.
func appendBinaryRow(dst []byte, encoders []encoder, row []value.Value) (out []byte, ok bool) {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(row))) // 1600 at most
	for i, v := range row {
		if v.IsNull() {
			dst = append(dst, binaryNull...)
			continue
		}
		from := len(dst)
		if dst, ok = encoders[i](append(dst, 0, 0, 0, 0), v); !ok {
			return dst, false
		}
		size := len(dst) - from - 4
		if size > math.MaxInt32 {
			return dst, false
		}
		binary.BigEndian.PutUint32(dst[from:], uint32(size))
	}
	return dst, true
}

// encoderOf returns nil for a type that has no encoder. A domain is received as its base
// type is.
func encoderOf(t value.Type) encoder {
	switch t.Kind {
	case value.Bool:
		return encodeBool
	case value.Int:
		return encodeInt(t.Size)
	case value.Decimal:
		return encodeNumeric
	case value.Float:
		return encodeFloat(t.Size)
	case value.Text:
		// Not name, which is cut as a text and refused as octets, and no domain, which may
		// be one of it.
		if t.SQL == "text" || t.SQL == "bpchar" || strings.HasPrefix(t.SQL, "character") || isCitext(t) {
			return encodeText("")
		}
	case value.JSON:
		switch t.SQL {
		case "json":
			return encodeText("")
		case "jsonb":
			return encodeText("\x01") // the form's version
		}
	case value.Bytes:
		return func(dst []byte, v value.Value) ([]byte, bool) {
			return append(dst, v.Str()...), v.Kind() == value.Bytes
		}
	case value.UUID:
		return encodeUUID
	case value.Date:
		return encodeDate
	case value.Time:
		return encodeTime
	case value.DateTime, value.Instant:
		return encodeStamp(t.Kind)
	}
	return nil
}

func encodeText(prefix string) encoder {
	return func(dst []byte, v value.Value) ([]byte, bool) {
		return append(append(dst, prefix...), v.Str()...), v.Kind() == value.Text
	}
}

func encodeBool(dst []byte, v value.Value) ([]byte, bool) {
	if v.Bool() {
		return append(dst, 1), true
	}
	return append(dst, 0), v.Kind() == value.Bool
}

func encodeInt(bits int) encoder {
	return func(dst []byte, v value.Value) ([]byte, bool) {
		n := v.Int()
		switch ok := v.Kind() == value.Int; bits {
		case 16:
			return binary.BigEndian.AppendUint16(dst, uint16(n)), ok && int64(int16(n)) == n
		case 32:
			return binary.BigEndian.AppendUint32(dst, uint32(n)), ok && int64(int32(n)) == n
		default:
			return binary.BigEndian.AppendUint64(dst, uint64(n)), ok
		}
	}
}

func encodeFloat(bits int) encoder {
	return func(dst []byte, v value.Value) ([]byte, bool) {
		f := v.Float()
		switch {
		case v.Kind() != value.Float:
			return dst, false
		case math.IsNaN(f) && bits == 32: // of many, the server's own
			return binary.BigEndian.AppendUint32(dst, 0x7FC00000), true
		case math.IsNaN(f):
			return binary.BigEndian.AppendUint64(dst, 0x7FF8000000000000), true
		case bits == 32:
			return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(f))), float64(float32(f)) == f
		default:
			return binary.BigEndian.AppendUint64(dst, math.Float64bits(f)), true
		}
	}
}

// A numeric is digits of base 10,000, of which the first counts this power of it, a sign
// and the number of decimal digits behind the point.
const (
	numericPositive = 0x0000
	numericNegative = 0x4000
	numericNaN      = 0xC000
	// maxNumericDigits is how many of its digits the server receives.
	maxNumericDigits = 3000
)

// encodeNumeric leaves infinities, which servers before version 14 refuse, to the text
// format.
func encodeNumeric(dst []byte, v value.Value) ([]byte, bool) {
	text := v.Str()
	if v.Kind() != value.Decimal || text == "" {
		return dst, false
	}
	sign := uint16(numericPositive)
	if text[0] == '-' {
		sign, text = numericNegative, text[1:]
	}
	if text == "NaN" {
		return appendNumeric(dst, 0, 0, numericNaN, 0), true
	}
	if text[0] > '9' {
		return dst, false
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if whole == "0" {
		whole = ""
	}
	left, right := (len(whole)+3)/4, (len(fraction)+3)/4
	if left+right > maxNumericDigits {
		return dst, false
	}
	dst = appendNumeric(dst, left+right, left-1, sign, len(fraction))
	digit, missing := uint16(0), left*4-len(whole)
	for i := range len(whole) {
		digit = digit*10 + uint16(whole[i]-'0')
		if (missing+i)%4 == 3 {
			dst, digit = binary.BigEndian.AppendUint16(dst, digit), 0
		}
	}
	for i := range right * 4 {
		digit *= 10
		if i < len(fraction) {
			digit += uint16(fraction[i] - '0')
		}
		if i%4 == 3 {
			dst, digit = binary.BigEndian.AppendUint16(dst, digit), 0
		}
	}
	return dst, true
}

func appendNumeric(dst []byte, digits, weight int, sign uint16, scale int) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(digits))
	dst = binary.BigEndian.AppendUint16(dst, uint16(int16(weight)))
	dst = binary.BigEndian.AppendUint16(dst, sign)
	return binary.BigEndian.AppendUint16(dst, uint16(scale))
}

func encodeUUID(dst []byte, v value.Value) ([]byte, bool) {
	text := v.Str()
	if v.Kind() != value.Text || len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return dst, false
	}
	for _, part := range [...]string{text[:8], text[9:13], text[14:18], text[19:23], text[24:]} {
		var err error
		if dst, err = hex.AppendDecode(dst, []byte(part)); err != nil {
			return dst, false
		}
	}
	return dst, true
}

// encodeDate leaves the end of the range to the server, but for what the form cannot
// tell from infinity.
func encodeDate(dst []byte, v value.Value) ([]byte, bool) {
	if v.Kind() != value.Date {
		return dst, false
	}
	if v.IsInfinite() {
		return binary.BigEndian.AppendUint32(dst, uint32(infinite(v, math.MinInt32, math.MaxInt32))), true
	}
	days := floorDiv(v.Time().Unix(), 86400) - epochDays
	return binary.BigEndian.AppendUint32(dst, uint32(days)), days > math.MinInt32 && days < math.MaxInt32
}

func encodeTime(dst []byte, v value.Value) ([]byte, bool) {
	clock := v.Clock()
	return binary.BigEndian.AppendUint64(dst, uint64(clock.Microseconds())), v.Kind() == value.Time && clock%1000 == 0
}

// maxStampSeconds is beyond the last year of a timestamp, and within what
// microseconds in an int64 reach.
const maxStampSeconds = 9_223_372_000_000

// encodeStamp leaves the rounding of nanoseconds to the text format.
func encodeStamp(kind value.Kind) encoder {
	return func(dst []byte, v value.Value) ([]byte, bool) {
		if v.Kind() != kind {
			return dst, false
		}
		if v.IsInfinite() {
			return binary.BigEndian.AppendUint64(dst, uint64(infinite(v, math.MinInt64, math.MaxInt64))), true
		}
		t := v.Time()
		seconds, rest := t.Unix()-epochSeconds, t.Nanosecond()
		if rest%1000 != 0 || seconds > maxStampSeconds || seconds < -maxStampSeconds {
			return dst, false
		}
		return binary.BigEndian.AppendUint64(dst, uint64(seconds*1e6+int64(rest/1000))), true
	}
}

func infinite(v value.Value, before, after int64) int64 {
	if v.Equal(value.Infinite(v.Kind(), true)) {
		return before
	}
	return after
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
