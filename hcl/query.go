package hcl

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl/rowexpr"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

func (c *compiler) compileSyncSource(i *instance, b *block) config.SyncSource {
	out := config.SyncSource{Range: position(b.header)}
	if from, ok := b.reference("from", sourceType, "source"); ok {
		out.From = from.(*config.Connection)
	}
	if b.has("table") && b.has("query") {
		c.errorf(b.arguments["query"].NameRange, "Conflicting arguments", `A source block of a sync has "table" or "query", not both.`)
		c.failures++
	}
	hasQuery := false
	if b.has("table") {
		out.Table, _ = b.text("table")
		out.Range = position(b.at("table"))
	}
	if b.has("query") {
		out.Query, hasQuery = b.text("query")
		out.Range = position(b.at("query"))
	}
	if !b.has("table") && !b.has("query") && i.block.complete {
		b.fail("from", missingArgument, `A source block of a sync needs "table" or "query", and what is written is null.`)
	}
	params, ok := c.params(b)
	out.Params = params
	switch {
	case b.has("params") && !b.has("query"):
		c.errorf(b.arguments["params"].NameRange, "Conflicting arguments", "params are bound to the :names of a query, and there is no query.")
		c.failures++
	case hasQuery:
		c.checkQuery(b, out, ok)
	}
	return out
}

// params evaluates { name = value, … }; false if not even the names are known. The values may be sensitive: they are
// bound, never shown.
func (c *compiler) params(b *block) ([]config.Param, bool) {
	a := b.arguments["params"]
	if a == nil {
		return nil, true
	}
	v, ok := c.eval(a.Expr, b.scope)
	if !ok {
		c.failures++
		return nil, false
	}
	if v.IsMarked() {
		b.fail("params", sensitiveValue, "The names of params are shown, so they cannot depend on a sensitive variable; the values can. Write { name = value } for each.")
		return nil, false
	}
	v, _ = v.UnmarkDeep()
	if v.IsNull() {
		return nil, true
	}
	if t := v.Type(); !t.IsObjectType() && !t.IsMapType() {
		b.fail("params", invalidValue, `"params" must be written { name = value }, not as %s.`, typeName(t))
		return nil, false
	}
	var out []config.Param
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		name := key.AsString()
		at := keyRange(a.Expr, b.scope.ctx, name)
		one, err := rowexpr.FromCty(element)
		if err != nil {
			c.errorf(at, invalidValue, "The param %q must be text, a number, true or false, a date or null, not %s.", name, typeName(element.Type()))
			c.failures++
		}
		out = append(out, config.Param{Name: name, Value: one, Range: position(at)})
	}
	slices.SortStableFunc(out, func(a, b config.Param) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	return out, true
}

// keyRange is where an object written out sets key, or else the whole expression.
func keyRange(expr hclsyntax.Expression, ctx *hcl.EvalContext, key string) hcl.Range {
	if object, ok := expr.(*hclsyntax.ObjectConsExpr); ok {
		for _, entry := range object.Items {
			v, diags := entry.KeyExpr.Value(ctx)
			v, _ = v.Unmark()
			if !diags.HasErrors() && v.IsKnown() && !v.IsNull() && v.Type() == cty.String && v.AsString() == key {
				return hcl.RangeBetween(entry.KeyExpr.Range(), entry.ValueExpr.Range())
			}
		}
	}
	return expr.Range()
}

// checkQuery checks that the query is one SELECT and that its :names and the
// params are the same.
func (c *compiler) checkQuery(b *block, source config.SyncSource, paramsKnown bool) {
	runner, found := c.queryRunner(source.From)
	switch {
	case !found: // that is reported already, and how the text reads is not known
		return
	case runner == nil:
		b.fail("query", "Unsupported query", `The provider %q has no queries: name a table with "table".`, source.From.Provider)
		return
	}
	lexis := runner.QueryLexis()
	if err := sqlgen.CheckSelect(source.Query, lexis); err != nil {
		b.fail("query", "Invalid query", "A query must be a single SELECT, and it is refused: %s.", err)
		return
	}
	_, used, err := sqlgen.BindNamed(source.Query, lexis, func(int, string) string { return "" })
	if err != nil {
		b.fail("query", "Invalid query", "The query cannot be read: %s.", err)
		return
	}
	if !paramsKnown {
		return
	}
	given := make([]string, len(source.Params))
	for i, p := range source.Params {
		given[i] = p.Name
	}
	for _, name := range distinct(slices.Clone(used)) {
		if !slices.Contains(given, name) {
			b.fail("query", "Unknown param", "The query uses :%s, which params does not define.%s", name, didYouMean(name, given))
		}
	}
	for _, p := range source.Params {
		if !slices.Contains(used, p.Name) {
			c.errorf(hclRange(p.Range), "Unused param", "The query does not use :%s.%s", p.Name, didYouMean(p.Name, distinct(slices.Clone(used))))
			c.failures++
		}
	}
}

// queryRunner returns the provider of a source, nil if it has no queries; false if
// the provider is not known.
func (c *compiler) queryRunner(from *config.Connection) (providers.QueryRunner, bool) {
	if from == nil {
		return nil, false
	}
	for _, p := range c.opts.Providers {
		if _, ok := p.(providers.SourceProvider); ok && p.Name() == from.Provider {
			runner, _ := p.(providers.QueryRunner)
			return runner, true
		}
	}
	return nil, false
}
