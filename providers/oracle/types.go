package oracle

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// decoders are the types that are read, by the driver's names; those of NUMBER depend on its digits.
var decoders = map[string]sqlsource.Decoder{
	"NCHAR": text, "LONG": text, "LongVarChar": text, "OCIClobLocator": text, "ROWID": text,
	"CHAR":    padded,
	"NUMBER":  decimal,
	"DATE":    clock,
	"RAW":     octets,
	"LongRaw": octets, "OCIBlobLocator": octets,
	"TimeStampDTY": clock, "TIMESTAMP": clock,
	"TimeStampTZ_DTY": instant, "TimeStampTZ": instant, "TimeStampLTZ_DTY": instant, "TimeStampeLTZ": instant,
	"IBDouble": float,
}

// Columns implements sqlsource.Engine.
func (*engine) Columns(types []*sql.ColumnType) ([]providers.Column, []sqlsource.Decoder, error) {
	columns, decode := make([]providers.Column, len(types)), make([]sqlsource.Decoder, len(types))
	for i, t := range types {
		name := t.DatabaseTypeName()
		decoder, ok := decoders[name]
		if !ok {
			return nil, nil, unsupported(t.Name(), name, "")
		}
		columns[i] = providers.Column{Name: t.Name(), Type: typeOf(t, name)}
		decode[i] = decoder
		if columns[i].Type.Kind == value.Int {
			decode[i] = integer
		} else if scale := columns[i].Type.Scale; name == "NUMBER" && scale > 0 {
			decode[i] = scaled(scale)
		}
	}
	return columns, decode, nil
}

func typeOf(t *sql.ColumnType, name string) value.Type {
	size := 0
	if length, ok := t.Length(); ok && length > 0 && length < 1<<16 {
		size = int(length)
	}
	switch name {
	case "NCHAR":
		return sizedText("VARCHAR2", size)
	case "CHAR":
		typ := sizedText("CHAR", size)
		typ.Fixed = true
		return typ
	case "ROWID":
		return value.Type{Kind: value.Text, SQL: "ROWID"}
	case "LONG":
		return value.Type{Kind: value.Text, SQL: "LONG"}
	case "LongVarChar", "OCIClobLocator":
		return value.Type{Kind: value.Text, SQL: "CLOB"}
	case "NUMBER":
		precision, scale, _ := t.DecimalSize()
		return numberType(int(precision), int(scale))
	case "DATE":
		return value.Type{Kind: value.DateTime, SQL: "DATE"}
	case "TimeStampDTY", "TIMESTAMP":
		return value.Type{Kind: value.DateTime, SQL: "TIMESTAMP", Fraction: 9}
	case "TimeStampTZ_DTY", "TimeStampTZ":
		return value.Type{Kind: value.Instant, SQL: "TIMESTAMP WITH TIME ZONE", Fraction: 9}
	case "TimeStampLTZ_DTY", "TimeStampeLTZ":
		return value.Type{Kind: value.Instant, SQL: "TIMESTAMP WITH LOCAL TIME ZONE", Fraction: 9}
	case "IBDouble":
		return value.Type{Kind: value.Float, Size: 64, SQL: "BINARY_DOUBLE"}
	case "RAW":
		return value.Type{Kind: value.Bytes, SQL: "RAW"}
	default:
		return value.Type{Kind: value.Bytes, SQL: "BLOB"}
	}
}

func sizedText(name string, size int) value.Type {
	if size == 0 {
		return value.Type{Kind: value.Text, SQL: name}
	}
	return value.Type{Kind: value.Text, Size: size, SQL: fmt.Sprintf("%s(%d)", name, size)}
}

// intDigits always fit 64 bits.
const intDigits = 18

// numberType: a scale beyond 127 is a negative one; 255 is also the driver's for a NUMBER without one, and for FLOAT.
func numberType(precision, scale int) value.Type {
	switch {
	case scale > 127 || precision <= 0:
		return value.Type{Kind: value.Decimal, SQL: "NUMBER"}
	case scale == 0 && precision <= intDigits:
		return value.Type{Kind: value.Int, Size: 64, SQL: fmt.Sprintf("NUMBER(%d)", precision)}
	case scale > precision:
		return value.Type{Kind: value.Decimal, SQL: fmt.Sprintf("NUMBER(%d,%d)", precision, scale)}
	case scale == 0:
		return value.Type{Kind: value.Decimal, Precision: precision, SQL: fmt.Sprintf("NUMBER(%d)", precision)}
	default:
		return value.Type{Kind: value.Decimal, Precision: precision, Scale: scale, SQL: fmt.Sprintf("NUMBER(%d,%d)", precision, scale)}
	}
}

func cellOf[T any](cell any) (T, error) {
	got, ok := cell.(T)
	if !ok {
		return got, fmt.Errorf("the driver gave a %T", cell)
	}
	return got, nil
}

// text: the empty text is NULL, of a CLOB as well.
func text(cell any) (value.Value, error) {
	s, err := cellOf[string](cell)
	if err != nil {
		return value.Value{}, err
	}
	return ofText(s)
}

func ofText(s string) (value.Value, error) {
	switch {
	case s == "":
		return value.Value{}, nil
	case !utf8.ValidString(s):
		return value.Value{}, errors.New("its octets are no text in the database's character set: correct the row, or, where they are of another set, write UTL_I18N.RAW_TO_NCHAR(UTL_RAW.CAST_TO_RAW(…), 'WE8MSWIN1252') in a query")
	}
	return value.OfText(s), nil
}

// padded is a CHAR: the blanks that fill it up are no part of it.
func padded(cell any) (value.Value, error) {
	s, err := cellOf[string](cell)
	if err != nil {
		return value.Value{}, err
	}
	return ofText(strings.TrimRight(s, " "))
}

