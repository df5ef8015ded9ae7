package mssqltest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// Raw is a value whose octets are sent as they are, where the type has a length.
type Raw []byte

const (
	// chunk is how many octets of a (max) value are sent at once.
	chunk = 8000
)

// Days from 1970 back to the first day of the newer types and of the older ones.
const (
	daysFrom1    = 719162
	daysFrom1900 = 25567
)

// appendValue appends a value of a row. What stands for a value is as in Column.
func appendValue(dst []byte, t wireType, v any) ([]byte, error) {
	if v == nil {
		return appendNull(dst, t)
	}
	octets, err := encode(t, v)
	if err != nil {
		return dst, fmt.Errorf("%v of %T: %w", t, v, err)
	}
	switch t.id {
	case typeInt1, typeBit, typeInt2, typeInt4, typeInt8, typeReal, typeFloat, typeMoney, typeSmallMoney, typeDateTime, typeSmallDateTime:
		return append(dst, octets...), nil
	case typeText, typeNText, typeImage:
		dst = append(dst, 16)
		dst = append(dst, make([]byte, 16+8)...) // where it is, and since when
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(octets)))
		return append(dst, octets...), nil
	case typeVariant:
		// A bigint: its type and no properties.
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(octets)+2))
		return append(append(dst, typeInt8, 0), octets...), nil
	case typeVarChar, typeChar, typeNVarChar, typeNChar, typeVarBinary, typeBinary, typeXML, typeUDT:
		if t.size == unlimited {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(len(octets)))
			for rest := octets; len(rest) > 0; {
				n := min(len(rest), chunk)
				dst = append(binary.LittleEndian.AppendUint32(dst, uint32(n)), rest[:n]...)
				rest = rest[n:]
			}
			return append(dst, 0, 0, 0, 0), nil
		}
		if len(octets) > t.size {
			return dst, fmt.Errorf("%d octets do not fit %v", len(octets), t)
		}
		return append(binary.LittleEndian.AppendUint16(dst, uint16(len(octets))), octets...), nil
	default:
		return append(append(dst, byte(len(octets))), octets...), nil
	}
}

func appendNull(dst []byte, t wireType) ([]byte, error) {
	switch t.id {
	case typeInt1, typeBit, typeInt2, typeInt4, typeInt8, typeReal, typeFloat, typeMoney, typeSmallMoney, typeDateTime, typeSmallDateTime:
		return dst, fmt.Errorf("a column that is NOT NULL holds NULL")
	case typeVariant:
		return append(dst, 0, 0, 0, 0), nil
	case typeVarChar, typeChar, typeNVarChar, typeNChar, typeVarBinary, typeBinary, typeXML, typeUDT:
		if t.size == unlimited {
			return binary.LittleEndian.AppendUint64(dst, math.MaxUint64), nil
		}
		return append(dst, 0xff, 0xff), nil
	default:
		return append(dst, 0), nil
	}
}

func encode(t wireType, v any) ([]byte, error) {
	switch t.id {
	case typeBit, typeBitN:
		if b, ok := v.(bool); ok && b {
			return []byte{1}, nil
		}
		return []byte{0}, nil
	case typeInt1, typeInt2, typeInt4, typeInt8, typeIntN, typeVariant:
		n, err := asInt(v)
		size := t.size
		if t.id == typeVariant {
			size = 8
		}
		return binary.LittleEndian.AppendUint64(nil, uint64(n))[:size], err
	case typeReal, typeFloat, typeFloatN:
		f, ok := v.(float64)
		if !ok {
			return nil, errProtocol
		}
		if t.size == 4 {
			return binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(f))), nil
		}
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(f)), nil
	case typeDecimalN, typeNumericN:
		return encodeDecimal(t, fmt.Sprint(v))
	case typeMoney, typeSmallMoney, typeMoneyN:
		units, err := unscaled(fmt.Sprint(v), 4)
		if err != nil {
			return nil, err
		}
		n := uint64(units.Int64())
		if t.size == 4 {
			return binary.LittleEndian.AppendUint32(nil, uint32(n)), nil
		}
		return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(n>>32)), uint32(n)), nil
	case typeDateN, typeTimeN, typeDateTime2N, typeDateTimeOffset, typeDateTime, typeSmallDateTime, typeDateTimeN:
		return encodeTime(t, v)
	case typeGUID:
		return encodeGUID(fmt.Sprint(v))
	}
	if raw, ok := v.(Raw); ok {
		return raw, nil
	}
	switch t.id {
	case typeVarBinary, typeBinary, typeImage, typeUDT:
		b, ok := v.([]byte)
		if !ok {
			return nil, errProtocol
		}
		return b, nil
	case typeNVarChar, typeNChar, typeNText, typeXML:
		return appendUTF16(nil, fmt.Sprint(v)), nil
	case typeVarChar, typeChar, typeText:
		encoded, err := charmap.Windows1252.NewEncoder().String(fmt.Sprint(v))
		return []byte(encoded), err
	default:
		return nil, errProtocol
	}
}

