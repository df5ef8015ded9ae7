package mssqltest

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// readValue reads what a client sent, as the server would take it: integers as int64, floats as
// float64, bit as bool, decimals, money and uniqueidentifiers as text, dates and times as a
// time.Time, binary types as []byte, and character types as text, of which those without an n are
// in code page 1252.
func readValue(c *cursor, t wireType) (any, error) {
	var octets []byte
	switch t.id {
	case typeNull:
		return nil, nil //nolint:nilnil // NULL
	case typeInt1, typeBit, typeInt2, typeInt4, typeInt8, typeReal, typeFloat, typeMoney, typeSmallMoney, typeDateTime, typeSmallDateTime:
		octets = c.take(t.size)
	case typeText, typeNText, typeImage:
		if c.u8() == 0 {
			return nil, nil //nolint:nilnil // NULL
		}
		c.take(16 + 8)
		octets = c.take(int(c.u32()))
	case typeVarChar, typeChar, typeNVarChar, typeNChar, typeVarBinary, typeBinary:
		if t.size == unlimited {
			if c.u64() == math.MaxUint64 {
				return nil, nil //nolint:nilnil // NULL
			}
			octets = []byte{}
			for {
				n := int(c.u32())
				if n == 0 || c.short {
					break
				}
				octets = append(octets, c.take(n)...)
			}
			break
		}
		n := int(c.u16())
		if n == unlimited {
			return nil, nil //nolint:nilnil // NULL
		}
		octets = c.take(n)
	default:
		n := int(c.u8())
		if n == 0 {
			return nil, nil //nolint:nilnil // NULL
		}
		octets = c.take(n)
	}
	if c.short {
		return nil, fmt.Errorf("a value of type %v breaks off: %w", t, errProtocol)
	}
	return decode(t, octets)
}

func decode(t wireType, b []byte) (any, error) {
	switch t.id {
	case typeInt1, typeInt2, typeInt4, typeInt8, typeIntN:
		return decodeInt(b), nil
	case typeBit, typeBitN:
		return b[0] != 0, nil
	case typeReal, typeFloat, typeFloatN:
		if len(b) == 4 {
			return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), nil
		}
		return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
	case typeDecimalN, typeNumericN:
		units := new(big.Int)
		for i := len(b) - 1; i > 0; i-- {
			units.Or(units.Lsh(units, 8), big.NewInt(int64(b[i])))
		}
		if b[0] == 0 {
			units.Neg(units)
		}
		return scaled(units, int(t.scale)), nil
	case typeMoney, typeSmallMoney, typeMoneyN:
		if len(b) == 4 {
			return scaled(big.NewInt(int64(int32(binary.LittleEndian.Uint32(b)))), 4), nil
		}
		n := uint64(binary.LittleEndian.Uint32(b))<<32 | uint64(binary.LittleEndian.Uint32(b[4:]))
		return scaled(big.NewInt(int64(n)), 4), nil
	case typeDateN, typeTimeN, typeDateTime2N, typeDateTimeOffset, typeDateTime, typeSmallDateTime, typeDateTimeN:
		return decodeTime(t, b), nil
	case typeGUID:
		m := mixGUID(b)
		return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", m[:4], m[4:6], m[6:8], m[8:10], m[10:])), nil
	case typeNVarChar, typeNChar, typeNText:
		return fromUTF16(b), nil
	case typeVarChar, typeChar, typeText:
		return charmap.Windows1252.NewDecoder().String(string(b))
	case typeVarBinary, typeBinary, typeImage:
		return append([]byte{}, b...), nil
	default:
		return nil, fmt.Errorf("%v is not known to the double", t)
	}
}

func decodeInt(b []byte) int64 {
	switch len(b) {
	case 1:
		return int64(b[0])
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	default:
		return int64(binary.LittleEndian.Uint64(b))
	}
}

func scaled(units *big.Int, scale int) string {
	digits := new(big.Int).Abs(units).String()
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if scale > 0 {
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if units.Sign() < 0 {
		return "-" + digits
	}
	return digits
}

func decodeTime(t wireType, b []byte) time.Time {
	switch t.id {
	case typeDateTime, typeDateTimeN, typeSmallDateTime:
		if len(b) == 4 {
			return time.Date(1900, 1, 1+int(binary.LittleEndian.Uint16(b)), 0, int(binary.LittleEndian.Uint16(b[2:])), 0, 0, time.UTC)
		}
		ticks := int64(binary.LittleEndian.Uint32(b[4:]))
		return time.Date(1900, 1, 1+int(int32(binary.LittleEndian.Uint32(b))), 0, 0, int(ticks/300), int(ticks%300*10_000_000/3), time.UTC)
	}
	var clock time.Duration
	if t.id != typeDateN {
		n := clockSize(int(t.scale))
		var wide [8]byte
		copy(wide[:], b[:n])
		clock = time.Duration(binary.LittleEndian.Uint64(wide[:])) * (time.Second / time.Duration(math.Pow10(int(t.scale))))
		b = b[n:]
	}
	days := 0
	if len(b) >= 3 {
		days = int(b[0]) | int(b[1])<<8 | int(b[2])<<16
	}
	at := time.Date(1, 1, 1+days, 0, 0, 0, 0, time.UTC).Add(clock)
	if t.id == typeDateTimeOffset {
		return at.In(time.FixedZone("", 60*int(int16(binary.LittleEndian.Uint16(b[3:])))))
	}
	return at
}