func octets(cell any) (value.Value, error) {
	b, err := cellOf[[]byte](cell)
	if err != nil || len(b) == 0 {
		return value.Value{}, err
	}
	return value.OfBytes(b), nil
}

func decimal(cell any) (value.Value, error) {
	s, err := cellOf[string](cell)
	if err != nil {
		return value.Value{}, err
	}
	return value.ParseDecimal(s)
}

// scaled shows as many digits behind the point as the column declares.
func scaled(scale int) sqlsource.Decoder {
	return func(cell any) (value.Value, error) {
		s, err := cellOf[string](cell)
		if err != nil {
			return value.Value{}, err
		}
		point := strings.IndexByte(s, '.')
		behind := len(s) - point - 1
		if point < 0 {
			s, behind = s+".", 0
		}
		if behind < scale {
			s += strings.Repeat("0", scale-behind)
		}
		return value.ParseDecimal(s)
	}
}

func integer(cell any) (value.Value, error) {
	s, err := cellOf[string](cell)
	if err != nil {
		return value.Value{}, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return value.Value{}, fmt.Errorf("it is no whole number of %d digits", intDigits)
	}
	return value.OfInt(n), nil
}

func float(cell any) (value.Value, error) {
	f, err := cellOf[float64](cell)
	if err != nil {
		return value.Value{}, err
	}
	return value.OfFloat(f), nil
}

// clock keeps what the clock shows; the zone is the driver's invention.
func clock(cell any) (value.Value, error) {
	t, err := calendar(cell)
	if err != nil {
		return value.Value{}, err
	}
	return value.OfDateTime(t), nil
}

func instant(cell any) (value.Value, error) {
	t, err := calendar(cell)
	if err == nil && unknownZone(t) {
		err = fmt.Errorf("its time zone is not known on this machine: write … AT TIME ZONE '+00:00' in the query")
	}
	if err != nil {
		return value.Value{}, err
	}
	return value.OfInstant(t), nil
}

// unknownZone reports whether the time is one of a zone that the driver could not find by its number, and
// that it did not come in UTC: then the driver takes the number for an offset, of an odd count of minutes.
func unknownZone(t time.Time) bool {
	name := t.Location().String()
	if !strings.HasPrefix(name, "+") && !strings.HasPrefix(name, "-") {
		return false
	}
	_, offset := t.Zone()
	minutes := offset / 60
	return minutes%2 != 0 && (minutes < 0 || minutes%60 != 45) // Nepal's is +05:45
}

// calendar refuses years before the first, which Oracle counts with a year 0 between, and others without.
func calendar(cell any) (time.Time, error) {
	t, err := cellOf[time.Time](cell)
	if err == nil && t.Year() < 1 {
		err = fmt.Errorf("it is a date before the year 1: write CASE WHEN … >= DATE '0001-01-01' THEN … END, or correct it")
	}
	return t, err
}

// spelt are the types that are not read, by the driver's names, and what to write instead of the
// column. BINARY_FLOAT is among them because the driver rounds it down: 0.7 becomes 0.6.
var spelt = map[string]struct{ name, instead string }{
	"IBFloat":        {"BINARY_FLOAT", "TO_BINARY_DOUBLE(%s)"},
	"IntervalYM_DTY": {"INTERVAL YEAR TO MONTH", "TO_CHAR(%s)"},
	"IntervalYM":     {"INTERVAL YEAR TO MONTH", "TO_CHAR(%s)"},
	"IntervalDS_DTY": {"INTERVAL DAY TO SECOND", "TO_CHAR(%s)"},
	"IntervalDS":     {"INTERVAL DAY TO SECOND", "TO_CHAR(%s)"},
	"UROWID":         {"UROWID", "ROWIDTOCHAR(%s)"},
	"TNSType(119)":   {"JSON", "JSON_SERIALIZE(%s RETURNING CLOB)"},
	"TNSType(127)":   {"VECTOR", "FROM_VECTOR(%s RETURNING CLOB)"},
	"TNSType(252)":   {"BOOLEAN", "CASE WHEN %s THEN 1 WHEN NOT %[1]s THEN 0 END"},
	"OCIFileLocator": {"BFILE", ""},
	"REFCURSOR":      {"CURSOR", ""},
	"OCIRef":         {"REF", ""},
}

// unsupported is the error for a column of a type that is not read. object is the name of its object type, where
// it is of one and the name is known.
func unsupported(column, driverName, object string) error {
	if driverName == "XMLType" || driverName == "OCIXMLType" {
		if object == "" || object == "XMLTYPE" {
			return fmt.Errorf("column %q is of an object type, which is not read: write XMLSERIALIZE(CONTENT %s AS CLOB) for an XMLTYPE, and the attributes for another", column, reference(column))
		}
		return fmt.Errorf("column %q is of the object type %s, which is not read: write the attributes that you need, as in t.%s.attribute", column, object, reference(column))
	}
	odd, ok := spelt[driverName]
	switch {
	case !ok:
		return fmt.Errorf("column %q is of a type that is not read (%s): convert it in the query, for example by TO_CHAR", column, driverName)
	case odd.instead == "":
		return fmt.Errorf("column %q is of type %s, which is not read: leave it out of the query", column, odd.name)
	default:
		return fmt.Errorf("column %q is of type %s, which is not read: write %s", column, odd.name, fmt.Sprintf(odd.instead, reference(column)))
	}
}

// reference is a name as a query writes it.
func reference(name string) string {
	if name == "" || name != strings.ToUpper(name) || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$#") != "" {
		return quote(name)
	}
	return name
}
