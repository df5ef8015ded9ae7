package hcl

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl/rowexpr"
)

// columnBlock is a mapped column as written, in its short or in its long form.
type columnBlock struct {
	name          string
	nameRange, at hcl.Range
	expr          hclsyntax.Expression
	// lookup is the call of lookup() that expr is, or nil.
	lookup *hclsyntax.FunctionCallExpr
	// options are the long form's other arguments; nil for the short form.
	options *block
}

var columnSchema = schema{arguments: map[string]bool{
	"value": true, "compare": false, "on_unresolved": false, "archived": false,
}}

func (c *compiler) openColumns(s *syncBlock, b *hclsyntax.Block, sc scope) {
	before := len(s.columns)
	for _, a := range b.Body.Attributes {
		s.columns = append(s.columns, &columnBlock{name: a.Name, expr: a.Expr, at: a.SrcRange, nameRange: a.NameRange})
	}
	for _, inner := range b.Body.Blocks {
		switch {
		case inner.Type == "column":
			if column := c.openColumn(inner, sc); column != nil {
				s.columns = append(s.columns, column)
			}
		case isUnsupportedItem(inner.Type):
			c.unsupported(inner.TypeRange, inner.Type)
		default:
			c.errorf(inner.TypeRange, unsupportedBlock, `A columns block holds column = expression, and column "NAME" { value = expression } for what needs more than that.`)
		}
	}
	if len(s.columns) == before && len(b.Body.Blocks) == 0 {
		c.errorf(b.DefRange(), "No columns", "The columns block maps no column; write column = expression for each, those of the key included.")
		c.failures++
	}
	slices.SortFunc(s.columns, func(a, b *columnBlock) int { return a.at.Start.Byte - b.at.Start.Byte })
	seen := map[string]hcl.Range{}
	for _, column := range s.columns {
		if first, twice := seen[column.name]; twice {
			c.errorf(column.nameRange, "Duplicate column", "The column %q is mapped already, on line %d.", column.name, first.Start.Line)
			c.failures++
		}
		seen[column.name] = column.nameRange
		if column.lookup = callOf(column.expr, "lookup"); column.lookup != nil {
			c.checkLookup(column, sc)
			continue
		}
		inRow := sc
		inRow.row = true
		c.check(column.expr, inRow)
	}
}

// openColumn reads column "NAME" { value = expression }, the long form of
// NAME = expression for names that HCL could not write and for columns that say more;
// nil if it is faulty.
func (c *compiler) openColumn(b *hclsyntax.Block, sc scope) *columnBlock {
	failures := c.failures
	if !c.checkLabels(b, []string{"NAME"}) {
		c.failures++
		return nil
	}
	options := c.open(b, "column block", columnSchema, sc)
	value := options.arguments["value"]
	// A value that is null is a value.
	delete(options.arguments, "value")
	options.required = nil
	for _, name := range names(options.arguments) {
		c.check(options.arguments[name].Expr, sc)
	}
	if value == nil || c.failures != failures {
		return nil
	}
	return &columnBlock{name: b.Labels[0], expr: value.Expr, at: b.Range(), nameRange: b.LabelRanges[0], options: options}
}

func (c *compiler) compileColumns(i *instance) {
	for _, written := range i.block.columns {
		// Whether its expression compiles or not, the column is mapped.
		column := config.Column{Name: written.name, Range: position(written.at)}
		if written.lookup != nil {
			column.Lookup, column.Sensitive = c.compileLookup(written.lookup, i.scope)
		} else {
			column.Expr, column.Sensitive = c.rowExpression(written.expr, i.scope, rowexpr.Compile)
		}
		column.Secrets = secrets(written.expr, i.scope.ctx)
		if written.options != nil {
			c.compileOptions(&column, written.options.in(i.scope))
		}
		i.sync.Columns = append(i.sync.Columns, column)
	}
}

// compilation is one of the functions of rowexpr that compile.
type compilation func(hcl.Expression, *hcl.EvalContext) (config.Expr, hcl.Diagnostics)

// rowExpression compiles an expression over the source's row that has been checked,
// and reports whether it depends on a sensitive value.
func (c *compiler) rowExpression(expr hclsyntax.Expression, s scope, compile compilation) (out config.Expr, secret bool) {
	if !c.checked[expr] || !known(expr, s.ctx) {
		c.failures++
		return out, false
	}
	if !c.mayCompute(expr, s.ctx) {
		c.failures++
		return out, true
	}
	secret = secretIn(expr, s.ctx)
	out, diags := compile(expr, s.ctx)
	c.report(diags, secret)
	return out, secret
}

// compileOptions evaluates what the long form of a column says besides its value.
func (c *compiler) compileOptions(column *config.Column, b *block) {
	if l := column.Lookup; l != nil {
		l.Archived = b.boolean("archived")
		l.OnUnresolved = choice(b, "on_unresolved", unresolved, config.RejectUnresolved)
		if b.has("compare") {
			b.fail("compare", "Conflicting arguments", "A lookup's rows are found by their keys, which are compared as they are: compare cannot be written with lookup().")
		}
		return
	}
	for _, name := range []string{"archived", "on_unresolved"} {
		if b.has(name) {
			b.fail(name, "Conflicting arguments", `%q is about a lookup, and the value of the column is none, as lookup("department", "id", { code = row.COD_CMP }) would be.`, name)
		}
	}
	column.Compare = c.compare(b)
}

// mapped returns the names of the mapped columns.
func (i *instance) mapped() []string {
	out := make([]string, len(i.sync.Columns))
	for n, column := range i.sync.Columns {
		out[n] = column.Name
	}
	return out
}

// checkMapped reports a name that is no mapped column.
func (c *compiler) checkMapped(i *instance, w word, what string) bool {
	if slices.Contains(i.mapped(), w.text) {
		return true
	}
	c.errorf(w.at, "Unknown column", "%s names the column %q, which the columns block does not map.%s", what, w.text, didYouMean(w.text, i.mapped()))
	c.failures++
	return false
}

// compileSensitive marks the columns that are masked.
func (c *compiler) compileSensitive(i *instance, top *block) {
	if slices.ContainsFunc(i.sync.Source.Params, isSecret) {
		i.maskAll()
	}
	a := top.arguments["sensitive"]
	if a == nil && c.masksByDefault(i.sync.Destination.Into) {
		i.maskAll()
	}
	if a == nil || !c.check(a.Expr, top.scope) {
		return
	}
	if _, list := a.Expr.(*hclsyntax.TupleConsExpr); !list {
		v, ok := top.value("sensitive")
		if !ok {
			return
		}
		if v.Type() == cty.String {
			if v.AsString() != "all" {
				top.fail("sensitive", invalidValue, `"sensitive" is %q; expected a list of columns, or "all".`, v.AsString())
				return
			}
			i.maskAll()
			return
		}
	}
	words, _ := top.words("sensitive")
	for _, w := range words {
		if !c.checkMapped(i, w, quoted("sensitive")) {
			continue
		}
		for n := range i.sync.Columns {
			if i.sync.Columns[n].Name == w.text {
				i.sync.Columns[n].Sensitive = true
			}
		}
	}
}

func (i *instance) maskAll() {
	for n := range i.sync.Columns {
		i.sync.Columns[n].Sensitive = true
	}
}
