package hcl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
)

// orderSyncs evaluates depends_on and lists the complete instances, each after
// those that it needs and otherwise as written.
func (c *compiler) orderSyncs() {
	var all []*instance
	for _, s := range c.syncOrder {
		if len(s.instances) == 0 {
			// What depends_on says is wrong even where nothing depends on it.
			c.needs(&instance{block: s, scope: scope{ctx: c.base, each: s.forEach != nil, locals: true}, sync: &config.Sync{}})
		}
		for _, i := range s.instances {
			c.needs(i)
			all = append(all, i)
		}
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
	var blocks, addresses []string
	for _, i := range cycle {
		blocks = append(blocks, i.block.name)
		addresses = append(addresses, i.sync.Address)
	}
	key := strings.Join(distinct(blocks), " ")
	if reported[key] {
		return
	}
	reported[key] = true
	c.errorf(cycle[0].block.dependsOn.Expr.Range(), "Dependency cycle", "The sync depends on itself: %s.", strings.Join(addresses, " -> "))
}

// needs evaluates depends_on for an instance.
func (c *compiler) needs(i *instance) {
	attribute := i.block.dependsOn
	if attribute == nil {
		return
	}
	list, ok := attribute.Expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		c.errorf(attribute.Expr.Range(), "Invalid depends_on", "depends_on is a list of syncs written out, such as [sync.departments].")
		return
	}
	for _, expr := range list.Exprs {
		for _, needed := range c.dependency(i, expr) {
			if !slices.Contains(i.needs, needed) {
				i.needs = append(i.needs, needed)
				i.sync.DependsOn = append(i.sync.DependsOn, needed.sync.Address)
			}
		}
	}
}

// dependency returns the instances that sync.x or sync.x["key"] means.
func (c *compiler) dependency(i *instance, expr hclsyntax.Expression) []*instance {
	collection, key := expr, (*string)(nil)
	if index, ok := expr.(*hclsyntax.IndexExpr); ok {
		v, ok := c.plain(index.Key, i.scope, "The key of an instance")
		if !ok {
			return nil
		}
		if v, ok = c.converted(v, cty.String, index.Key.Range(), "The key of an instance"); !ok {
			return nil
		}
		text := v.AsString()
		collection, key = index.Collection, &text
	}
	t, diags := hcl.AbsTraversalForExpr(collection)
	name, at, named := step(t, 1)
	if diags.HasErrors() || !named || t.RootName() != "sync" {
		c.errorf(expr.Range(), "Invalid depends_on", `depends_on lists syncs, as sync.departments or sync.departments["hss"].`)
		return nil
	}
	if len(t) > 2 && key == nil {
		text, _, ok := step(t, 2)
		if _, index := t[2].(hcl.TraverseIndex); !ok || !index || len(t) > 3 {
			c.errorf(t[2].SourceRange(), "Invalid depends_on", `A sync has no attributes here; an instance is written sync.%s["key"].`, name)
			return nil
		}
		key = &text
	}
	needed := c.syncs[name]
	if needed == nil {
		if !c.inBrokenFile(name) {
			c.errorf(at, "Undeclared sync", "There is no sync %q.%s", name, didYouMean(name, names(c.syncs)))
		}
		return nil
	}
	if key == nil || !needed.expanded {
		return needed.instances
	}
	if needed.forEach == nil {
		c.errorf(expr.Range(), "Undeclared sync", "%s has no instances: it has no for_each.", needed.address())
		return nil
	}
	var keys []string
	for _, one := range needed.instances {
		if one.key == *key {
			return []*instance{one}
		}
		keys = append(keys, one.key)
	}
	c.errorf(expr.Range(), "Undeclared sync", "There is no %s.%s", fmt.Sprintf("%s[%q]", needed.address(), *key), didYouMean(*key, keys))
	return nil
}
