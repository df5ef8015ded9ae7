package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// What a configuration and an operator's policy may ask for.
const (
	// MaxApprovals is how many approvals can be required at most; 0 requires none.
	MaxApprovals = 10
	// MinTimeout is the shortest of the limits.
	MinTimeout = time.Second
)

// Limits bound what a plan may take; 0: no bound.
type Limits struct {
	// PlanTimeout is how long a plan may take as a whole.
	PlanTimeout time.Duration
	// StatementTimeout is how long one statement, or the reading of one query's rows, may take.
	StatementTimeout time.Duration
	// MaxRows is how many rows a sync may read of its source, and a check's query may return.
	MaxRows int64
}

// Tighter returns, of each bound, the tighter one.
func (l Limits) Tighter(other Limits) Limits {
	return Limits{
		PlanTimeout:      tighter(l.PlanTimeout, other.PlanTimeout),
		StatementTimeout: tighter(l.StatementTimeout, other.StatementTimeout),
		MaxRows:          tighter(l.MaxRows, other.MaxRows),
	}
}

func tighter[T time.Duration | int64](one, other T) T {
	if one == 0 || other != 0 && other < one {
		return other
	}
	return one
}

// ParseSpan reads a span of time such as "90s", "15m", "72h" or "30d", which is not negative; a day has 24 hours.
func ParseSpan(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > math.MaxInt64/uint64(24*time.Hour) {
			return 0, fmt.Errorf("not a number of days: %q", days)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, err
	}
	if d < 0 {
		return 0, fmt.Errorf("negative: %s", text)
	}
	return d, nil
}
