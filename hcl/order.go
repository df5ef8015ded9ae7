package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// depend evaluates every depends_on of a module and of those within it.
func (c *compiler) depend() {
	for _, s := range c.syncOrder {
		if s.dependsOn == nil {
			continue
		}
		if len(s.instances) == 0 {
			// What depends_on says is wrong even where nothing depends on it.
			c.listedSyncs(s.dependsOn, c.unknownEach(s.forEach != nil))
		}
		for _, i := range s.instances {
			for _, r := range c.listedSyncs(s.dependsOn, i.scope) {
				i.need(r.instance, r.at)
			}
		}
	}
	for _, name := range names(c.modules) {
		c.dependModule(c.modules[name])
	}
}

// dependModule lets all syncs of a module run after those that its block depends on.
func (c *compiler) dependModule(m *moduleBlock) {
	if m.dependsOn != nil && len(m.instances) == 0 {
		c.listedSyncs(m.dependsOn, c.unknownEach(m.forEach != nil))
	}
	for _, one := range m.instances {
		one.compiler.depend()
		if m.dependsOn == nil {
			continue
		}
		needed := c.listedSyncs(m.dependsOn, one.scope)
		for _, s := range one.compiler.allSyncs() {
			for _, i := range s.instances {
				for _, r := range needed {
					i.need(r.instance, r.at)
				}
			}
		}
	}
}

// orderSyncs lists the complete instances of all modules, each after those that it
// needs and otherwise as written.
func (c *compiler) orderSyncs() {
	var all []*instance
	for _, s := range c.allSyncs() {
		all = append(all, s.instances...)
	}
	for _, i := range all {
		c.lookupNeeds(i, all)
	}
	state := make(map[*instance]progress)
	reported := make(map[string]bool)
	var path []*instance
	var visit func(i *instance)
	visit = func(i *instance) {
		switch state[i] {
		case done:
			return
		case underway:
			c.reportSyncCycle(append(path[slices.Index(path, i):], i), reported)
			return
		case untouched:
		}
		state[i] = underway
		path = append(path, i)
		for _, needed := range i.needs {
			visit(needed)
		}
		path = path[:len(path)-1]
		state[i] = done
		if !i.failed {
			c.config.Syncs = append(c.config.Syncs, i.sync)
		}
	}
	for _, i := range all {
		visit(i)
	}
}

// reportSyncCycle reports a cycle once, whichever of its instances run into it.
func (c *compiler) reportSyncCycle(cycle []*instance, reported map[string]bool) {
	var places, addresses []string
	for _, i := range cycle {
		places = append(places, position(i.block.block.DefRange()).String())
		addresses = append(addresses, i.sync.Address)
	}
	key := strings.Join(distinct(places), " ")
	if reported[key] {
		return
	}
	reported[key] = true
	c.errorf(cycle[0].needed[cycle[1]], "Dependency cycle", "The sync depends on itself: %s.", strings.Join(addresses, " -> "))
}

// allSyncs lists the syncs of a module and of those within it, as written.
func (c *compiler) allSyncs() []*syncBlock {
	var out []*syncBlock
	for _, b := range c.blocks {
		switch b.Type {
		case "sync":
			out = append(out, c.syncs[b.Labels[0]])
		case "module":
			for _, one := range c.modules[b.Labels[0]].instances {
				out = append(out, one.compiler.allSyncs()...)
			}
		}
	}
	return out
}

// dependsOnRoots are what a list of syncs may name.
var dependsOnRoots = []string{"sync", "module"}

// listedSync is an instance that a list of references names.
type listedSync struct {
	instance *instance
	at       hcl.Range
}

// listedSyncs returns the instances that an argument lists, such as
// [sync.departments, module.celcat, module.celcat.sync.rooms["hss"]]. Mistakes have
// been reported, and are left out.
func (c *compiler) listedSyncs(a *hclsyntax.Attribute, s scope) []listedSync {
	list, ok := a.Expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		c.failures++
		c.errorf(a.Expr.Range(), "Invalid "+a.Name, "%s is a list of syncs written out, such as [sync.departments].", a.Name)
		return nil
	}
	var out []listedSync
	for _, expr := range list.Exprs {
		found, _ := c.referredSyncs(expr, s, a.Name)
		for _, i := range found {
			if !slices.ContainsFunc(out, func(l listedSync) bool { return l.instance == i }) {
				out = append(out, listedSync{i, expr.Range()})
			}
		}
	}
	return out
}
