package plan

import (
	"cmp"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

const (
	// lateCommit is how long a transaction may take from writing its watermark to its end
	// without being missed, unless overlap says so.
	lateCommit = 10 * time.Minute
	// putBack is what a wall clock without a zone is put back by in autumn.
	putBack = time.Hour
)

func isTime(kind value.Kind) bool {
	return kind == value.Date || kind == value.DateTime || kind == value.Instant
}

// overlap is how far to read back. Numbers have no such thing.
func overlap(incremental *config.Incremental, kind value.Kind) time.Duration {
	switch {
	case !isTime(kind):
		return 0
	case incremental.Overlap != nil:
		return *incremental.Overlap
	case kind == value.DateTime:
		return lateCommit + putBack
	default:
		return lateCommit
	}
}

// before returns the watermark by a span before another; the day of it for a date.
func before(mark value.Value, span time.Duration) value.Value {
	switch at := mark.Time().Add(-span); mark.Kind() {
	case value.Date:
		return value.OfDate(at)
	case value.DateTime:
		return value.OfDateTime(at)
	case value.Instant:
		return value.OfInstant(at)
	default:
		return mark
	}
}

// compareWatermarks compares two values of one kind: -1, 0 or 1.
func compareWatermarks(a, b value.Value) int {
	switch a.Kind() {
	case value.Int:
		return cmp.Compare(a.Int(), b.Int())
	case value.Decimal:
		one, isNumber := new(big.Rat).SetString(a.Str())
		other, known := new(big.Rat).SetString(b.Str())
		if !isNumber || !known { // see keeps such from being a watermark
			return 0
		}
		return one.Cmp(other)
	default:
		return a.Time().Compare(b.Time())
	}
}

// parseWatermark reads what Incremental of package register recorded.
func parseWatermark(kind, text string) (value.Value, error) {
	switch kind {
	case value.Int.String():
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return value.Value{}, err
		}
		return value.OfInt(n), nil
	case value.Decimal.String():
		return value.ParseDecimal(text)
	case value.Date.String():
		return value.ParseDate(text)
	case value.DateTime.String():
		return value.ParseDateTime(text)
	case value.Instant.String():
		return value.ParseInstant(text, nil)
	default:
		return value.Value{}, fmt.Errorf("no watermark is of type %s", kind)
	}
}
