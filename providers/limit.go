package providers

import (
	"context"
	"time"
)

// StatementLimiter is a Destination whose engine can end statements that take too long.
type StatementLimiter interface {
	// LimitStatements bounds every later statement of the connection. A tighter bound of the server's stays.
	LimitStatements(ctx context.Context, q Querier, longest time.Duration) error
	// StatementLimited reports whether err is of a statement that the engine ended for that.
	StatementLimited(err error) bool
}
