package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
)

func (c *compiler) compileDestination(i *instance, b *block) {
	d := &i.sync.Destination
	d.Range = position(b.header)
	if into, ok := b.reference("into", destinationType, "destination"); ok {
		d.Into = into.(*config.Connection)
	}
	d.Table, _ = b.text("table")
	d.TableRange, d.KeyRange = position(b.at("table")), position(b.at("key"))
	c.compileKey(i, b)
	d.UnenforcedKey = b.boolean("unenforced_key")
	failures := c.failures
	d.OwnsTable = b.boolean("owns_table")
	d.Adopt = b.boolean("adopt")
	if d.Adopt && d.OwnsTable {
		b.fail("adopt", "Conflicting arguments", "adopt takes over rows that are outside of the scope, and with owns_table there are none.")
	}
	i.scopeRange = b.at("owns_table")
	switch {
	case !b.has("scope"):
		if !d.OwnsTable && c.failures == failures && i.block.complete {
			b.fail("owns_table", "Missing ownership", "owns_table is not true, and there is no scope: one of the two says which rows of the table are this sync's.")
		}
		return
	case d.OwnsTable:
		b.fail("owns_table", "Conflicting ownership", "Either a scope says which rows are this sync's, or all of the table is; not both.")
	}
	i.scopeRange = b.at("scope")
	c.compileScope(i, b)
}

// compileScope evaluates the constants of a scope, and the parts of it that a
// parent's row decides.
func (c *compiler) compileScope(i *instance, b *block) {
	d := &i.sync.Destination
	constants, calls := splitScope(b.arguments["scope"].Expr)
	scope, ok := c.assignments(constants, b.scope, quoted("scope"))
	for _, call := range calls {
		parent, fine := c.inParent(i, call, b.scope)
		if !fine {
			ok = false
			continue
		}
		taken := func(column string) bool { return strings.EqualFold(column, parent.Column) }
		if slices.ContainsFunc(scope, func(a config.Assignment) bool { return taken(a.Column) }) ||
			slices.ContainsFunc(d.Parents, func(p config.InParent) bool { return taken(p.Column) }) {
			c.errorf(call.at, "Duplicate column", "%s names the column %q twice.", quoted("scope"), parent.Column)
			c.failures++
			continue
		}
		d.Parents = append(d.Parents, parent)
	}
	if ok && len(scope)+len(d.Parents) == 0 {
		b.fail("scope", "Missing ownership", "The scope is empty. Write owns_table = true if every row of the table is this sync's.")
	}
	d.Scope = scope
	for _, a := range scope {
		if a.Value.IsNull() {
			c.errorf(hclRange(a.Range), invalidValue, "The scope's column %q is null; a scope needs a value that marks rows as this sync's.", a.Column)
			c.failures++
		}
		c.checkUnmapped(i, a, "scope")
	}
}

func (c *compiler) compileKey(i *instance, b *block) {
	key, ok := b.words("key")
	if ok && len(key) == 0 {
		b.fail("key", invalidValue, `"key" is empty; it names the columns that identify a row.`)
	}
	for _, w := range key {
		c.checkMapped(i, w, quoted("key"))
	}
	i.sync.Destination.Key = texts(key)
}

// checkUnmapped reports a column that is mapped though something else sets it.
func (c *compiler) checkUnmapped(i *instance, a config.Assignment, what string) {
	for _, name := range i.mapped() {
		if strings.EqualFold(name, a.Column) {
			c.errorf(hclRange(a.Range), "Conflicting column", "The column %q is set by %s and mapped in columns as well; it must be one of the two.", a.Column, what)
			c.failures++
		}
	}
}

const inParentForm = `{ enrol_id = in_parent("enrol", "id", { kind = "database" }) }`

// parentCall is column = in_parent(…) within a scope.
type parentCall struct {
	key  hclsyntax.Expression
	call *hclsyntax.FunctionCallExpr
	at   hcl.Range
}

// splitScope returns the constants of a scope that is written out, and the calls of
// in_parent in it.
func splitScope(expr hclsyntax.Expression) (constants hclsyntax.Expression, calls []parentCall) {
	object := writtenObject(expr)
	if object == nil {
		return expr, nil
	}
	rest := *object
	rest.Items = nil
	for _, entry := range object.Items {
		if call := callOf(entry.ValueExpr, "in_parent"); call != nil {
			calls = append(calls, parentCall{entry.KeyExpr, call, hcl.RangeBetween(entry.KeyExpr.Range(), entry.ValueExpr.Range())})
			continue
		}
		rest.Items = append(rest.Items, entry)
	}
	if len(calls) == 0 {
		return expr, nil
	}
	return &rest, calls
}

// checkScope checks the names in a scope, and the form of its calls of in_parent.
func (c *compiler) checkScope(expr hclsyntax.Expression, sc scope) {
	before := len(c.diags)
	constants, calls := splitScope(expr)
	ok := c.check(constants, sc)
	for _, p := range calls {
		c.check(p.key, sc)
		if len(p.call.Args) != 3 || p.call.ExpandFinal {
			c.errorf(p.call.Range(), "Invalid in_parent", "in_parent takes a table of the destination, the column of it that is referred to, and the constants that its rows hold, as in %s; here it is called with %s.", inParentForm, count(len(p.call.Args), "argument"))
			continue
		}
		for _, arg := range p.call.Args {
			ok = c.check(arg, sc) && ok
		}
	}
	c.checked[expr] = ok && !c.diags[before:].HasErrors()
}

// inParent evaluates a part of a scope that a parent's row decides.
func (c *compiler) inParent(i *instance, p parentCall, s scope) (out config.InParent, ok bool) {
	out.Range = position(p.at)
	if len(p.call.Args) != 3 || p.call.ExpandFinal {
		c.failures++
		return out, false
	}
	failures := c.failures
	out.Column, _ = c.callText(p.key, s, "A scope's column")
	out.Table, _ = c.callText(p.call.Args[0], s, "The table of in_parent")
	out.Ref, _ = c.callText(p.call.Args[1], s, "The column of in_parent")
	out.Where, ok = c.assignments(p.call.Args[2], s, quoted("in_parent"))
	for _, a := range out.Where {
		if a.Value.IsNull() {
			c.errorf(hclRange(a.Range), invalidValue, "The parent's column %q is null; a scope needs a value that marks rows as this sync's.", a.Column)
			c.failures++
		}
	}
	if ok && len(out.Where) == 0 {
		c.errorf(p.call.Args[2].Range(), "Missing ownership", "in_parent names no constant of the parent's rows; with one, as in %s, it says which of them are meant.", inParentForm)
		c.failures++
	}
	if out.Column != "" {
		c.checkMapped(i, word{out.Column, p.key.Range()}, "in_parent within the scope")
	}
	return out, c.failures == failures
}
