package plan

import "github.com/registrar-sync/registrar/config"

// places says where the configuration writes what the plan tells of.
func (p *Plan) places(cfg *config.Config) map[string]Place {
	found := map[string]Place{}
	add := func(address string, at config.Range) {
		if at.File != "" {
			found[address] = Place{File: at.File, Line: at.Start.Line}
		}
	}
	planned := map[string]bool{}
	checked := map[string]bool{}
	disobeyed := map[string]bool{}
	for i := range p.Destinations {
		for j := range p.Destinations[i].Syncs {
			planned[p.Destinations[i].Syncs[j].Sync] = true
		}
		for j := range p.Destinations[i].Checks {
			checked[p.Destinations[i].Checks[j].Check] = true
		}
	}
	for i := range p.Policies {
		disobeyed[p.Policies[i].Policy] = true
	}
	for _, s := range cfg.Syncs {
		if planned[s.Address] {
			add(s.Address, s.Range)
			add(s.Address+" guard", s.Guard.Range)
		}
	}
	for _, c := range cfg.Checks {
		if checked[c.Address] {
			add(c.Address, c.Range)
		}
	}
	for _, one := range cfg.Policies {
		if disobeyed[one.Address] {
			add(one.Address, one.Range)
		}
	}
	return found
}
