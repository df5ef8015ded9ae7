package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

type pruneOptions struct {
	olderThan age
	history   bool
}

func (a *app) pruneCommand() *cobra.Command {
	o := pruneOptions{olderThan: age(30 * day)}
	c := a.command(&cobra.Command{
		Use:   "prune [--older-than DURATION] [--history]",
		Short: "Remove old plans and runs from the registers",
		Long: `Removes the plans that expired that long ago without having been applied. Plans
that were applied are the history: they stay, unless --history is given.

Runs that ended that long ago go, too, but for the latest of each unit and its latest
of a slot, and those of slots of the last 35 days; so do runs of no slot that began
that long ago and were killed, and pauses that were ended.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error { return a.prune(ctx, o) })
	c.Flags().Var(&o.olderThan, "older-than", "how long ago they expired, ended or were applied, such as 30d or 720h; 0 for all")
	c.Flags().BoolVar(&o.history, "history", false, "also remove plans that were applied that long ago")
	return c
}

func (a *app) prune(ctx context.Context, o pruneOptions) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	before := a.env.Now().Add(-time.Duration(o.olderThan))
	var failed error
	for _, c := range cfg.Destinations {
		if err := a.pruneDestination(ctx, cfg, c, before, o.history); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", c.Address, err))
		}
	}
	return failed
}

func (a *app) pruneDestination(ctx context.Context, cfg *config.Config, c *config.Connection, before time.Time, history bool) error {
	return a.within(ctx, cfg, c, func(s *session) error {
		r := register.New(s.Dialect())
		if _, err := r.Meta(ctx, s.tx); err != nil {
			return s.safe(err)
		}
		var plans, operations int64
		partly := func(err error) error {
			if plans == 0 {
				return err
			}
			return fmt.Errorf("%w (removed before, for good: %d plans, with %d operations; prune again for the rest)", err, plans, operations)
		}
		for {
			some, err := r.PruneSome(ctx, s.tx, before, history)
			if err != nil {
				_ = s.tx.Rollback() // of the later ones nobody else takes care
				return partly(s.safe(err))
			}
			if err := s.commit(); err != nil {
				return partly(err)
			}
			plans, operations = plans+some.Plans, operations+some.Operations
			if !some.More {
				break
			}
			// Others who write may go in between.
			if s.tx, err = s.Begin(ctx, s.conn, a.global.lockTimeout); err != nil {
				return partly(fmt.Errorf("begin: %w", s.safe(err)))
			}
		}
		a.out().Say("%s: plans removed: %d, with %d operations.", c.Address, plans, operations)
		return a.pruneRuns(ctx, c, s, before)
	})
}

// pruneRuns removes runs and pauses in a transaction of its own.
func (a *app) pruneRuns(ctx context.Context, c *config.Connection, s *session, before time.Time) (err error) {
	if s.tx, err = s.Begin(ctx, s.conn, a.global.lockTimeout); err != nil {
		return fmt.Errorf("begin: %w", s.safe(err))
	}
	runs, pauses, err := register.New(s.Dialect()).PruneRuns(ctx, s.tx, before, a.env.Now())
	if err != nil {
		_ = s.tx.Rollback() // of the later ones nobody else takes care
		return s.safe(err)
	}
	if err := s.commit(); err != nil {
		return err
	}
	a.out().Say("%s: runs removed: %d, and %d pauses that were ended.", c.Address, runs, pauses)
	return nil
}

const day = 24 * time.Hour

// age is a duration that may count days, such as 30d or 1d12h.
type age time.Duration

func (d *age) String() string {
	if t := time.Duration(*d); t > 0 && t%day == 0 {
		return fmt.Sprintf("%dd", t/day)
	}
	return time.Duration(*d).String()
}

func (*age) Type() string { return "DURATION" }

func (d *age) Set(text string) error {
	const maxDays = 100 * 366
	days, rest, found := strings.Cut(text, "d")
	if text == "" {
		return errors.New("expected a duration such as 30d or 720h")
	}
	if !found {
		days, rest = "0", text
	}
	n, err := strconv.ParseUint(days, 10, 32)
	if err != nil || n > maxDays {
		return errors.New("expected a duration such as 30d or 720h")
	}
	total := time.Duration(n) * day
	if rest != "" {
		clock, err := time.ParseDuration(rest)
		if err != nil || clock < 0 || clock > maxDays*day {
			return errors.New("expected a duration such as 30d or 720h")
		}
		total += clock
	}
	*d = age(total)
	return nil
}
