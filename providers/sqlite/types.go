package sqlite

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
)

// affinity is what SQLite makes of a value stored in a column.
type affinity string

// The affinities, spelt as a declaration that has them. blob is none at all.
const (
	blobAffinity    affinity = ""
	textAffinity    affinity = "TEXT"
	numericAffinity affinity = "NUMERIC"
	integerAffinity affinity = "INTEGER"
	realAffinity    affinity = "REAL"
)

// affinityOf follows the rules of https://www.sqlite.org/datatype3.html, section 3.1.
func affinityOf(declared string) affinity {
	upper := strings.ToUpper(declared)
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(upper, part) })
	}
	switch {
	case has("INT"):
		return integerAffinity
	case has("CHAR", "CLOB", "TEXT"):
		return textAffinity
	case upper == "" || has("BLOB"):
		return blobAffinity
	case has("REAL", "FLOA", "DOUB"):
		return realAffinity
	default:
		return numericAffinity
	}
}

// significantDigits is what every decimal keeps as a REAL.
const significantDigits = 15

var (
	declaration = regexp.MustCompile(`^([^()]*)(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?([^()]*)$`)
	integerWord = regexp.MustCompile(`^(TINY|SMALL|MEDIUM|BIG)?INT(EGER)?[0-9]*$`)
)

// typeOf reads a declared type. What SQLite does with a value depends on the
// affinity; what people mean by the declaration is the kind. A kind is given only
// where the affinity lets its values be.
func typeOf(declared string) value.Type {
	t := value.Type{Kind: value.Other, SQL: declared}
	aff := affinityOf(declared)
	if aff == numericAffinity || aff == integerAffinity || aff == realAffinity {
		t.Digits = significantDigits
	}
	match := declaration.FindStringSubmatch(strings.ToUpper(declared))
	if match == nil {
		return t
	}
	words := strings.Fields(match[1] + " " + match[4])
	first, err := strconv.Atoi(match[2])
	given := err == nil
	second, _ := strconv.Atoi(match[3])
	name := strings.Join(words, " ")

	switch {
	case aff == integerAffinity:
		// Always 64 bits, whatever INT(11) or SMALLINT say.
		if slices.ContainsFunc(words, integerWord.MatchString) {
			t.Kind, t.Digits = value.Int, 0
		}
	case aff == realAffinity:
		t.Kind, t.Digits = value.Float, 0
	case aff == textAffinity:
		t.Kind, t.Size = value.Text, first
	}
	switch name {
	case "BOOL", "BOOLEAN":
		t.Kind, t.Digits = value.Bool, 0
	case "DATE":
		t.Kind, t.Digits = value.Date, 0
	case "TIME", "TIME WITHOUT TIME ZONE":
		t.Kind, t.Digits = value.Time, 0
	case "DATETIME", "DATETIME2", "SMALLDATETIME", "TIMESTAMP", "TIMESTAMP WITHOUT TIME ZONE":
		t.Kind, t.Digits = value.DateTime, 0
	case "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITH LOCAL TIME ZONE", "DATETIMEOFFSET":
		t.Kind, t.Digits = value.Instant, 0
	case "DECIMAL", "DEC", "NUMERIC", "NUMBER":
		t.Kind = value.Decimal
		if given && second <= first && first > 0 {
			t.Precision, t.Scale = first, second
		}
	case "BLOB", "BINARY", "VARBINARY", "BYTEA":
		t.Kind, t.Size, t.Digits = value.Bytes, first, 0
	case "JSON", "JSONB":
		t.Kind = value.JSON
	case "UUID", "GUID", "UNIQUEIDENTIFIER":
		t.Kind, t.Digits = value.UUID, 0
	}
	switch t.Kind {
	case value.Time, value.DateTime, value.Instant:
		t.Fraction = 9
		if given {
			t.Fraction = min(first, 9)
		}
	}
	return t
}
