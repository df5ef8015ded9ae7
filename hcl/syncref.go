package hcl

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// syncStep is a step of a reference to syncs: a name, or the key of an instance.
type syncStep struct {
	name string
	// key is what stands in brackets, nil after a dot.
	key hclsyntax.Expression
	at  hcl.Range
}

// syncSteps takes a reference apart; false if it is none. Its keys may be computed, as
// in module.celcat[each.key].sync.rooms.
func syncSteps(expr hclsyntax.Expression) ([]syncStep, bool) {
	switch expr := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return traversed(nil, expr.Traversal)
	case *hclsyntax.RelativeTraversalExpr:
		steps, ok := syncSteps(expr.Source)
		if !ok {
			return nil, false
		}
		return traversed(steps, expr.Traversal)
	case *hclsyntax.IndexExpr:
		steps, ok := syncSteps(expr.Collection)
		return append(steps, syncStep{key: expr.Key, at: expr.BracketRange}), ok
	default:
		return nil, false
	}
}

func traversed(steps []syncStep, t hcl.Traversal) ([]syncStep, bool) {
	for _, one := range t {
		switch one := one.(type) {
		case hcl.TraverseRoot:
			steps = append(steps, syncStep{name: one.Name, at: one.SrcRange})
		case hcl.TraverseAttr:
			steps = append(steps, syncStep{name: one.Name, at: one.SrcRange})
		case hcl.TraverseIndex:
			key := &hclsyntax.LiteralValueExpr{Val: one.Key, SrcRange: one.SrcRange}
			steps = append(steps, syncStep{key: key, at: one.SrcRange})
		default:
			return nil, false
		}
	}
	return steps, true
}

// referredSyncs returns the instances that an element of the argument named what refers
// to: sync.x, sync.x["k"], module.m and whatever is within it. It is false if not all of
// them are known; why has been reported.
func (c *compiler) referredSyncs(expr hclsyntax.Expression, s scope, what string) ([]*instance, bool) {
	r := syncReference{c: c, scope: s, what: what, at: expr.Range()}
	steps, ok := syncSteps(expr)
	if !ok || !slices.Contains(dependsOnRoots, steps[0].name) {
		return nil, r.invalid(r.at)
	}
	r.steps = steps
	return r.resolve()
}

// syncReference is a reference being resolved.
type syncReference struct {
	c     *compiler // where it is written
	scope scope
	what  string
	at    hcl.Range
	steps []syncStep // those not resolved yet
}

func (r *syncReference) invalid(at hcl.Range) bool {
	return r.fail(at, "Invalid "+r.what, `%s refers to syncs, as sync.departments, sync.departments["hss"], module.celcat or module.celcat.sync.rooms.`, r.what)
}

// fail reports a mistake, and is false.
func (r *syncReference) fail(at hcl.Range, summary, format string, args ...any) bool {
	r.c.failures++
	r.c.errorf(at, summary, format, args...)
	return false
}

// name takes kind.name from the steps.
func (r *syncReference) name() (syncStep, bool) {
	if len(r.steps) < 2 || r.steps[1].name == "" {
		return syncStep{}, r.invalid(r.at)
	}
	step := r.steps[1]
	r.steps = r.steps[2:]
	return step, true
}

// key takes the key of an instance from the steps; nil if none is written.
func (r *syncReference) key() (*string, bool) {
	if len(r.steps) == 0 || r.steps[0].key == nil {
		return nil, true
	}
	expr := r.steps[0].key
	r.steps = r.steps[1:]
	v, ok := r.c.plain(expr, r.scope, "The key of an instance")
	if !ok {
		if v.IsKnown() {
			r.fail(expr.Range(), "Invalid "+r.what, "The key of an instance is null.")
		}
		return nil, false
	}
	if v, ok = r.c.converted(v, cty.String, expr.Range(), "The key of an instance"); !ok {
		return nil, false
	}
	text := v.AsString()
	return &text, true
}

