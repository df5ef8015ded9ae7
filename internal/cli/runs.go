package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

type runsOptions struct {
	syncs []string
	limit int
	json  bool
}

func (a *app) runsCommand() *cobra.Command {
	var o runsOptions
	c := a.command(&cobra.Command{
		Use:   "runs [--sync ADDRESS…] [--limit N] [--json]",
		Short: "List the runs that the registers know",
		Long: `Lists the runs of units that the registers of the destinations know, latest first:
when each began and for which slot, how it ended, how often it was begun, its plan,
and why it failed or is held. A unit that writes to several destinations is listed
with each.

Where the register of a destination cannot be read, the others' runs are listed all
the same.

Exits with 0; with 1 after an error.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error {
		if o.limit < 1 {
			return fmt.Errorf("--limit %d: at least 1 is needed", o.limit)
		}
		return a.listRuns(ctx, o)
	})
	f := c.Flags()
	f.StringArrayVar(&o.syncs, "sync", nil, "list the runs of units that have the sync or instance `ADDRESS`, such as sync.rooms or 'sync.rooms[\"hss\"]'; may be repeated")
	f.IntVar(&o.limit, "limit", 20, "list at most `N` runs")
	f.BoolVar(&o.json, "json", false, "write them as JSON")
	return c
}

func (a *app) listRuns(ctx context.Context, o runsOptions) error {
	a.json = o.json
	cfg, err := a.load()
	if err != nil {
		return err
	}
	units, err := unitsOf(cfg, o.syncs)
	if err != nil {
		return err
	}
	found, failed := fromDestinations(ctx, cfg, func(ctx context.Context, c *config.Connection) (map[string][]view.Run, error) {
		some, err := a.runsIn(ctx, cfg, c, units, o.limit)
		return map[string][]view.Run{c.Address: some}, err
	})
	all := view.Runs{Zones: map[string]*time.Location{}}
	for _, s := range cfg.Schedules {
		all.Zones[s.Address] = s.Timezone
	}
	for _, some := range found {
		all.Runs = append(all.Runs, some...)
	}
	slices.SortFunc(all.Runs, func(a, b view.Run) int {
		return cmp.Or(b.StartedOn.Compare(a.StartedOn), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Destination, b.Destination))
	})
	all.Runs = all.Runs[:min(len(all.Runs), o.limit)]
	switch {
	case failed != nil && (o.json || len(all.Runs) == 0):
		return failed // "none" is not known, and a document says all or nothing
	case o.json:
		return a.out().RunsJSON(&all)
	}
	a.out().Runs(&all)
	return failed
}

// unitsOf are the units that have the syncs, by each setting of atomic: it may have been another when they ran. Nil for no
// syncs: all units.
func unitsOf(cfg *config.Config, addresses []string) (map[string]bool, error) {
	var units map[string]bool
	for _, address := range addresses {
		var known []string
		found := false
		for _, s := range cfg.Syncs {
			known = append(known, s.Address)
			if !s.Targeted(address) {
				continue
			}
			found = true
			if units == nil {
				units = map[string]bool{}
			}
			for _, atomic := range []config.Atomic{config.AtomicSync, config.AtomicFaculty, config.AtomicAll} {
				as := *cfg
				as.Settings.Atomic = atomic
				units[as.UnitOf(s)] = true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no sync %s.%s", address, suggest.Question(address, known))
		}
	}
	return units, nil
}

// runsIn reads the latest runs of one destination, at most limit.
func (a *app) runsIn(ctx context.Context, cfg *config.Config, c *config.Connection, units map[string]bool, limit int) ([]view.Run, error) {
	var some []view.Run
	err := plan.WithRegister(ctx, a.env.Providers, c, cfg.Dir, func(o *plan.Opened) error {
		most := limit
		if units != nil {
			most = 0 // the register does not choose among units
		}
		err := o.Register.Runs(ctx, o.Conn, time.Time{}, most, func(r *register.Run) error {
			if units != nil && !units[r.Unit] {
				return nil
			}
			some = append(some, view.Run{Run: *r, Destination: c.Address})
			if len(some) == limit {
				return io.EOF
			}
			return nil
		})
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	})
	return some, err
}
