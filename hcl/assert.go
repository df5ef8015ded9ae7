package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl/rowexpr"
)

var (
	assertSchema = schema{arguments: map[string]bool{"condition": true, "message": true, "on_failure": false}}

	onFailures = []config.AssertFailure{config.WarnFailure, config.RejectFailure, config.StopFailure}
)

// assertBlock is an assert block of a sync.
type assertBlock struct {
	name               string
	condition, message hclsyntax.Expression // nil where they are missing
	opened             *block
}

// openAsserts checks the assert blocks of a sync, in the order written.
func (c *compiler) openAsserts(s *syncBlock, sc scope) {
	inRow := sc
	inRow.row = true
	seen := make(map[string]hcl.Range)
	for _, b := range s.top.blocks["assert"] {
		a := &assertBlock{name: b.Labels[0], opened: c.open(b, "sync's assert block", assertSchema, sc)}
		if !c.checkIdentifier(a.name, b.LabelRanges[0]) {
			c.failures++
		}
		if first, twice := seen[a.name]; twice {
			c.errorf(b.LabelRanges[0], "Duplicate assert", "The sync has an assert %q already, on line %d.", a.name, first.Start.Line)
			c.failures++
		}
		seen[a.name] = b.LabelRanges[0]
		for name, expr := range map[string]*hclsyntax.Expression{"condition": &a.condition, "message": &a.message} {
			if written := a.opened.arguments[name]; written != nil {
				*expr = written.Expr
			}
			delete(a.opened.arguments, name)
		}
		a.opened.required = nil
		for _, expr := range []hclsyntax.Expression{a.condition, a.message} {
			if expr != nil {
				c.check(expr, inRow)
			}
		}
		if on := a.opened.arguments["on_failure"]; on != nil {
			c.check(on.Expr, sc)
		}
		s.asserts = append(s.asserts, a)
	}
}

// compileAsserts compiles the asserts of an instance, whose columns are compiled.
func (c *compiler) compileAsserts(i *instance) {
	for _, a := range i.block.asserts {
		if a.condition == nil || a.message == nil {
			continue // that is reported
		}
		b := a.opened.in(i.scope)
		out := config.Assert{Name: a.name, Range: position(b.header)}
		out.Condition, _ = c.rowExpression(a.condition, i.scope, rowexpr.CompileCondition)
		out.Message, out.Sensitive = c.rowExpression(a.message, i.scope, rowexpr.CompileText)
		out.Sensitive = out.Sensitive || i.readsSecret(out.Message)
		out.OnFailure = choice(b, "on_failure", onFailures, config.RejectFailure)
		i.sync.Asserts = append(i.sync.Asserts, out)
	}
}

// readsSecret reports whether an expression reads a source column that a sensitive
// column reads too, or whether all columns are sensitive.
func (i *instance) readsSecret(expr config.Expr) bool {
	all := true
	var secret []config.ColumnRef
	for _, column := range i.sync.Columns {
		if !column.Sensitive {
			all = false
			continue
		}
		secret = append(secret, column.Expr.Refs...)
		if column.Lookup != nil {
			for _, k := range column.Lookup.By {
				secret = append(secret, k.Expr.Refs...)
			}
		}
	}
	return all || slices.ContainsFunc(expr.Refs, func(ref config.ColumnRef) bool {
		return slices.ContainsFunc(secret, func(s config.ColumnRef) bool { return strings.EqualFold(s.Name, ref.Name) })
	})
}
