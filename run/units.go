package run

import (
	"slices"

	"github.com/registrar-sync/registrar/config"
)

// unit is some syncs that are planned and applied together.
type unit struct {
	address string // of the one sync or of the faculty, or "all"
	faculty string // its label; "" for none or several
	syncs   []*config.Sync
	needs   []*unit // that come before it
}

// groupUnits makes the units of some syncs as the configuration's atomic says. A unit's place is that of its first sync, but
// behind the units that it needs.
func groupUnits(cfg *config.Config, syncs []*config.Sync) ([]*unit, error) {
	var units []*unit
	at := map[string]*unit{}
	for _, s := range syncs {
		address := cfg.UnitOf(s)
		u := at[address]
		if u == nil {
			u = &unit{address: address, faculty: s.Faculty}
			at[address] = u
			units = append(units, u)
		}
		if u.faculty != s.Faculty {
			u.faculty = ""
		}
		u.syncs = append(u.syncs, s)
	}
	return orderUnits(units)
}

// need is why a unit comes behind another.
type need struct {
	on         *unit
	sync, sees *config.Sync // sync, of the unit, depends on sees, of the other
}

// orderUnits puts units behind those that they need.
func orderUnits(units []*unit) ([]*unit, error) {
	needs := map[*unit][]need{}
	for _, u := range units {
		for _, other := range units {
			for _, sync := range u.syncs {
				for _, sees := range other.syncs {
					if u != other && slices.Contains(sync.DependsOn, sees.Address) {
						needs[u] = append(needs[u], need{other, sync, sees})
					}
				}
			}
		}
	}
	ordered := make([]*unit, 0, len(units))
	waits := func(u *unit) int {
		return slices.IndexFunc(needs[u], func(n need) bool { return !slices.Contains(ordered, n.on) })
	}
	for len(ordered) < len(units) {
		i := slices.IndexFunc(units, func(u *unit) bool { return !slices.Contains(ordered, u) && waits(u) < 0 })
		if i < 0 {
			i = slices.IndexFunc(units, func(u *unit) bool { return !slices.Contains(ordered, u) })
			return nil, circle(units[i], func(u *unit) need { return needs[u][waits(u)] })
		}
		ordered = append(ordered, units[i])
	}
	for _, u := range ordered {
		for _, n := range needs[u] {
			u.needs = append(u.needs, n.on)
		}
	}
	return ordered, nil
}

// circle says which units need each other, from one that waits for such.
func circle(from *unit, next func(*unit) need) error {
	var seen []*unit
	for !slices.Contains(seen, from) {
		seen = append(seen, from)
		from = next(from).on
	}
	first := next(from)
	back := first
	for back.on != from {
		back = next(back.on)
	}
	var diags config.Diagnostics
	diags.Errorf(first.sync.Range, "Units in a circle",
		"%s cannot be run before %s, as %s needs %s, nor after it, as %s needs %s. With atomic = %q each is one transaction: set atomic to \"all\" or \"sync\" in the registrar block, or take away one of these dependencies.",
		from.address, first.on.address, first.sync.Address, first.sees.Address, back.sync.Address, back.sees.Address, config.AtomicFaculty)
	return diags.Err()
}
