package plan

import (
	"context"
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

// Aside is what the run has before a watched unit, and what was left out of its plan.
type Aside struct {
	Unit   string // "": all of them
	Reason string // why a run does not apply it
	Err    error  // why no plan can be made with it
}

// runWith are the syncs of the unit that a sync is run in, and those of the units before it whose rows it needs.
func runWith(cfg *config.Config, sync *config.Sync) (unit, before []*config.Sync) {
	of := cfg.UnitOf(sync)
	for _, s := range cfg.Syncs {
		// A schedule runs its own syncs.
		if s == sync || cfg.UnitOf(s) == of && s.Schedule == sync.Schedule {
			unit = append(unit, s)
		}
	}
	known := slices.Clone(unit)
	for i := 0; i < len(known); i++ {
		for _, other := range cfg.Syncs {
			if slices.Contains(known, other) || cfg.UnitOf(other) == of || other.Destination.Into != sync.Destination.Into {
				continue
			}
			if slices.Contains(known[i].DependsOn, other.Address) || looksInto(known[i], other.Destination.Table) || sync.Schedule == nil && checkedWith(cfg, known[i], other) {
				known = append(known, other)
			}
		}
	}
	return unit, known[len(unit):]
}

// checkedWith reports whether a check that may hold a sync looks at rows of another, and of none of its own: where no schedule
// runs them, people plan them together.
func checkedWith(cfg *config.Config, s, other *config.Sync) bool {
	return slices.ContainsFunc(cfg.Checks, func(c *config.Check) bool {
		return c.From == nil && slices.Contains(c.Blocks, s.Address) && !slices.Contains(c.Staged, s.Address) && slices.Contains(c.Staged, other.Address)
	})
}

// inOrder puts syncs in the order of the configuration.
func inOrder(cfg *config.Config, syncs []*config.Sync) []*config.Sync {
	return slices.DeleteFunc(slices.Clone(cfg.Syncs), func(s *config.Sync) bool { return !slices.Contains(syncs, s) })
}

// looksInto reports whether rows of a sync refer to those of a table: by a lookup, or to be in its scope.
func looksInto(s *config.Sync, table string) bool {
	return slices.ContainsFunc(s.Columns, func(c config.Column) bool { return c.Lookup != nil && c.Lookup.Table == table }) ||
		slices.ContainsFunc(s.Destination.Parents, func(p config.InParent) bool { return p.Table == table })
}

// apart reports whether a run plans two syncs one after the other; only the plans of Watch hold both then.
func (w *work) apart(other *work) bool { return w.unit != other.unit }

// byUnit puts syncs that a run plans together together.
func byUnit(works []*work) [][]*work {
	var all [][]*work
	for _, w := range works {
		i := slices.IndexFunc(all, func(one []*work) bool { return !one[0].apart(w) })
		if i < 0 {
			all = append(all, nil)
			i = len(all) - 1
		}
		all[i] = append(all[i], w)
	}
	return all
}

// notApplied are the units beside the watched one that a run would not apply. What holds others of its own unit is kept in the answer.
func (m *maker) notApplied(ctx context.Context, w *Watched) ([]Aside, error) {
	at := m.planned(w.Sync.Address)
	if at == nil || !w.Planned {
		return nil, nil
	}
	var found []Aside
	for _, works := range byUnit(m.works) {
		for _, one := range works {
			reason := one.summary.Held
			if one.apart(at) && reason == "" {
				pauses, err := register.New(one.into.Dialect()).Pauses(ctx, one.into.querier(false))
				if err != nil {
					return nil, one.into.failed(one, err)
				}
				if p, paused := pauses[one.sync.Address]; paused {
					reason = "paused by " + p.PausedBy
				}
			}
			switch {
			case reason == "" || one == at:
			case !one.apart(at):
				w.HeldWith = append(w.HeldWith, fmt.Sprintf("%s: %s", one.sync.Address, reason))
			default:
				found = append(found, Aside{Unit: one.unit, Reason: fmt.Sprintf("%s: %s", one.sync.Address, reason)})
			}
		}
	}
	return found, nil
}

// referring are the addresses of syncs, of other units, whose rows refer to those of a sync.
func referring(cfg *config.Config, sync *config.Sync) []string {
	var list []string
	for _, s := range cfg.Syncs {
		if cfg.UnitOf(s) != cfg.UnitOf(sync) && s.Destination.Into == sync.Destination.Into &&
			(looksInto(s, sync.Destination.Table) || slices.Contains(s.DependsOn, sync.Address)) {
			list = append(list, s.Address)
		}
	}
	return list
}
