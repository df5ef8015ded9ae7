package postgres

import (
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
)

// converted is expr, of the source's type, as what COPY reads in binary for a column of
// the stage. It yields, for each value, what decoding and value.Type.Fit would store; for
// one that does not fit it fails, or yields what the stage refuses. ok is false for types
// of which that is not known.
//
// The stage's own precision or length is never cast to: a cast would round and cut, and so
// would the stage.
func converted(expr string, from, to value.Type) (cast string, ok bool) {
	as := func(t string) (string, bool) { return "(" + expr + ")::" + t, true }
	switch to.Kind {
	case value.Bool, value.Bytes, value.Date, value.UUID:
		if from.Kind == to.Kind {
			return as(to.SQL)
		}
	case value.Int:
		if from.Kind == value.Int {
			return as(to.SQL) // out of range is an error
		}
	case value.Decimal:
		return convertedDecimal(expr, from, to)
	case value.Float:
		// A real becomes the double of the same text, which a cast is not.
		if from.Kind == value.Float && from.Size == to.Size || from.Kind == value.Int && to.Size == 64 {
			return as(to.SQL)
		}
	case value.Text:
		return convertedText(expr, from, to)
	case value.Time, value.DateTime, value.Instant:
		// Rounding is not the same on both sides of 2000.
		if from.Kind == to.Kind && from.Fraction <= to.Fraction {
			return as(map[value.Kind]string{
				value.Time: "time without time zone", value.DateTime: "timestamp without time zone", value.Instant: "timestamp with time zone",
			}[to.Kind])
		}
	case value.JSON:
		if from.Kind == value.JSON && from.SQL == to.SQL {
			// Longer ones could be nested deeper than Fit reads.
			return fmt.Sprintf("CASE WHEN octet_length((%[1]s)::text) > 20000 THEN ('-' || left((%[1]s)::text, 0))::%[2]s ELSE (%[1]s)::%[2]s END", expr, to.SQL), true
		}
	}
	return "", false
}

func convertedDecimal(expr string, from, to value.Type) (string, bool) {
	number := "(" + expr + ")::numeric"
	switch {
	case from.Kind != value.Int && from.Kind != value.Decimal, to.Precision == 0 && to.SQL != "numeric":
		return "", false // such as numeric(5,-2), which rounds without a word
	case to.Precision == 0 || from.Kind == value.Int || from.Precision > 0 && from.Scale <= to.Scale:
		return number, true // too many digits before the point are an error
	}
	// What would be rounded becomes a number that is too large.
	return fmt.Sprintf("CASE WHEN %[1]s <> round(%[1]s, %[2]d) THEN 1%[3]s::numeric ELSE %[1]s END", number, to.Scale, strings.Repeat("0", to.Precision-to.Scale)), true
}

// convertedText is of type text, which is in binary what varchar, bpchar and citext are.
func convertedText(expr string, from, to value.Type) (string, bool) {
	switch from.Kind {
	case value.Text, value.Bool, value.Int, value.UUID:
	case value.Decimal, value.Date:
	default:
		return "", false
	}
	text := "(" + expr + ")::text"
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
	return fmt.Sprintf("CASE WHEN char_length(%[1]s) > %[2]d THEN %[1]s || '.' ELSE %[1]s END", text, to.Size), true
}
