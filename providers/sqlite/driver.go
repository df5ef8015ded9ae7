package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// The functions that the dialect's canonical texts rely on. SQLite's own printf
// has no shortest form that reads back the same. They are registered on a
// driver of our own, so that the process's other connections do not see them; no
// view or trigger may use them, or other programs could not read the file.
const (
	floatText   = "registrar_float"   // (real): canonical text of a float
	decimalText = "registrar_decimal" // (real, scale): canonical text of a decimal
	numberOf    = "registrar_number"  // (text): the number, or the text where it is none
	lowerText   = "registrar_lower"   // (text): in lower case; SQLite's own knows ASCII only
	roundedText = "registrar_round"   // (number, digits): text of the number, rounded
	dayText     = "registrar_day"     // (text, zone): the day of a time; of an instant in that zone
	rowHash     = "registrar_rowhash" // (number of texts, texts and documents): see sqlgen.Dialect
)

// connector opens connections of a driver that is not registered globally.
type connector struct {
	driver *sqlite.Driver
	dsn    string
}

func newConnector(dsn string) (*connector, error) {
	d := &sqlite.Driver{}
	zones := &calendars{loaded: map[string]*time.Location{}}
	err := errors.Join(
		registerStorable(d),
		d.RegisterDeterministicScalarFunction(floatText, 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			if f, ok := args[0].(float64); ok {
				return formatFloat(f), nil
			}
			return args[0], nil
		}),
		d.RegisterDeterministicScalarFunction(decimalText, 2, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			f, ok := args[0].(float64)
			scale, isInt := args[1].(int64)
			if !ok || !isInt {
				return args[0], nil
			}
			return formatDecimal(f, int(scale)), nil
		}),
		d.RegisterDeterministicScalarFunction(numberOf, 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			if text, ok := args[0].(string); ok {
				return parseNumber(text), nil
			}
			return args[0], nil
		}),
		d.RegisterDeterministicScalarFunction(lowerText, 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			if text, ok := args[0].(string); ok {
				return lowerCase(text), nil
			}
			return args[0], nil
		}),
		d.RegisterDeterministicScalarFunction(roundedText, 2, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			digits, ok := args[1].(int64)
			if !ok {
				return args[0], nil
			}
			return round(args[0], digits), nil
		}),
		d.RegisterDeterministicScalarFunction(dayText, 2, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			text, ok := args[0].(string)
			if !ok {
				return args[0], nil
			}
			zone, _ := args[1].(string)
			return zones.day(text, zone), nil
		}),
		// The arguments are not copied: they are not kept.
		d.RegisterFunction(rowHash, &sqlite.FunctionImpl{NArgs: -1, Deterministic: true, VolatileArgs: true, Scalar: hashRow}),
	)
	if err != nil {
		return nil, fmt.Errorf("register functions: %w", err)
	}
	return &connector{driver: d, dsn: dsn}, nil
}

func (c *connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

func (c *connector) Driver() driver.Driver { return c.driver }

// formatFloat is the canonical text of a Float.
func formatFloat(f float64) string { return string(value.AppendFloat(nil, f)) }

// formatDecimal is the shortest decimal that reads back as f, in plain digits,
// with at least scale of them behind the point.
func formatDecimal(f float64, scale int) string {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return formatFloat(f)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	if pad := scale - len(fraction); pad > 0 {
		fraction += strings.Repeat("0", pad)
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// parseNumber is the number that a canonical text spells, as SQLite would store
// it: an int64 where it is whole and fits, else a float64; or the text itself.
func parseNumber(text string) any {
	whole, fraction, _ := strings.Cut(text, ".")
	if strings.Trim(fraction, "0") == "" {
		if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
			return n
		}
	}
	switch text {
	case "Infinity":
		return math.Inf(1)
	case "-Infinity":
		return math.Inf(-1)
	}
	if text == "" || strings.Trim(text, "+-.0123456789eE") != "" {
		return text
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return f
}

// bind is a value as the driver takes it.
func bind(v value.Value) any {
	switch v.Kind() {
	case value.Null:
		return nil
	case value.Bool:
		if v.Bool() {
			return int64(1)
		}
		return int64(0)
	case value.Int:
		return v.Int()
	case value.Float:
		if f := v.Float(); !math.IsNaN(f) {
			return f
		}
		// SQLite turns NaN into NULL; as a text it is kept.
		return "NaN"
	case value.Decimal:
		return parseNumber(v.Str())
	case value.Text:
		return v.Str()
	case value.Bytes:
		return []byte(v.Str())
	default:
		return v.Text()
	}
}

// busyAsLocked wraps providers.ErrLocked where another connection holds the file.
func busyAsLocked(err error) error {
	if isBusy(err) {
		return fmt.Errorf("%w: %w", providers.ErrLocked, err)
	}
	return err
}

func isBusy(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	primary := e.Code() & 0xff
	return primary == lib.SQLITE_BUSY || primary == lib.SQLITE_LOCKED
}

// safeError replaces what may quote a row or a parameter: the text of what a trigger
// raised, and whatever a message has between single quotes. What else SQLite says
// names columns, constraints and words of the query.
func safeError(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	if e.Code() == lib.SQLITE_CONSTRAINT_TRIGGER {
		return &scrubbed{text: strings.ReplaceAll(err.Error(), e.Error(), "a trigger refused the row (its message is not shown)")}
	}
	if safe := quotedValue.ReplaceAllString(e.Error(), "'…'"); safe != e.Error() {
		return &scrubbed{text: strings.ReplaceAll(err.Error(), e.Error(), safe)}
	}
	return err
}

var quotedValue = regexp.MustCompile(`(?s)'.*'`)

type scrubbed struct{ text string }

func (e *scrubbed) Error() string { return e.text }

// parseFloat reads the canonical text of a Float.
func parseFloat(text string) (float64, bool) {
	if text == "NaN" {
		return math.NaN(), true
	}
	switch n := parseNumber(text).(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	default:
		return 0, false
	}
}
