package sqlite

import (
	"database/sql/driver"
	"strings"
	"sync"
	"time"
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

// calendars keeps the time zones that it was asked for.
type calendars struct {
	mu     sync.Mutex
	loaded map[string]*time.Location
}

// day is the first part of the canonical text of a date or a time; of an instant, in
// a zone. What is neither stays as it is.
func (c *calendars) day(text, zone string) string {
	if zone != "" {
		instant, err := value.ParseInstant(text, time.UTC)
		if err != nil {
			return text
		}
		loc := c.location(zone)
		if loc == nil {
			return text
		}
		text = instant.InZone(loc).Text()
	}
	day, _, _ := strings.Cut(text, " ")
	return day
}

// location returns nil for a zone that is not known.
func (c *calendars) location(name string) *time.Location {
	c.mu.Lock()
	defer c.mu.Unlock()
	loc, ok := c.loaded[name]
	if !ok {
		loc, _ = time.LoadLocation(name) //nolint:gosmopolitan // the configuration names it
		c.loaded[name] = loc
	}
	return loc
}
