package cli

import (
	"context"
	"time"
)

// awaitBegin waits until the run of a slot begins, which its schedule's jitter delays: at the same time as serve would.
func (a *app) awaitBegin(ctx context.Context, r request, o runOptions) error {
	wait := r.begins.Sub(a.env.Now())
	if r.begins.IsZero() || wait <= 0 {
		return nil
	}
	say := a.out().Say
	switch {
	case o.quiet:
		say = func(string, ...any) {}
	case o.json:
		say = a.err().Say
	}
	say("%s: the run begins in %s (jitter).", r.Schedule, max(time.Second, wait.Round(time.Second)))
	if a.env.Sleep != nil {
		return a.env.Sleep(ctx, wait)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
