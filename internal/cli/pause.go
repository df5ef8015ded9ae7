package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

type pauseOptions struct {
	reason     string
	list, json bool
	addresses  []string
}

func (a *app) pauseCommand() *cobra.Command {
	var o pauseOptions
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "pause SYNC… --reason TEXT | pause --list [--json]",
		Short: "Keep syncs from being run until they are resumed",
		Long: `Pauses syncs: registrar run and registrar serve leave them out until registrar
resume. SYNC is an instance, such as sync.rooms["hss"], a sync, which stands for
all its instances, or module.NAME. Who did it, when and why is written into the
register of each sync's destination.

A paused sync can still be planned, and a person can apply that plan.

With --list, shows what is paused.`,
	}, func(ctx context.Context, args []string) error {
		o.addresses, o.reason = args, strings.TrimSpace(o.reason)
		switch {
		case o.list && (len(args) > 0 || c.Flags().Changed("reason")):
			return errors.New("--list goes with no SYNC and no --reason: it shows all that is paused")
		case o.list:
			return a.listPauses(ctx, o)
		case o.json:
			return errors.New("--json goes with --list")
		case len(args) == 0:
			return errors.New("which sync? registrar pause SYNC --reason TEXT")
		case o.reason == "":
			return errors.New("--reason is needed: it is recorded with who paused the sync")
		}
		return a.changePauses(ctx, o.addresses, pausing{a, o.reason})
	})
	c.Flags().StringVar(&o.reason, "reason", "", "why, as `TEXT`, which is recorded")
	c.Flags().BoolVar(&o.list, "list", false, "show what is paused")
	c.Flags().BoolVar(&o.json, "json", false, "with --list: write JSON")
	return c
}

func (a *app) resumeCommand() *cobra.Command {
	return a.command(&cobra.Command{
		Use:   "resume SYNC…",
		Short: "Let paused syncs be run again",
		Long: `Ends the pause of syncs. SYNC is an instance, such as sync.rooms["hss"], a sync,
which stands for all its instances that are paused, or module.NAME. Who did it and
when is recorded beside the pause.`,
		Args: cobra.MinimumNArgs(1),
	}, func(ctx context.Context, args []string) error {
		return a.changePauses(ctx, args, resuming{a})
	})
}

// pauseChange is what pause or resume does to a sync.
type pauseChange interface {
	// do changes one sync in a transaction, and says what it did. It is told of the pause in force, nil for none; where there is
	// nothing to do, done is false.
	do(ctx context.Context, s *session, sync string, inForce *register.Pause) (done bool, said string, err error)
}

type pausing struct {
	app    *app
	reason string
}

func (p pausing) do(ctx context.Context, s *session, sync string, inForce *register.Pause) (bool, string, error) {
	if inForce != nil {
		return false, "paused already, " + view.PausedSince(*inForce), nil
	}
	err := register.New(s.Dialect()).Pause(ctx, s.tx, register.Pause{Sync: sync, PausedOn: p.app.env.Now(), PausedBy: p.app.author(), Reason: p.reason})
	said := "paused"
	if !p.app.automation() {
		said += ". registrar resume " + quote(sync) + " ends it"
	}
	return true, said, err
}

type resuming struct {
	app *app
}

func (r resuming) do(ctx context.Context, s *session, sync string, inForce *register.Pause) (bool, string, error) {
	if inForce == nil {
		return false, "not paused", nil
	}
	err := register.New(s.Dialect()).Resume(ctx, s.tx, sync, r.app.env.Now(), r.app.author())
	return true, "resumed. It was paused " + view.PausedSince(*inForce), err
}

// changePauses changes the syncs that addresses name: all of a destination in one transaction. An address of which no
// sync was changed is an error.
func (a *app) changePauses(ctx context.Context, addresses []string, change pauseChange) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	syncs, err := plan.Select(cfg, addresses)
	if err != nil {
		return err
	}
	changed, said := map[string]bool{}, map[string]string{}
	var failed error
	for _, c := range cfg.Destinations {
		own := slices.DeleteFunc(slices.Clone(syncs), func(s *config.Sync) bool { return s.Destination.Into != c })
		if len(own) == 0 {
			continue
		}
		if err := a.changePausesIn(ctx, cfg, c, own, change, changed, said); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", c.Address, err))
			for _, s := range own {
				delete(said, s.Address)
			}
		}
	}
	for _, s := range syncs {
		if changed[s.Address] && said[s.Address] != "" {
			a.out().Say("%s: %s.", view.OneLine(s.Address), said[s.Address])
		}
	}
	for _, address := range addresses {
		failed = errors.Join(failed, nothingChanged(address, syncs, changed, said))
	}
	return failed
}

// nothingChanged is the error where none of an address's syncs was changed; what failed is told otherwise.
func nothingChanged(address string, syncs []*config.Sync, changed map[string]bool, said map[string]string) error {
	var reasons []string
	for _, s := range syncs {
		switch {
		case !s.Targeted(address):
		case changed[s.Address] || said[s.Address] == "":
			return nil
		default:
			reasons = append(reasons, s.Address+" is "+said[s.Address])
		}
	}
	return errors.New(strings.Join(reasons, "\n"))
}

func (a *app) changePausesIn(ctx context.Context, cfg *config.Config, c *config.Connection, syncs []*config.Sync, change pauseChange, changed map[string]bool, said map[string]string) error {
	return a.within(ctx, cfg, c, func(s *session) error {
		r := register.New(s.Dialect())
		if _, err := r.Meta(ctx, s.tx); err != nil {
			return s.safe(err)
		}
		inForce, err := r.Pauses(ctx, s.tx)
		if err != nil {
			return s.safe(err)
		}
		for _, sync := range syncs {
			var before *register.Pause
			if p, ok := inForce[sync.Address]; ok {
				before = &p
			}
			if changed[sync.Address], said[sync.Address], err = change.do(ctx, s, sync.Address, before); err != nil {
				return fmt.Errorf("%s: %w", sync.Address, s.safe(err))
			}
		}
		return s.commit()
	})
}

func (a *app) listPauses(ctx context.Context, o pauseOptions) error {
	a.json = o.json
	cfg, err := a.load()
	if err != nil {
		return err
	}
	var all []register.Pause
	var failed error
	for _, c := range cfg.Destinations {
		some, err := a.pausesIn(ctx, cfg, c)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("pauses in %s are not known: %w", c.Address, err))
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b register.Pause) int { return cmp.Compare(a.Sync, b.Sync) })
	switch {
	case failed != nil && (o.json || len(all) == 0):
		return failed // "none" is not known, and a document says all or nothing
	case o.json:
		return a.out().PausesJSON(all)
	}
	a.out().Pauses(all)
	return failed
}

// pausesIn reads the pauses in force of one destination, without the lock of one that writes.
func (a *app) pausesIn(ctx context.Context, cfg *config.Config, c *config.Connection) (all []register.Pause, err error) {
	err = plan.WithRegister(ctx, a.env.Providers, c, cfg.Dir, func(o *plan.Opened) error {
		bySync, err := o.Register.Pauses(ctx, o.Conn)
		for _, p := range bySync {
			all = append(all, p)
		}
		return err
	})
	return all, err
}
