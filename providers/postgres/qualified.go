package postgres

import (
	"strconv"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// qualified spells what Dialect says of a value's text and of its rounding so that it holds
// whatever the search path. The texts are the same; what fingerprints do not need is Dialect's own.
type qualified struct{ Dialect }

// TypeName qualifies those types that SQL has no words of its own for.
func (qualified) TypeName(k value.Kind) string {
	switch name := (Dialect{}).TypeName(k); name {
	case "text", "json":
		return "pg_catalog." + name
	default:
		return name
	}
}

func castToText(expr string) string { return "CAST(" + expr + " AS pg_catalog.text)" }

// AsText is a cast.
func (qualified) AsText(expr string) string { return castToText(expr) }

const byBytes = ` COLLATE pg_catalog."C"`

// Canonical is Dialect's.
func (qualified) Canonical(expr string, c sqlgen.Column) string {
	text := castToText(expr)
	switch {
	case c.Type.Kind == value.Float && c.Type.Size == 32:
		return castToText("CAST(" + text + " AS double precision)")
	case c.Type.Kind == value.Instant:
		return "pg_catalog.replace(" + text + ", '+00', 'Z')"
	case c.Collation != "":
		return text + byBytes
	default:
		return text
	}
}

// Comparable is the text, by its bytes, of what Dialect does not take as it is.
func (q qualified) Comparable(expr string, c sqlgen.Column) string {
	if (Dialect{}).Comparable(expr, c) == expr {
		return expr
	}
	return q.ByteOrder(castToText(expr))
}

// ByteOrder collates as "C".
func (qualified) ByteOrder(text string) string { return "(" + text + ")" + byBytes }

// Rounded is Dialect's.
func (qualified) Rounded(expr string, digits int, c sqlgen.Column) string {
	round := func(number string) string {
		return "pg_catalog.round(" + number + ", " + strconv.Itoa(digits) + ")"
	}
	switch c.Type.Kind {
	case value.Decimal:
		return round(expr)
	case value.Float:
		text := castToText(expr)
		return "CASE WHEN " + text + equal + "ANY (ARRAY['Infinity', '-Infinity', 'NaN']) THEN " + text +
			" ELSE " + castToText(round("CAST("+text+" AS numeric)")) + " END"
	default:
		return expr
	}
}
