package postgres

import (
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
)

// What is computed beside the source's own query must mean the same whatever schemas the source's
// search path names before pg_catalog: functions, operators and types are qualified, except for the
// types that SQL has words of its own for, such as integer.
const (
	greater     = " OPERATOR(pg_catalog.>) "
	equal       = " OPERATOR(pg_catalog.=) "
	notEqual    = " OPERATOR(pg_catalog.<>) "
	concatenate = " OPERATOR(pg_catalog.||) "
)

// builtin spells a type of the destination for a cast, without length or precision. It is for kinds
// that have one built-in type for each size.
func builtin(t value.Type) string {
	switch t.Kind {
	case value.Bool:
		return "boolean"
	case value.Int:
		return map[int]string{16: "smallint", 32: "integer", 64: "bigint"}[t.Size]
	case value.Float:
		return map[int]string{32: "real", 64: "double precision"}[t.Size]
	case value.Decimal:
		return "numeric"
	case value.Bytes:
		return "pg_catalog.bytea"
	case value.Date:
		return "pg_catalog.date"
	case value.Time:
		return "time without time zone"
	case value.DateTime:
		return "timestamp without time zone"
	case value.Instant:
		return "timestamp with time zone"
	case value.UUID:
		return "pg_catalog.uuid"
	case value.JSON:
		return "pg_catalog." + strings.TrimPrefix(t.SQL, "pg_catalog.")
	default:
		return "pg_catalog.text"
	}
}

// converted is expr, of the source's type, as what COPY reads in binary for a column of
// the stage. It yields, for each value, what decoding and value.Type.Fit would store; for
// one that does not fit it fails, or yields what the stage refuses. ok is false for types
// of which that is not known.
//
// The stage's own precision or length is never cast to: a cast would round and cut, and so
// would the stage.
func converted(expr string, from, to value.Type) (cast string, ok bool) {
	plain := "(" + expr + ")::" + builtin(to)
	switch to.Kind {
	case value.Bool, value.Bytes, value.Date, value.UUID:
		return plain, from.Kind == to.Kind
	case value.Int:
		return plain, from.Kind == value.Int // out of range is an error
	case value.Decimal:
		return convertedDecimal(plain, from, to)
	case value.Float:
		// A real becomes the double of the same text, which a cast is not.
		return plain, from.Kind == value.Float && from.Size == to.Size || from.Kind == value.Int && to.Size == 64
	case value.Text:
		return convertedText(plain, from, to)
	case value.Time, value.DateTime, value.Instant:
		// Rounding is not the same on both sides of 2000.
		return plain, from.Kind == to.Kind && from.Fraction <= to.Fraction
	case value.JSON:
		if from.Kind != value.JSON || builtin(from) != builtin(to) {
			return "", false
		}
		// Longer ones could be nested deeper than Fit reads.
		text := "(" + expr + ")::pg_catalog.text"
		return "CASE WHEN pg_catalog.octet_length(" + text + ")" + greater + "20000 THEN ('-'" + concatenate + "pg_catalog.left(" + text + ", 0))::" + builtin(to) + " ELSE " + plain + " END", true
	}
	return "", false
}

func convertedDecimal(number string, from, to value.Type) (string, bool) {
	switch {
	case from.Kind != value.Int && from.Kind != value.Decimal, to.Precision == 0 && to.SQL != "numeric":
		return "", false // such as numeric(5,-2), which rounds without a word
	case to.Precision == 0 || from.Kind == value.Int || from.Precision > 0 && from.Scale <= to.Scale:
		return number, true // too many digits before the point are an error
	}
	// What would be rounded becomes a number that is too large.
	return fmt.Sprintf("CASE WHEN %[1]s"+notEqual+"pg_catalog.round(%[1]s, %[2]d) THEN 1%[3]s::numeric ELSE %[1]s END", number, to.Scale, strings.Repeat("0", to.Precision-to.Scale)), true
}

// convertedText is of type text, which is in binary what varchar, bpchar and citext are.
func convertedText(text string, from, to value.Type) (string, bool) {
	switch from.Kind {
	case value.Text, value.Bool, value.Int, value.UUID:
	case value.Decimal, value.Date:
	default:
		return "", false
	}
	switch {
	case to.SQL == "text", isCitext(to):
		return text, true
	case to.Fixed && to.Size > 0:
		return text, true // padded, or refused where more than blanks would be cut
	case to.Fixed || to.SQL != "character varying" && !strings.HasPrefix(to.SQL, "character varying("):
		return "", false
	case to.Size == 0 || from.Kind == value.Text && from.Size > 0 && from.Size <= to.Size:
		return text, true
	}
	// Blanks beyond the end would be cut without a word.
	return fmt.Sprintf("CASE WHEN pg_catalog.char_length(%[1]s)"+greater+"%[2]d THEN %[1]s"+concatenate+"'.' ELSE %[1]s END", text, to.Size), true
}
