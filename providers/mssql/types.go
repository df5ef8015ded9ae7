package mssql

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// Columns implements sqlsource.Engine.
func (engine) Columns(types []*sql.ColumnType) ([]providers.Column, []sqlsource.Decoder, error) {
	columns, decoders := make([]providers.Column, len(types)), make([]sqlsource.Decoder, len(types))
	for i, t := range types {
		typ, decode, err := typeOf(t)
		if err != nil {
			return nil, nil, fmt.Errorf("column %q %w", t.Name(), err)
		}
		columns[i], decoders[i] = providers.Column{Name: t.Name(), Type: typ}, decode
	}
	return columns, decoders, nil
}

// unlimited is from which length on the driver means (max).
const unlimited = 1 << 20

// typeOf describes a column of a result.
func typeOf(t *sql.ColumnType) (value.Type, sqlsource.Decoder, error) {
	name := strings.ToLower(t.DatabaseTypeName())
	typ := value.Type{SQL: name}
	length, hasLength := t.Length()
	if hasLength && length < unlimited {
		typ.Size = int(length)
	}
	sized := func() {
		switch {
		case typ.Size > 0:
			typ.SQL = fmt.Sprintf("%s(%d)", name, typ.Size)
		case hasLength:
			typ.SQL = name + "(max)"
		}
	}
	clock := func() {
		_, scale, _ := t.DecimalSize()
		typ.Fraction = int(scale)
		typ.SQL = fmt.Sprintf("%s(%d)", name, scale)
	}
	switch name {
	case "bit":
		typ.Kind = value.Bool
		return typ, decodeBool, nil
	case "tinyint":
		typ.Kind, typ.Size, typ.Unsigned = value.Int, 8, true
		return typ, decodeInt, nil
	case "smallint":
		typ.Kind, typ.Size = value.Int, 16
		return typ, decodeInt, nil
	case "int":
		typ.Kind, typ.Size = value.Int, 32
		return typ, decodeInt, nil
	case "bigint":
		typ.Kind, typ.Size = value.Int, 64
		return typ, decodeInt, nil
	case "decimal":
		precision, scale, _ := t.DecimalSize()
		typ.Kind, typ.Precision, typ.Scale = value.Decimal, int(precision), int(scale)
		typ.SQL = fmt.Sprintf("decimal(%d,%d)", precision, scale)
		return typ, decodeDecimal, nil
	case "money":
		typ.Kind, typ.Precision, typ.Scale = value.Decimal, 19, 4
		return typ, decodeDecimal, nil
	case "smallmoney":
		typ.Kind, typ.Precision, typ.Scale = value.Decimal, 10, 4
		return typ, decodeDecimal, nil
	case "real":
		typ.Kind, typ.Size = value.Float, 32
		return typ, decodeReal, nil
	case "float":
		typ.Kind, typ.Size = value.Float, 64
		return typ, decodeFloat, nil
	case "char":
		sized()
		typ.Kind, typ.Fixed = value.Text, true
		return typ, trimmed(decodeChar), nil
	case "nchar":
		sized()
		typ.Kind, typ.Fixed = value.Text, true
		return typ, trimmed(decodeText), nil
	case "varchar", "text":
		if name == "varchar" {
			sized()
		}
		typ.Kind = value.Text
		return typ, decodeChar, nil
	case "nvarchar", "ntext":
		if name == "nvarchar" {
			sized()
		}
		typ.Kind = value.Text
		return typ, decodeText, nil
	case "xml":
		typ.Kind, typ.Size = value.Other, 0
		return typ, decodeText, nil
	case "binary", "varbinary", "image":
		if name != "image" {
			sized()
		}
		typ.Kind = value.Bytes
		return typ, decodeBytes, nil
	case "date":
		typ.Kind = value.Date
		return typ, decodeDate, nil
	case "time":
		clock()
		typ.Kind = value.Time
		return typ, decodeTime, nil
	case "smalldatetime":
		typ.Kind = value.DateTime
		return typ, decodeDateTime, nil
	case "datetime":
		typ.Kind, typ.Fraction = value.DateTime, 3
		return typ, decodeDateTime, nil
	case "datetime2":
		clock()
		typ.Kind = value.DateTime
		return typ, decodeDateTime, nil
	case "datetimeoffset":
		clock()
		typ.Kind = value.Instant
		return typ, decodeInstant, nil
	case "uniqueidentifier":
		typ.Kind = value.UUID
		return typ, decodeUUID, nil
	case "sql_variant":
		return typ, nil, errors.New("is of type sql_variant, whose values may be of any type: write CONVERT(nvarchar(4000), …) AS … in a query, or whichever type they have")
	case "geometry", "geography":
		return typ, nil, fmt.Errorf("is of type %s, which cannot be read as it is: write … .STAsText() AS … in a query", name)
	default: // hierarchyid, and the types that somebody wrote for this server
		return typ, nil, fmt.Errorf("is of type %s, which cannot be read as it is: write CONVERT(nvarchar(4000), …) AS … in a query", name)
	}
}

