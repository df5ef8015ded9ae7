package sqlite

import (
	"database/sql/driver"
	"strings"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/registrar-sync/registrar/internal/value"
)

// lowerCase is what Unicode calls the lower case, in no particular language: as
// PostgreSQL finds it with ICU.
func lowerCase(text string) string {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return cases.Lower(language.Und).String(text)
		}
	}
	return strings.ToLower(text)
}

// round spells a number with that many digits behind the point, halves away from
// zero; what is no number stays as it is. No stored text can be mistaken for the
// number of another: one that reads as a number is rounded itself.
func round(stored driver.Value, digits int64) driver.Value {
	var text string
	switch stored := stored.(type) {
	case int64:
		text = value.OfInt(stored).Text()
	case float64:
		text = formatDecimal(stored, 0)
	case string:
		text = stored
	default:
		return stored
	}
	number, err := value.ParseDecimal(text)
	if err != nil {
		return stored
	}
	plain := number.Str()
	decimal, _, err := apd.NewFromString(plain)
	if err != nil || decimal.Form != apd.Finite {
		return plain
	}
	context := apd.BaseContext.WithPrecision(uint32(int64(len(plain)) + digits + 1))
	context.Rounding = apd.RoundHalfUp
	var rounded apd.Decimal
	if _, err := context.Quantize(&rounded, decimal, int32(-digits)); err != nil {
		return plain
	}
	if rounded.IsZero() {
		rounded.Negative = false
	}
	return rounded.Text('f')
}
