package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// windowError: no attempt may start any more.
type windowError struct {
	attempt int   // that may not start
	after   error // what ended the one before; nil where there was none
}

func (e *windowError) Error() string { return e.text(message) }

func (e *windowError) text(of func(error) string) string {
	if e.after == nil {
		return "the window closed while it waited for its destination"
	}
	return fmt.Sprintf("the window closed before attempt %d; the one before failed: %s", e.attempt, of(e.after))
}

// attempts is how often a unit is tried at most.
func (r *runner) attempts() int { return max(1, r.cfg.Settings.Retry.Attempts) }

// waits returns how long to wait before each round of attempts but the first.
func waits(r config.Retry) func() time.Duration {
	b := &backoff.ExponentialBackOff{InitialInterval: r.Wait, Multiplier: 2, MaxInterval: max(r.Wait, r.MaxWait)}
	b.Reset()
	return b.NextBackOff
}

// mayHelp reports whether another attempt may succeed where one ended with err: it plans anew, so that a plan that
// was stale is none any more.
func (r *runner) mayHelp(ctx context.Context, err error) bool {
	if ctx.Err() != nil || errors.Is(err, register.ErrTakenOver) {
		return false
	}
	if _, mistake := errors.AsType[*config.DiagnosticsError](err); mistake {
		return false
	}
	if _, held := errors.AsType[*apply.HeldError](err); held {
		return false
	}
	_, stale := errors.AsType[*apply.StaleError](err)
	_, applied := errors.AsType[*apply.AppliedError](err)
	_, older := errors.AsType[*apply.OlderError](err)
	return stale || applied || older || providers.Transient(r.opts.Providers, err)
}

// mayStart reports whether the windows let an attempt start.
func (r *runner) mayStart(at time.Time) bool {
	return r.opts.MayStart == nil || r.opts.MayStart(at)
}
