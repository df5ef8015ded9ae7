package mysql

import (
	"database/sql"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// decoderOf describes a column of a result, as far as the protocol tells: neither a text's
// length nor a decimal's precision.
func decoderOf(t *sql.ColumnType) (value.Type, sqlsource.Decoder, error) {
	name, unsigned := strings.CutPrefix(t.DatabaseTypeName(), "UNSIGNED ")
	described := value.Type{SQL: strings.ToLower(name), Unsigned: unsigned}
	if unsigned {
		described.SQL += " unsigned"
	}
	switch name {
	case "TINYINT":
		described.Kind, described.Size = value.Int, 8
		return described, decodeNumber, nil
	case "SMALLINT":
		described.Kind, described.Size = value.Int, 16
		return described, decodeNumber, nil
	case "MEDIUMINT":
		described.Kind, described.Size = value.Int, 24
		return described, decodeNumber, nil
	case "INT":
		described.Kind, described.Size = value.Int, 32
		return described, decodeNumber, nil
	case "BIGINT":
		if unsigned {
			// Half of its numbers are none of an Int.
			described.Kind, described.Precision, described.Unsigned = value.Decimal, 20, false
			return described, decodeDecimal, nil
		}
		described.Kind, described.Size = value.Int, 64
		return described, decodeNumber, nil
	case "YEAR":
		described.Kind, described.Size, described.Unsigned = value.Int, 16, true
		described.SQL = "year"
		return described, decodeNumber, nil
	case "BIT":
		described.Kind = value.Int
		return described, decodeBits, nil
	case "FLOAT":
		described.Kind, described.Size = value.Float, 32
		return described, decodeFloat, nil
	case "DOUBLE":
		described.Kind, described.Size = value.Float, 64
		return described, decodeFloat, nil
	case "DECIMAL":
		described.Kind = value.Decimal
		return described, decodeDecimal, nil
	case "CHAR", "VARCHAR", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM", "SET":
		described.Kind = value.Text
		return described, decodeText, nil
	case "JSON":
		described.Kind = value.JSON
		return described, decodeText, nil
	case "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB":
		described.Kind = value.Bytes
		return described, decodeBytes, nil
	case "DATE":
		described.Kind = value.Date
		return described, decodeDate, nil
	case "TIME", "DATETIME", "TIMESTAMP":
		return timeDecoder(described, t)
	case "NULL":
		described.Kind = value.Other
		return described, decodeText, nil
	case "GEOMETRY":
		return described, nil, fmt.Errorf("column %q is of type geometry, which cannot be read: write ST_AsText(%s) or leave it out", t.Name(), t.Name())
	case "VECTOR":
		return described, nil, fmt.Errorf("column %q is of type vector, which cannot be read: write VECTOR_TO_STRING(%[1]s) (MariaDB: VEC_ToText) or leave it out", t.Name())
	default:
		return described, nil, fmt.Errorf("column %q is of a type that is not known: write CAST(%[1]s AS CHAR) or leave it out", t.Name())
	}
}

// maxFraction is the number of digits of a second that a server keeps.
const maxFraction = 6

func timeDecoder(described value.Type, t *sql.ColumnType) (value.Type, sqlsource.Decoder, error) {
	_, digits, ok := t.DecimalSize()
	if !ok || digits < 0 || digits > maxFraction {
		// Of these the driver would drop the fraction.
		return described, nil, fmt.Errorf("the server does not say how many digits of a second column %q has: write CAST(… AS %s(6))", t.Name(), t.DatabaseTypeName())
	}
	described.Fraction = int(digits)
	switch t.DatabaseTypeName() {
	case "TIME":
		described.Kind = value.Time
		return described, decodeTime, nil
	case "DATETIME":
		described.Kind = value.DateTime
		return described, decodeDateTime, nil
	default:
		described.Kind = value.Instant
		return described, decodeInstant, nil
	}
}

func decodeNumber(cell any) (value.Value, error) {
	if n, ok := cell.(int64); ok {
		return value.OfInt(n), nil
	}
	return unexpected(cell)
}

// decodeBits reads BIT(n) as the number that it is; BIT(64) may be a Decimal.
func decodeBits(cell any) (value.Value, error) {
	octets, ok := cell.([]byte)
	if !ok || len(octets) > 8 {
		return unexpected(cell)
	}
	var n uint64
	for _, octet := range octets {
		n = n<<8 | uint64(octet)
	}
	if n > math.MaxInt64 {
		return value.ParseDecimal(strconv.FormatUint(n, 10))
	}
	return value.OfInt(int64(n)), nil
}

// decodeFloat reads a FLOAT as the shortest decimal that is the same FLOAT: 0.1 is none of the
// doubles near it.
func decodeFloat(cell any) (value.Value, error) {
	switch f := cell.(type) {
	case float64:
		return value.OfFloat(f), nil
	case float32:
		var space [32]byte
		wide, err := strconv.ParseFloat(string(strconv.AppendFloat(space[:0], float64(f), 'g', -1, 32)), 64)
		return value.OfFloat(wide), err
	default:
		return unexpected(cell)
	}
}

func decodeDecimal(cell any) (value.Value, error) {
	switch n := cell.(type) {
	case []byte:
		return value.ParseDecimal(string(n))
	case int64: // of an unsigned BIGINT
		return value.OfDecimal(n, 0), nil
	default:
		return unexpected(cell)
	}
}

func decodeText(cell any) (value.Value, error) {
	if text, ok := cell.([]byte); ok {
		return value.OfText(string(text)), nil
	}
	return unexpected(cell)
}

func decodeBytes(cell any) (value.Value, error) {
	if octets, ok := cell.([]byte); ok {
		return value.OfBytes(octets), nil
	}
	return unexpected(cell)
}

func decodeDate(cell any) (value.Value, error) { return orText(cell, value.ParseDate) }

func decodeTime(cell any) (value.Value, error) { return orText(cell, value.ParseTime) }

func decodeDateTime(cell any) (value.Value, error) { return orText(cell, value.ParseDateTime) }

// decodeInstant reads what a clock in UTC showed: the session's zone.
func decodeInstant(cell any) (value.Value, error) {
	v, err := decodeDateTime(cell)
	if err == nil && v.Kind() == value.DateTime {
		v = value.OfInstant(v.Time())
	}
	return v, err
}

// orText leaves what is no value of the kind the text that it is, as 0000-00-00, for the
// mapping or the destination to judge.
func orText(cell any, parse func(string) (value.Value, error)) (value.Value, error) {
	text, ok := cell.([]byte)
	if !ok {
		return unexpected(cell)
	}
	v, err := parse(string(text))
	if err != nil {
		return value.OfText(string(text)), nil //nolint:nilerr // that is the point
	}
	return v, nil
}

func unexpected(cell any) (value.Value, error) {
	return value.Value{}, fmt.Errorf("the driver gave a %T", cell)
}

// decimalArgument is a decimal as a number where the driver has one for it, or else as text.
func decimalArgument(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n
	}
	return text
}
