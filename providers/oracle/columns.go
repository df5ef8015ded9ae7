package oracle

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/internal/value"
)

// catalogueColumn is a column as ALL_TAB_COLS describes it.
type catalogueColumn struct {
	name, dataType string // VARCHAR2, TIMESTAMP(6) WITH TIME ZONE
	length         int    // octets
	characters     int
	inCharacters   bool // its declared length counts characters
	precision      int  // 0: none
	scale          int
	hasScale       bool
}

// maxRaw is the number of octets that RAWTOHEX and HEXTORAW take, with what stands before the digits.
const maxRaw = 1999

// valueType is the type with all its limits; false for what has no text to be described, written or compared by.
func (c *catalogueColumn) valueType(known *charset) (value.Type, bool) {
	switch c.dataType {
	case "VARCHAR2", "CHAR":
		return c.letters(known), true
	case "NVARCHAR2", "NCHAR":
		return value.Type{
			Kind: value.Text, SQL: fmt.Sprintf("%s(%d)", c.dataType, c.characters), Size: c.characters, Fixed: c.dataType == "NCHAR",
			EmptyIsNull: true, Limits: textLimits{charset: known, units: c.characters},
		}, true
	case "CLOB", "NCLOB":
		return value.Type{Kind: value.Text, SQL: c.dataType, EmptyIsNull: true, Limits: textLimits{charset: known}}, true
	case "NUMBER":
		return c.number(), true
	case "FLOAT":
		digits := min(max(int(float64(c.precision)*math.Log10(2)), 1), maxDigits)
		return value.Type{Kind: value.Decimal, SQL: fmt.Sprintf("FLOAT(%d)", max(c.precision, 1)), Digits: digits}, true
	case "DATE":
		return value.Type{Kind: value.DateTime, SQL: "DATE", Limits: years{}}, true
	case "RAW":
		return value.Type{Kind: value.Bytes, SQL: fmt.Sprintf("RAW(%d)", c.length), Size: min(c.length, maxRaw), EmptyIsNull: true}, true
	case "BLOB":
		return value.Type{Kind: value.Bytes, SQL: "BLOB", Size: maxRaw, EmptyIsNull: true}, true
	case "BINARY_DOUBLE", "BINARY_FLOAT":
		return value.Type{Kind: value.Other, SQL: c.dataType, EmptyIsNull: true, Limits: floats{}}, true
	}
	switch {
	case strings.HasPrefix(c.dataType, "TIMESTAMP"):
		kind := value.DateTime
		if strings.HasSuffix(c.dataType, " TIME ZONE") {
			kind = value.Instant
		}
		return value.Type{Kind: kind, SQL: c.dataType, Fraction: c.scale, Limits: years{}}, true
	case strings.HasPrefix(c.dataType, "INTERVAL"):
		return value.Type{Kind: value.Other, SQL: c.dataType, EmptyIsNull: true}, true
	default:
		return value.Type{}, false
	}
}

func (c *catalogueColumn) letters(known *charset) value.Type {
	size, unit := c.length, "BYTE"
	limits := textLimits{charset: known, octets: c.length}
	if c.inCharacters {
		size, unit = c.characters, "CHAR"
		limits.octets = maxText
	}
	return value.Type{
		Kind: value.Text, SQL: fmt.Sprintf("%s(%d %s)", c.dataType, size, unit), Size: size, Fixed: c.dataType == "CHAR", EmptyIsNull: true, Limits: limits,
	}
}

// number: whole numbers of up to 18 digits are integers, as sources report them.
func (c *catalogueColumn) number() value.Type {
	switch {
	case !c.hasScale:
		return value.Type{Kind: value.Decimal, SQL: "NUMBER", Digits: maxDigits}
	case c.precision == 0: // INTEGER
		return value.Type{Kind: value.Decimal, SQL: fmt.Sprintf("NUMBER(*,%d)", c.scale), Precision: maxDigits, Scale: c.scale}
	case c.scale == 0 && c.precision <= intDigits:
		return value.Type{Kind: value.Int, Size: 64, SQL: fmt.Sprintf("NUMBER(%d)", c.precision), Limits: digits(c.precision)}
	case c.scale < 0:
		// Digits in front of the point are rounded, in the staging table as in the table itself.
		return value.Type{Kind: value.Decimal, SQL: fmt.Sprintf("NUMBER(%d,%d)", c.precision, c.scale), Precision: min(c.precision-c.scale, maxDigits)}
	case c.scale > c.precision:
		return value.Type{Kind: value.Decimal, SQL: fmt.Sprintf("NUMBER(%d,%d)", c.precision, c.scale), Precision: c.scale, Scale: c.scale}
	case c.scale == 0:
		return value.Type{Kind: value.Decimal, Precision: c.precision, SQL: fmt.Sprintf("NUMBER(%d)", c.precision)}
	default:
		return value.Type{Kind: value.Decimal, Precision: c.precision, Scale: c.scale, SQL: fmt.Sprintf("NUMBER(%d,%d)", c.precision, c.scale)}
	}
}

// digits is how many a whole number may have.
type digits int

func (most digits) Misfit(v value.Value) string {
	if n := len(strings.TrimPrefix(v.Text(), "-")); n > int(most) {
		return fmt.Sprintf("has %d digits, %d fit", n, int(most))
	}
	return ""
}

// floats are the texts that are read as binary numbers. The server's own text of one is not the canonical one of a
// float: such columns are of no kind.
type floats struct{}

func (floats) Misfit(v value.Value) string {
	if text := v.Text(); strings.ContainsAny(text, "xXpP_") {
		return "is no number"
	} else if _, err := strconv.ParseFloat(text, 64); err != nil {
		return "is no number, or out of range"
	}
	return ""
}

// years are those of the calendar that the engine shares with others.
type years struct{}

func (years) Misfit(v value.Value) string {
	switch t := v.Time(); {
	case v.IsInfinite():
		return "the database has no infinity"
	case t.Year() < 1 || t.Year() > 9999:
		return "out of range, which is the years 1 to 9999"
	case t.Year() == 1582 && t.Month() == 10 && t.Day() > 4 && t.Day() < 15:
		return "the database's calendar goes from 1582-10-04 to 1582-10-15"
	default:
		return ""
	}
}

// textLimits are those of a character set, and of what counts octets or UTF-16's units; 0: any number.
type textLimits struct {
	charset *charset
	octets  int
	units   int
}

func (l textLimits) Misfit(v value.Value) string {
	text := v.Text()
	if r, _, lacking := l.charset.lacks(text); lacking {
		return fmt.Sprintf("has a character that the database's character set %s lacks (U+%04X)", l.charset, r)
	}
	if n := l.charset.octets(text); l.octets > 0 && n > l.octets {
		return fmt.Sprintf("has %d octets, %d fit", n, l.octets)
	}
	if l.units > 0 && len(text) > l.units {
		n := 0
		for _, r := range text {
			if n++; r > 0xffff {
				n++
			}
		}
		if n > l.units {
			return fmt.Sprintf("has %d characters, those beyond U+FFFF counting twice; %d fit", n, l.units)
		}
	}
	return ""
}

// octets is how long a text, all of whose characters the charset has, is in it.
func (c *charset) octets(text string) int {
	switch {
	case c == nil || c.id == charsetAL32UTF8:
		return len(text)
	case c.id == charsetUTF8 || c.id == charsetAL24UTF:
		return len(text)
	}
	n := 0
	for _, r := range text {
		if r < utf8.RuneSelf {
			n++
		} else {
			n += len(c.table.Encode(string(r)))
		}
	}
	return n
}