// errDriver is a cell that is of no type that the driver promises for its column. It does not
// show the cell.
var errDriver = errors.New("the driver yields another type than the column's")

func decodeBool(cell any) (value.Value, error) {
	b, ok := cell.(bool)
	if !ok {
		return value.Value{}, errDriver
	}
	return value.OfBool(b), nil
}

func decodeInt(cell any) (value.Value, error) {
	n, ok := cell.(int64)
	if !ok {
		return value.Value{}, errDriver
	}
	return value.OfInt(n), nil
}

func decodeDecimal(cell any) (value.Value, error) {
	b, ok := cell.([]byte)
	if !ok {
		return value.Value{}, errDriver
	}
	return value.ParseDecimal(string(b))
}

func decodeFloat(cell any) (value.Value, error) {
	f, ok := cell.(float64)
	if !ok {
		return value.Value{}, errDriver
	}
	return value.OfFloat(f), nil
}

// decodeReal reads a real as the double of the same shortest text: 0.1 stays 0.1.
func decodeReal(cell any) (value.Value, error) {
	f, ok := cell.(float64)
	if !ok {
		return value.Value{}, errDriver
	}
	if math.IsNaN(f) || math.IsInf(f, 0) { // older servers let some in
		return value.OfFloat(f), nil
	}
	var space [32]byte
	double, err := strconv.ParseFloat(string(strconv.AppendFloat(space[:0], f, 'g', -1, 32)), 64)
	return value.OfFloat(double), err
}

// decodeText reads what came in UTF-16. Half of a character, which SQL Server keeps and may have cut off itself, is U+FFFD to
// the driver: the row would say something else, and such a U+FFFD is not told from one that is stored.
func decodeText(cell any) (value.Value, error) {
	text, ok := cell.(string)
	switch {
	case !ok:
		return value.Value{}, errDriver
	case strings.ContainsRune(text, utf8.RuneError):
		return value.Value{}, errors.New("it holds half of a character (an unpaired surrogate), or U+FFFD, which the driver does not tell apart: correct the row, or write REPLACE(… COLLATE Latin1_General_BIN2, NCHAR(65533), N'?') AS … in a query, with NCHAR of what it holds")
	}
	return value.OfText(text), nil
}

// decodeChar reads what came in a code page. None of them has U+FFFD: the driver puts it where it does
// not know a character, and yields octets that are no text where it does not know the code page.
func decodeChar(cell any) (value.Value, error) {
	text, ok := cell.(string)
	switch {
	case !ok:
		return value.Value{}, errDriver
	case strings.ContainsRune(text, utf8.RuneError):
		return value.Value{}, errors.New("it holds a character that the column's code page lacks, or that the driver does not know: write CONVERT(nvarchar(max), …) AS … in a query")
	}
	return value.OfText(text), nil
}

// trimmed cuts off the blanks with which the server fills a column of fixed length.
func trimmed(decode sqlsource.Decoder) sqlsource.Decoder {
	return func(cell any) (value.Value, error) {
		if text, ok := cell.(string); ok {
			cell = strings.TrimRight(text, " ")
		}
		return decode(cell)
	}
}

func decodeBytes(cell any) (value.Value, error) {
	b, ok := cell.([]byte)
	if !ok {
		return value.Value{}, errDriver
	}
	return value.OfBytes(b), nil
}

func decodeDate(cell any) (value.Value, error) { return ofTime(cell, value.OfDate) }

func decodeDateTime(cell any) (value.Value, error) { return ofTime(cell, value.OfDateTime) }

func decodeInstant(cell any) (value.Value, error) { return ofTime(cell, value.OfInstant) }

func ofTime(cell any, of func(time.Time) value.Value) (value.Value, error) {
	t, ok := cell.(time.Time)
	if !ok {
		return value.Value{}, errDriver
	}
	return of(t), nil
}

func decodeTime(cell any) (value.Value, error) {
	t, ok := cell.(time.Time)
	if !ok {
		return value.Value{}, errDriver
	}
	seconds := t.Hour()*3600 + t.Minute()*60 + t.Second()
	return value.OfTime(time.Duration(seconds)*time.Second + time.Duration(t.Nanosecond())), nil
}

// decodeUUID reads octets that the driver has brought into the order of the text.
func decodeUUID(cell any) (value.Value, error) {
	b, ok := cell.([]byte)
	if !ok || len(b) != 16 {
		return value.Value{}, errDriver
	}
	return value.OfText(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])), nil
}
