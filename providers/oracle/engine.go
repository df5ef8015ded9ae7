package oracle

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	go_ora "github.com/sijms/go-ora/v2"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// engine is what sqlsource does not know of Oracle.
type engine struct {
	charset atomic.Pointer[charset] // of the database, once it was asked
}

var (
	_ sqlsource.Engine           = (*engine)(nil)
	_ sqlsource.TypedPlaceholder = (*engine)(nil)
	_ sqlsource.Prechecker       = (*engine)(nil)
)

// Lexis implements sqlsource.Engine.
func (*engine) Lexis() sqlgen.Lexis { return (*Provider)(nil).QueryLexis() }

// CheckQuery implements sqlsource.Engine.
func (*engine) CheckQuery(text string) error { return checkQuery(text) }

// Precheck implements sqlsource.Prechecker.
func (*engine) Precheck(text string) error {
	if literal := qQuote(text); literal != "" {
		return fmt.Errorf("it holds a literal %s'…': write '…', with each quote in it doubled", literal)
	}
	return nil
}

// qQuote returns the prefix of the first q'…' or nq'…' literal, or "". Such a literal ends elsewhere than
// its first quote, so that what is checked as a string could be run, and the other way round.
func qQuote(text string) string {
	word := "" // that ends here
	for i := 0; i < len(text); {
		switch rest := text[i:]; {
		case strings.HasPrefix(rest, "--"):
			word = ""
			i += index(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			word = ""
			i += 2 + index(rest[2:], "*/")
		case rest[0] == '\'' && (strings.EqualFold(word, "q") || strings.EqualFold(word, "nq")):
			return word
		case rest[0] == '\'' || rest[0] == '"':
			word = ""
			i += 1 + index(rest[1:], rest[:1])
		case isNameByte(rest[0]):
			word += rest[:1]
			i++
		default:
			word = ""
			i++
		}
	}
	return ""
}

// index is where what follows the first end begins.
func index(text, end string) int {
	if at := strings.Index(text, end); at >= 0 {
		return at + len(end)
	}
	return len(text)
}

func isNameByte(c byte) bool {
	return c == '_' || c == '$' || c == '#' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80
}

// Placeholder implements sqlsource.Engine.
func (*engine) Placeholder(n int) string { return ":" + strconv.Itoa(n) }

// PlaceholderFor implements sqlsource.TypedPlaceholder. The driver would bind a time as one with a zone, which is
// compared with a DATE by changing each row's, without an index.
func (e *engine) PlaceholderFor(n int, v value.Value) string {
	placeholder := e.Placeholder(n)
	switch v.Kind() {
	case value.Date, value.DateTime:
		if v.Time().Nanosecond() == 0 {
			return "TO_DATE(" + placeholder + ",'YYYY-MM-DD HH24:MI:SS')"
		}
		return "TO_TIMESTAMP(" + placeholder + ",'YYYY-MM-DD HH24:MI:SS.FF9')"
	case value.Instant:
		return "TO_TIMESTAMP_TZ(" + placeholder + ",'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM')"
	default:
		return placeholder
	}
}

// maxDigits is how many significant digits of a NUMBER are kept for sure.
const maxDigits = 38

// Argument implements sqlsource.Engine.
func (e *engine) Argument(v value.Value) (any, error) {
	switch v.Kind() {
	case value.Null:
		return nil, nil //nolint:nilnil // NULL
	case value.Bool:
		if v.Bool() {
			return int64(1), nil
		}
		return int64(0), nil
	case value.Int:
		return number(strconv.FormatInt(v.Int(), 10))
	case value.Decimal:
		return number(v.Text())
	case value.Float:
		return number(strconv.FormatFloat(v.Float(), 'f', -1, 64))
	case value.Bytes:
		return []byte(v.Str()), nil
	case value.Date, value.DateTime, value.Instant:
		return moment(v)
	default:
		text := v.Text()
		if err := e.charset.Load().checkText(text); err != nil {
			return nil, err
		}
		return text, nil
	}
}

// number makes a NUMBER of plain digits. The driver's own way leaves zeros in front, and the database then has a
// number that equals no other.
func number(text string) (any, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	exponent := -len(fraction)
	mantissa := strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(mantissa, "0")
	exponent += len(mantissa) - len(trimmed)
	switch {
	case strings.Trim(trimmed, "0123456789") != "":
		return nil, errors.New("a NUMBER is neither NaN nor Infinity")
	case trimmed == "":
		return int64(0), nil
	case len(trimmed) > maxDigits || exponent+len(trimmed) > 125 || exponent+len(trimmed) < -125:
		return nil, fmt.Errorf("a NUMBER has up to %d significant digits", maxDigits)
	}
	text = trimmed + "e" + strconv.Itoa(exponent)
	if negative {
		text = "-" + text
	}
	return go_ora.NewNumberFromString(text)
}

// moment is the text that PlaceholderFor's functions read.
func moment(v value.Value) (any, error) {
	t := v.Time()
	switch {
	case v.IsInfinite() || t.Year() < 1 || t.Year() > 9999:
		return nil, errors.New("only dates of the years 1 to 9999 can be compared")
	case v.Kind() == value.Instant:
		return t.Format("2006-01-02 15:04:05.000000000 +00:00"), nil
	case t.Nanosecond() != 0:
		return t.Format("2006-01-02 15:04:05.000000000"), nil
	default:
		return t.Format("2006-01-02 15:04:05"), nil
	}
}

// Quote implements sqlsource.Engine. An identifier cannot hold the quote itself.
func (*engine) Quote(name string) string { return quote(name) }

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, ``) + `"` }

// sessionSettings make texts and comparisons the same everywhere. In the database's own time zone the two ways
// to read a TIMESTAMP WITH LOCAL TIME ZONE off the network are one.
const sessionSettings = `ALTER SESSION SET NLS_CALENDAR = 'GREGORIAN' NLS_DATE_LANGUAGE = 'AMERICAN' NLS_NUMERIC_CHARACTERS = '.,'
NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS' NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF'
NLS_TIMESTAMP_TZ_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF TZH:TZM' NLS_SORT = BINARY NLS_COMP = BINARY TIME_ZONE = DBTIMEZONE`

// Begin implements sqlsource.Engine.
func (e *engine) Begin(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, sessionSettings); err != nil {
		return fmt.Errorf("set the session up: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "SET TRANSACTION READ ONLY"); err != nil {
		return fmt.Errorf("begin a read-only transaction: %w", err)
	}
	// The first query of the transaction: if the statement did not fix what all see, this does.
	var name string
	var id int
	err := conn.QueryRowContext(ctx, "SELECT VALUE, NLS_CHARSET_ID(VALUE) FROM NLS_DATABASE_PARAMETERS WHERE PARAMETER = 'NLS_CHARACTERSET'").Scan(&name, &id)
	if err != nil {
		return fmt.Errorf("ask for the character set: %w", err)
	}
	known, err := newCharset(name, id)
	if err != nil {
		return err
	}
	if err := conn.Raw(func(raw any) error { return charsetOf(raw, known) }); err != nil {
		return err
	}
	e.charset.Store(known)
	return nil
}
