package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// recallPlan reads a plan for the status page.
func (a *app) recallPlan(ctx context.Context, cfg *config.Config, planID string) (*plan.Plan, error) {
	return plan.Recall(ctx, cfg, a.env.Providers, planID)
}

// allPauses returns the pauses in force by the address of their sync; those of destinations that answer, too, where
// another does not.
func (a *app) allPauses(ctx context.Context, cfg *config.Config) (map[string]register.Pause, error) {
	return fromDestinations(ctx, cfg, func(ctx context.Context, c *config.Connection) (map[string]register.Pause, error) {
		some, err := a.pausesIn(ctx, cfg, c)
		bySync := map[string]register.Pause{}
		for _, p := range some {
			bySync[p.Sync] = p
		}
		return bySync, err
	})
}

// awaiting returns which plans may still be applied: a register holds them, they have not expired, and nobody has applied
// them yet.
func (a *app) awaiting(ctx context.Context, cfg *config.Config, planIDs []string) (map[string]bool, error) {
	return fromDestinations(ctx, cfg, func(ctx context.Context, c *config.Connection) (map[string]bool, error) {
		return a.awaitingIn(ctx, cfg, c, planIDs)
	})
}

// fromDestinations gathers what each destination's register tells. All are asked at the same time, so that one which is
// silent until ctx ends costs nobody else's answer: what the others have told is there beside the error.
func fromDestinations[T any](ctx context.Context, cfg *config.Config, ask func(ctx context.Context, c *config.Connection) (map[string]T, error)) (map[string]T, error) {
	told, failed := make([]map[string]T, len(cfg.Destinations)), make([]error, len(cfg.Destinations))
	var asking sync.WaitGroup
	for i, c := range cfg.Destinations {
		asking.Go(func() {
			var err error
			if told[i], err = ask(ctx, c); err != nil {
				failed[i] = fmt.Errorf("%s: %w", c.Address, err)
			}
		})
	}
	asking.Wait()
	all := map[string]T{}
	for _, some := range told {
		maps.Copy(all, some)
	}
	return all, errors.Join(failed...)
}

func (a *app) awaitingIn(ctx context.Context, cfg *config.Config, c *config.Connection, planIDs []string) (map[string]bool, error) {
	waiting := map[string]bool{}
	err := plan.WithRegister(ctx, a.env.Providers, c, cfg.Dir, func(o *plan.Opened) error {
		for _, id := range planIDs {
			p, err := o.Register.Plan(ctx, o.Conn, id)
			if errors.Is(err, register.ErrNoPlan) {
				continue
			}
			if err != nil {
				return err
			}
			done, err := o.Register.Execution(ctx, o.Conn, id)
			if err != nil {
				return err
			}
			if done == nil && !p.Speculative && a.env.Now().Before(p.ExpiresOn) {
				waiting[id] = true
			}
		}
		return nil
	})
	return waiting, err
}
