package hcl

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

// compileHooks evaluates before_apply and after_apply, once the destination is known.
func (c *compiler) compileHooks(i *instance, top *block) {
	h := &i.sync.Hooks
	h.Before = c.hooks(i, top, "before_apply")
	h.After = c.hooks(i, top, "after_apply")
}

// hooks evaluates an argument that is a statement, or a list of them.
func (c *compiler) hooks(i *instance, top *block, name string) []config.Hook {
	a := top.arguments[name]
	if a == nil {
		return nil
	}
	var items []item
	if _, list := a.Expr.(*hclsyntax.TupleConsExpr); list {
		items, _ = top.items(name)
	} else {
		v, ok := top.value(name)
		switch {
		case !ok:
			return nil
		case v.Type() == cty.String:
			items = []item{{v, top.at(name)}}
		default:
			items, _ = top.items(name)
		}
	}
	var out []config.Hook
	for _, one := range items {
		v, ok := c.converted(one.value, cty.String, one.at, "An element of "+quoted(name))
		if ok && c.checkHook(i, v.AsString(), one.at) {
			out = append(out, config.Hook{SQL: v.AsString(), Range: position(one.at)})
		}
	}
	return out
}

// checkHook checks that a hook is one statement that leaves the transaction alone.
func (c *compiler) checkHook(i *instance, sql string, at hcl.Range) bool {
	runner, found := c.statementRunner(i.sync.Destination.Into)
	switch {
	case !found: // that is reported already, and how the text reads is not known
		return false
	case runner == nil:
		c.errorf(at, "Unsupported hook", "The provider %q of the destination runs no statements.", i.sync.Destination.Into.Provider)
		c.failures++
		return false
	}
	if err := sqlgen.CheckHook(sql, runner.QueryLexis()); err != nil {
		c.errorf(at, "Invalid hook", "A hook must be a single INSERT, UPDATE, DELETE, MERGE, SELECT or CALL, which runs within the transaction of the apply; it is refused: %s.", err)
		c.failures++
		return false
	}
	return true
}

// statementRunner returns the provider of a destination, nil if it runs no
// statements; false if the provider is not known.
func (c *compiler) statementRunner(into *config.Connection) (providers.QueryRunner, bool) {
	if into == nil {
		return nil, false
	}
	for _, p := range c.opts.Providers {
		if _, ok := p.(providers.DestinationProvider); ok && p.Name() == into.Provider {
			runner, _ := p.(providers.QueryRunner)
			return runner, true
		}
	}
	return nil, false
}
