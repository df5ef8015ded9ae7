package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// recallPlan reads a plan for the status page.
func (a *app) recallPlan(ctx context.Context, cfg *config.Config, planID string) (*plan.Plan, error) {
	return plan.Recall(ctx, cfg, a.env.Providers, planID)
}

// allPauses returns the pauses in force by the address of their sync; those of destinations that answer, too, where
// another does not.
func (a *app) allPauses(ctx context.Context, cfg *config.Config) (map[string]register.Pause, error) {
	all := map[string]register.Pause{}
	var failed error
	for _, c := range cfg.Destinations {
		some, err := a.pausesIn(ctx, cfg, c)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", c.Address, err))
		}
		for _, p := range some {
			all[p.Sync] = p
		}
	}
	return all, failed
}

// awaiting returns which plans may still be applied: a register holds them, they have not expired, and nobody has applied
// them yet.
func (a *app) awaiting(ctx context.Context, cfg *config.Config, planIDs []string) (map[string]bool, error) {
	waiting := map[string]bool{}
	var failed error
	for _, c := range cfg.Destinations {
		if err := a.awaitingIn(ctx, cfg, c, planIDs, waiting); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", c.Address, err))
		}
	}
	return waiting, failed
}

func (a *app) awaitingIn(ctx context.Context, cfg *config.Config, c *config.Connection, planIDs []string, waiting map[string]bool) (err error) {
	d, err := plan.OpenDestination(ctx, a.env.Providers, c, cfg.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(providers.SafeError(d, err), d.Close()) }()
	conn, err := d.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	r := register.New(d.Dialect())
	if _, err := r.Meta(ctx, conn); err != nil {
		return err
	}
	for _, id := range planIDs {
		p, err := r.Plan(ctx, conn, id)
		if errors.Is(err, register.ErrNoPlan) {
			continue
		}
		if err != nil {
			return err
		}
		done, err := r.Execution(ctx, conn, id)
		if err != nil {
			return err
		}
		if done == nil && !p.Speculative && a.env.Now().Before(p.ExpiresOn) {
			waiting[id] = true
		}
	}
	return nil
}