// resolve returns the instances that the steps lead to.
func (r *syncReference) resolve() ([]*instance, bool) {
	within := []*compiler{r.c}
	none := false // within is only there for its names
	for len(r.steps) > 0 && r.steps[0].name == "module" {
		name, ok := r.name()
		if !ok {
			return nil, false
		}
		var modules []*moduleBlock
		for _, c := range within {
			if m := c.modules[name.name]; m != nil {
				modules = append(modules, m)
			}
		}
		if len(modules) == 0 {
			if c := within[0]; !c.inBrokenFile(name.name) {
				r.fail(name.at, "Undeclared module", "There is no module %q.%s", c.prefix+"module."+name.name, didYouMean(name.name, names(c.modules)))
			}
			return nil, false
		}
		key, ok := r.key()
		if !ok {
			return nil, false
		}
		if within, ok = r.enter(modules, key); !ok {
			return nil, false
		}
		if len(within) == 0 && len(modules[0].instances) == 0 && modules[0].example != nil {
			within, none = []*compiler{modules[0].example}, true
		}
	}
	if len(within) == 0 {
		return nil, true
	}
	var out []*instance
	switch {
	case len(r.steps) == 0:
		for _, c := range within {
			for _, s := range c.allSyncs() {
				out = append(out, s.instances...)
			}
		}
	case r.steps[0].name == "sync":
		var ok bool
		if out, ok = r.syncs(within); !ok {
			return nil, false
		}
	default:
		return nil, r.fail(r.steps[0].at, "Invalid "+r.what, `After a module stands a sync of it, as in module.celcat.sync.rooms.`)
	}
	if none {
		return nil, true
	}
	return out, true
}

// enter returns the compilers of a module's instances; key chooses one.
func (r *syncReference) enter(modules []*moduleBlock, key *string) ([]*compiler, bool) {
	var out []*compiler
	var keys []string
	for _, m := range modules {
		if m.failed || !m.expanded {
			return nil, false
		}
		if key != nil && m.forEach == nil {
			return nil, r.fail(r.at, "Undeclared module", "%s has no instances: it has no for_each.", m.address())
		}
		for _, one := range m.instances {
			if key == nil || one.key == *key {
				out = append(out, one.compiler)
			}
			keys = append(keys, one.key)
		}
	}
	if key != nil && len(out) == 0 {
		return nil, r.fail(r.at, "Undeclared module", "There is no %s.%s", fmt.Sprintf("%s[%q]", modules[0].address(), *key), didYouMean(*key, distinct(keys)))
	}
	return out, true
}

// syncs resolves sync.x or sync.x["key"] within modules of one block.
func (r *syncReference) syncs(within []*compiler) ([]*instance, bool) {
	name, ok := r.name()
	if !ok {
		return nil, false
	}
	var found []*syncBlock
	for _, c := range within {
		if s := c.syncs[name.name]; s != nil {
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		if c := within[0]; !c.inBrokenFile(name.name) {
			r.fail(name.at, "Undeclared sync", "There is no sync %q.%s", name.name, didYouMean(name.name, names(c.syncs)))
		}
		return nil, false
	}
	key, ok := r.key()
	if !ok {
		return nil, false
	}
	if len(r.steps) > 0 {
		return nil, r.fail(r.steps[0].at, "Invalid "+r.what, `A sync has no attributes here; an instance is written sync.%s["key"].`, name.name)
	}
	var out []*instance
	var keys []string
	known := true
	for _, s := range found {
		if key != nil && s.forEach == nil {
			return nil, r.fail(r.at, "Undeclared sync", "%s has no instances: it has no for_each.", s.address())
		}
		known = known && s.expanded
		for _, i := range s.instances {
			if key == nil || i.key == *key {
				out = append(out, i)
			}
			keys = append(keys, i.key)
		}
	}
	if key != nil && known && len(out) == 0 {
		return nil, r.fail(r.at, "Undeclared sync", "There is no %s.%s", fmt.Sprintf("%s[%q]", found[0].address(), *key), didYouMean(*key, distinct(keys)))
	}
	return out, known
}