func asInt(v any) (int64, error) {
	switch n := v.(type) {
	case int:
		return int64(n), nil
	case int64:
		return n, nil
	default:
		return strconv.ParseInt(fmt.Sprint(v), 10, 64)
	}
}

// unscaled returns a decimal number's digits as units of the scale's last place.
func unscaled(text string, scale int) (*big.Int, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if len(fraction) > scale {
		return nil, fmt.Errorf("more than %d digits behind the point", scale)
	}
	units, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", scale-len(fraction)), 10)
	if !ok {
		return nil, fmt.Errorf("not a decimal number")
	}
	return units, nil
}

func encodeDecimal(t wireType, text string) ([]byte, error) {
	units, err := unscaled(text, int(t.scale))
	if err != nil {
		return nil, err
	}
	out := make([]byte, t.size)
	if units.Sign() >= 0 {
		out[0] = 1
	}
	digits := units.Bytes()
	if len(digits) > t.size-1 {
		return nil, fmt.Errorf("too many digits")
	}
	for i, b := range digits {
		out[len(digits)-i] = b
	}
	return out, nil
}

// encodeTime takes a time.Time, or text such as 2026-03-29 02:30:00.5 +02:00 of which parts may be
// missing.
func encodeTime(t wireType, v any) ([]byte, error) {
	at, ok := v.(time.Time)
	if !ok {
		var err error
		if at, err = parseTime(fmt.Sprint(v)); err != nil {
			return nil, err
		}
	}
	_, offset := at.Zone()
	if t.id != typeDateTimeOffset { // a wall clock
		at = at.Add(time.Duration(offset) * time.Second)
	}
	at = at.UTC()
	seconds := at.Unix()
	days := seconds / 86400
	if seconds%86400 < 0 {
		days--
	}
	clock := time.Duration(seconds-days*86400)*time.Second + time.Duration(at.Nanosecond())
	var out []byte
	switch t.id {
	case typeDateTime, typeDateTimeN, typeSmallDateTime:
		if t.size == 4 {
			out = binary.LittleEndian.AppendUint16(out, uint16(days+daysFrom1900))
			return binary.LittleEndian.AppendUint16(out, uint16(clock/time.Minute)), nil
		}
		out = binary.LittleEndian.AppendUint32(out, uint32(int32(days+daysFrom1900)))
		return binary.LittleEndian.AppendUint32(out, uint32(math.Round(clock.Seconds()*300))), nil
	case typeTimeN, typeDateTime2N, typeDateTimeOffset:
		unit := time.Second / time.Duration(math.Pow10(int(t.scale)))
		out = binary.LittleEndian.AppendUint64(out, uint64(clock/unit))[:clockSize(int(t.scale))]
		if t.id == typeTimeN {
			return out, nil
		}
	}
	n := days + daysFrom1
	out = append(out, byte(n), byte(n>>8), byte(n>>16))
	if t.id == typeDateTimeOffset {
		out = binary.LittleEndian.AppendUint16(out, uint16(int16(offset/60)))
	}
	return out, nil
}

func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02 15:04:05 -07:00", "2006-01-02 15:04:05", "2006-01-02", "15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("not a date or a time")
}

// encodeGUID mixes the octets as Windows does: those of the first three groups are turned round.
func encodeGUID(text string) ([]byte, error) {
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(b) != 16 {
		return nil, fmt.Errorf("not a uniqueidentifier")
	}
	return mixGUID(b), nil
}

func mixGUID(b []byte) []byte {
	return append([]byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]}, b[8:]...)
}
