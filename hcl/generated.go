package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
)

const (
	invalidGenerated = "Invalid generated column"
	generatedForm    = `{ id = sequence("room_id") }`
)

// checkGenerated checks the form of generated = { column = sequence("name"), … } and the names
// in it.
func (c *compiler) checkGenerated(expr hclsyntax.Expression, sc scope) {
	before := len(c.diags)
	defer func() { c.checked[expr] = !c.diags[before:].HasErrors() }()
	object := writtenObject(expr)
	if object == nil {
		c.errorf(expr.Range(), invalidGenerated, "The columns that a sequence of the database numbers are written out, as in generated = %s.", generatedForm)
		return
	}
	for _, entry := range object.Items {
		c.check(entry.KeyExpr, sc)
		call := callOf(entry.ValueExpr, "sequence")
		if call == nil || len(call.Args) != 1 || call.ExpandFinal {
			c.errorf(entry.ValueExpr.Range(), invalidGenerated, "A generated column takes the next number of a sequence of the database, by its name, as in generated = %s.", generatedForm)
			continue
		}
		c.check(call.Args[0], sc)
	}
}

// compileGenerated evaluates what checkGenerated checked.
func (c *compiler) compileGenerated(i *instance, b *block) {
	attribute := b.arguments["generated"]
	if attribute == nil {
		return
	}
	if !c.checked[attribute.Expr] {
		c.failures++
		return
	}
	d := &i.sync.Destination
	for _, entry := range writtenObject(attribute.Expr).Items {
		at := hcl.RangeBetween(entry.KeyExpr.Range(), entry.ValueExpr.Range())
		column, named := c.callText(entry.KeyExpr, b.scope, "A generated column")
		sequence, found := c.callText(callOf(entry.ValueExpr, "sequence").Args[0], b.scope, "The sequence's name")
		if !named || !found {
			continue
		}
		if slices.ContainsFunc(d.Generated, func(g config.Generated) bool { return strings.EqualFold(g.Column, column) }) {
			c.errorf(at, "Duplicate column", "%s names the column %q twice.", quoted("generated"), column)
			c.failures++
			continue
		}
		c.checkUnmapped(i, config.Assignment{Column: column, Range: position(at)}, "generated")
		if slices.ContainsFunc(d.Scope, func(a config.Assignment) bool { return strings.EqualFold(a.Column, column) }) {
			c.errorf(at, "Conflicting column", "The column %q is set by generated and by the scope; it must be one of the two.", column)
			c.failures++
		}
		d.Generated = append(d.Generated, config.Generated{Column: column, Sequence: sequence, Range: position(at)})
	}
}
