package oracletest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// Charset is a database's: its number among Oracle's. The zero Charset stands for AL32UTF8.
type Charset int

// The charsets that the double knows.
const (
	US7ASCII      Charset = 1
	WE8ISO8859P15 Charset = 46
	WE8MSWIN1252  Charset = 178
	AL32UTF8      Charset = 873
)

// tables are those of one octet for each character.
var tables = map[Charset]*charmap.Charmap{WE8ISO8859P15: charmap.ISO8859_15, WE8MSWIN1252: charmap.Windows1252}

// encode replaces what the charset lacks by a question mark.
func (c Charset) encode(text string) []byte {
	table := tables[c]
	if table == nil {
		return []byte(text)
	}
	out := make([]byte, 0, len(text))
	for _, r := range text {
		b, ok := table.EncodeRune(r)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}

func (c Charset) decode(raw []byte) string {
	table := tables[c]
	if table == nil {
		return string(raw)
	}
	var out strings.Builder
	for _, b := range raw {
		out.WriteRune(table.DecodeByte(b))
	}
	return out.String()
}

func encodeUTF16(text string) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.BigEndian.AppendUint16(out, unit)
	}
	return out
}

func decodeUTF16(raw []byte) string {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(units))
}

// Types on the wire.
const (
	wireVarchar      = 1
	wireNumber       = 2
	wireLong         = 8
	wireRowID        = 11
	wireDate         = 12
	wireRaw          = 23
	wireLongRaw      = 24
	wireLongVarchar  = 94
	wireChar         = 96
	wireBinaryFloat  = 100
	wireBinaryDouble = 101
	wireObject       = 109
	wireClob         = 112
	wireBlob         = 113
	wireJSON         = 119
	wireTimestamp    = 180
	wireTimestampTZ  = 181
	wireIntervalDS   = 183
	wireTimestamp2   = 187 // as bound
	wireURowID       = 208
	wireTimestampLTZ = 231
)

func isLong(kind byte) bool {
	return kind == wireLong || kind == wireLongRaw || kind == wireLongVarchar || kind == 95
}

// Type is a column's. What a cell holds is behind each; nil is NULL everywhere.
type Type int

// The types that the double serves.
const (
	Varchar2     Type = iota // string
	NVarchar2                // string
	Char                     // string; Size pads it with blanks
	Long                     // string
	Clob                     // string
	NClob                    // string
	Num                      // Number, int or int64; Precision 0: not declared
	Date                     // time.Time: what its clock shows
	Timestamp                // time.Time: what its clock shows
	TimestampTZ              // time.Time
	TimestampLTZ             // time.Time: what its clock shows in UTC
	Raw                      // []byte
	LongRaw                  // []byte
	Blob                     // []byte
	BinaryDouble             // float64
	BinaryFloat              // float64
	RowID                    // int: the row's number in its block
	URowID                   // []byte
	IntervalDS               // []byte, as on the wire
	JSON                     // []byte
	Object                   // []byte, as on the wire; the column has an ObjectName
)

// properties are how a type is described and sent.
type properties struct {
	wire      byte
	text      bool
	national  bool
	longScale bool // how the scale is described
}

var typeProperties = [...]properties{
	Varchar2: {wire: wireVarchar, text: true}, NVarchar2: {wire: wireVarchar, text: true, national: true},
	Char: {wire: wireChar, text: true}, Long: {wire: wireLong, text: true},
	Clob: {wire: wireClob, text: true}, NClob: {wire: wireClob, text: true, national: true},
	Num: {wire: wireNumber, longScale: true}, Date: {wire: wireDate},
	Timestamp: {wire: wireTimestamp, longScale: true}, TimestampTZ: {wire: wireTimestampTZ, longScale: true},
	TimestampLTZ: {wire: wireTimestampLTZ, longScale: true},
	Raw:          {wire: wireRaw}, LongRaw: {wire: wireLongRaw}, Blob: {wire: wireBlob},
	BinaryDouble: {wire: wireBinaryDouble}, BinaryFloat: {wire: wireBinaryFloat},
	RowID: {wire: wireRowID}, URowID: {wire: wireURowID},
	IntervalDS: {wire: wireIntervalDS, longScale: true}, JSON: {wire: wireJSON}, Object: {wire: wireObject},
}

