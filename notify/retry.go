package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// attempts to send one message.
const attempts = 3

// persist calls try until it succeeds, fails for good (backoff.Permanent) or has been called often
// enough, all within patience.
func (d *delivery) persist(ctx context.Context, what string, try func(ctx context.Context) error) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.Multiplier, wait.MaxInterval = d.wait, 3, patience
	var last error
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		last = try(ctx)
		return struct{}{}, last
	},
		backoff.WithBackOff(wait), backoff.WithMaxTries(attempts), backoff.WithMaxElapsedTime(patience),
		backoff.WithNotify(func(err error, in time.Duration) {
			d.options.Log.Warn("a message could not be sent, and is tried again", "to", what, "in", in, "error", err)
		}))
	if err != nil && ctx.Err() != nil && !errors.Is(last, ctx.Err()) {
		// Out of time while waiting: what it was waiting for is what people need to know.
		return fmt.Errorf("%w (and there was no time to try again: %w)", last, ctx.Err())
	}
	return err
}

// waitError is tried again when the server says.
type waitError struct {
	error
	after *backoff.RetryAfterError
}

func (e waitError) Unwrap() []error { return []error{e.error, e.after} }

// scrub takes secrets out of a text that others wrote.
func scrub(text string, secrets []string) string {
	for _, secret := range secrets {
		// Shorter ones would be found in any text.
		if len(secret) > 2 {
			text = strings.ReplaceAll(text, secret, "(secret)")
		}
	}
	return clean(text, maxText, false)
}