// Column is one of a result. Size counts characters or octets.
type Column struct {
	Name             string
	Type             Type
	Size             int
	Precision, Scale int
	ObjectName       string // of an Object's type, such as XMLTYPE
}

func (c Column) properties() properties { return typeProperties[c.Type] }

// Number is a NUMBER in plain digits: -12.50.
type Number string

// putCell puts one value of a row.
func (s *session) putCell(c *cursor, i int, cell any) error {
	w, column := s.w, c.result.Columns[i]
	kind := c.types[i]
	if kind == wireRowID || kind == wireURowID || kind == wireObject {
		return s.putOddCell(kind, cell)
	}
	if cell == nil {
		w.put(0)
	} else {
		raw, err := s.encode(column, cell)
		switch {
		case err != nil:
			return err
		case kind == wireClob || kind == wireBlob:
			s.putLocator(column, cell)
		default:
			w.putClr(raw)
		}
	}
	if isLong(kind) {
		w.putInt(0)
		w.putInt(0)
	}
	return nil
}

// putOddCell puts values that are not one piece.
func (s *session) putOddCell(kind byte, cell any) error {
	w := s.w
	switch value := cell.(type) {
	case nil:
		w.put(0)
		if kind == wireObject {
			w.put(0, 0, 0, 0, 1, 1, 0x81, 1)
		}
	case int: // of a ROWID
		w.put(14)
		w.putInt(73_196)
		w.putInt(4)
		w.put(0)
		w.putInt(151)
		w.putInt(value)
	case []byte:
		if kind == wireObject {
			w.putDlc([]byte{1, 2, 3, 4})
			w.put(0, 0, 0)
			w.putInt(len(value))
			w.put(1, 1)
			w.putClr(value)
			return nil
		}
		w.putInt(len(value))
		w.putClr(value)
	default:
		return fmt.Errorf("a cell of %T", cell)
	}
	return nil
}

// encode returns a value as it travels in a row. LOBs do where the client asked for that.
func (s *session) encode(column Column, cell any) ([]byte, error) {
	t := column.properties()
	switch value := cell.(type) {
	case string:
		if !t.text {
			break
		}
		if t.wire == wireChar && len([]rune(value)) < column.Size {
			value += strings.Repeat(" ", column.Size-len([]rune(value)))
		}
		if t.national {
			return encodeUTF16(value), nil
		}
		return s.charset.encode(value), nil
	case []byte:
		return value, nil
	case Number:
		return encodeNumber(string(value))
	case int:
		return encodeNumber(strconv.Itoa(value))
	case int64:
		return encodeNumber(strconv.FormatInt(value, 10))
	case float64:
		if t.wire == wireBinaryFloat {
			return sortable(binary.BigEndian.AppendUint32(nil, math.Float32bits(float32(value)))), nil
		}
		return sortable(binary.BigEndian.AppendUint64(nil, math.Float64bits(value))), nil
	case time.Time:
		return encodeTime(t.wire, value), nil
	}
	return nil, fmt.Errorf("a cell of %T", cell)
}

// sortable changes the bits of a float so that their order is that of the numbers.
func sortable(bits []byte) []byte {
	if bits[0]&0x80 == 0 {
		bits[0] |= 0x80
		return bits
	}
	for i := range bits {
		bits[i] = ^bits[i]
	}
	return bits
}

func encodeTime(wire byte, t time.Time) []byte {
	_, offset := t.Zone()
	if wire == wireTimestampTZ || wire == wireTimestampLTZ {
		t = t.UTC()
	}
	year := t.Year()
	century, rest := year/100, year%100
	out := []byte{byte(century + 100), byte(rest + 100), byte(t.Month()), byte(t.Day()), byte(t.Hour() + 1), byte(t.Minute() + 1), byte(t.Second() + 1)}
	if wire == wireDate {
		return out
	}
	out = binary.BigEndian.AppendUint32(out, uint32(t.Nanosecond()))
	if wire == wireTimestampTZ {
		out = append(out, byte(20+offset/3600), byte(60+offset/60%60))
	}
	return out
}

// encodeNumber writes plain digits in base 100.
func encodeNumber(text string) ([]byte, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	whole = strings.TrimLeft(whole, "0")
	if len(whole)%2 == 1 {
		whole = "0" + whole
	}
	if len(fraction)%2 == 1 {
		fraction += "0"
	}
	pairs, exponent := whole+fraction, len(whole)/2
	for strings.HasPrefix(pairs, "00") {
		pairs, exponent = pairs[2:], exponent-1
	}
	for strings.HasSuffix(pairs, "00") {
		pairs = pairs[:len(pairs)-2]
	}
	if pairs == "" {
		return []byte{0x80}, nil
	}
	if len(pairs) > 40 || exponent > 63 || exponent < -64 {
		return nil, errors.New("more digits than a NUMBER has")
	}
	out := []byte{byte(exponent + 192)}
	if negative {
		out[0] = ^out[0]
	}
	for ; pairs != ""; pairs = pairs[2:] {
		n, err := strconv.Atoi(pairs[:2])
		if err != nil {
			return nil, errors.New("not a number in plain digits")
		}
		if negative {
			out = append(out, byte(101-n))
		} else {
			out = append(out, byte(n+1))
		}
	}
	if negative && len(out) < 21 {
		out = append(out, 102)
	}
	return out, nil
}

// decodeNumber is the way back. A number that is not normal, as Oracle keeps none, is an error.
func decodeNumber(raw []byte) (Number, error) {
	if len(raw) == 1 && raw[0] == 0x80 {
		return "0", nil
	}
	negative := raw[0]&0x80 == 0
	exponent, body := int(raw[0])-192, raw[1:]
	if negative {
		exponent = int(^raw[0]) - 192
		if len(body) > 0 && body[len(body)-1] == 102 {
			body = body[:len(body)-1]
		}
	}
	digits := make([]byte, 0, 2*len(body))
	for _, b := range body {
		n := int(b) - 1
		if negative {
			n = 101 - int(b)
		}
		if n < 0 || n > 99 {
			return "", fmt.Errorf("% x is no NUMBER", raw)
		}
		digits = append(digits, byte('0'+n/10), byte('0'+n%10))
	}
	if len(body) == 0 || len(body) > 20 || string(digits[:2]) == "00" || string(digits[len(digits)-2:]) == "00" {
		return "", fmt.Errorf("% x is no normal NUMBER", raw)
	}
	text := string(digits)
	point := 2 * exponent
	switch {
	case point <= 0:
		text = "0." + strings.Repeat("0", -point) + text
	case point >= len(text):
		text += strings.Repeat("0", point-len(text))
	default:
		text = text[:point] + "." + text[point:]
	}
	if strings.Contains(text, ".") {
		text = strings.TrimRight(text, "0")
	}
	if trimmed := strings.TrimLeft(text, "0"); strings.HasPrefix(trimmed, ".") {
		text = "0" + trimmed
	} else {
		text = trimmed
	}
	if negative {
		text = "-" + text
	}
	return Number(text), nil
}

// decode reads a bound value.
func (s *session) decode(p parameter, raw []byte) (any, error) {
	switch p.kind {
	case wireVarchar, wireChar, wireLong, wireLongVarchar:
		if p.charsetID == nationalCharset {
			return decodeUTF16(raw), nil
		}
		return s.charset.decode(raw), nil
	case wireNumber:
		return decodeNumber(raw)
	case wireRaw, wireLongRaw:
		return raw, nil
	case wireDate, wireTimestamp, wireTimestamp2, wireTimestampTZ:
		if len(raw) < 7 {
			return nil, fmt.Errorf("a date of %d octets", len(raw))
		}
		nanos := 0
		if len(raw) >= 11 {
			nanos = int(binary.BigEndian.Uint32(raw[7:]))
		}
		zone, clock := time.UTC, time.UTC
		if len(raw) >= 13 {
			if raw[11]&0x80 != 0 {
				return nil, errors.New("a time zone by its number")
			}
			hours, minutes := int(raw[11]&0x3f)-20, int(raw[12])-60
			zone = time.FixedZone("", hours*3600+minutes*60)
			if raw[11]&0x40 != 0 {
				clock = zone
			}
		}
		year := (int(raw[0])-100)*100 + int(raw[1]) - 100
		return time.Date(year, time.Month(raw[2]), int(raw[3]), int(raw[4])-1, int(raw[5])-1, int(raw[6])-1, nanos, clock).In(zone), nil
	default:
		return nil, fmt.Errorf("a parameter of type %d", p.kind)
	}
}
