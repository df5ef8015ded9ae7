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

// tasks are the arguments of a queries block, in the order of config.SyncSource.
var tasks = []config.Operation{config.Insert, config.Update, config.Delete}

var queriesSchema = schema{arguments: map[string]bool{"insert": false, "update": false, "delete": false}}

func (c *compiler) compileSyncSource(i *instance, b *block) config.SyncSource {
	out := config.SyncSource{Range: position(b.header)}
	if from, ok := b.reference("from", sourceType, "source"); ok {
		out.From = from.(*config.Connection)
	}
	queries := i.block.queries
	if queries != nil {
		queries = queries.in(i.scope)
	}
	c.checkExclusive(b, queries, i.block.complete)
	if b.has("table") {
		out.Table, _ = b.text("table")
		out.Range = position(b.at("table"))
	}
	var read []sqlText
	if b.has("query") {
		out.Range = position(b.at("query"))
		var ok bool
		if out.Query, ok = b.text("query"); ok {
			read = append(read, sqlText{out.Query, b.at("query")})
		}
	}
	if queries != nil {
		out.Range = position(queries.header)
		for _, task := range tasks {
			if text, ok := queries.text(string(task)); ok {
				out.Queries = append(out.Queries, config.TaskQuery{Task: task, SQL: text, Range: position(queries.at(string(task)))})
				read = append(read, sqlText{text, queries.at(string(task))})
			}
		}
	}
	params, ok := c.params(b)
	out.Params = params
	switch {
	case b.has("params") && !b.has("query") && queries == nil:
		c.errorf(b.arguments["params"].NameRange, "Conflicting arguments", "params are bound to the :names of a query, and there is no query.")
		c.failures++
	case len(read) > 0:
		c.checkQueries(out, read, ok)
	}
	return out
}

// checkExclusive checks that a source has exactly one of table, query and queries.
func (c *compiler) checkExclusive(b, queries *block, complete bool) {
	const exclusive = `A source block of a sync has one of "table", "query" and "queries".`
	if b.has("table") && b.has("query") && b.settled("table") && b.settled("query") {
		c.errorf(b.arguments["query"].NameRange, "Conflicting arguments", exclusive)
		c.failures++
	}
	switch {
	case queries == nil:
		if !b.has("table") && !b.has("query") && complete {
			b.fail("from", missingArgument, `A source block of a sync needs "table", "query" or "queries", and what is written is null.`)
		}
	case b.has("table") || b.has("query"):
		c.errorf(queries.header, "Conflicting arguments", exclusive)
		c.failures++
	case len(queries.arguments) == 0:
		c.errorf(queries.header, missingArgument, `A queries block needs "insert", "update" or "delete": a query of the rows to add, to change or to remove.`)
		c.failures++
	}
}

// params evaluates { name = value, … }; false if not even the names are known. The values may be sensitive: a
// query can return them, so that nothing of its result is shown then.
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
		secret, from := element.ContainsMarked(), variablesOf(element)
		element, _ = element.UnmarkDeep()
		one, err := rowexpr.FromCty(element)
		if err != nil {
			c.errorf(at, invalidValue, "The param %q must be text, a number, true or false, a date or null, not %s.", name, typeName(element.Type()))
			c.failures++
		}
		out = append(out, config.Param{Name: name, Value: one, Sensitive: secret, Secrets: from, Range: position(at)})
	}
	slices.SortStableFunc(out, func(a, b config.Param) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	return out, true
}

// isSecret reports whether a param's value is sensitive.
func isSecret(p config.Param) bool { return p.Sensitive }

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

// sqlText is a query with its place.
type sqlText struct {
	text string
	at   hcl.Range
}

// checkQuery checks the argument query of a block, and its params.
func (c *compiler) checkQuery(b *block, source config.SyncSource, paramsKnown bool) {
	c.checkQueries(source, []sqlText{{source.Query, b.at("query")}}, paramsKnown)
}

// checkQueries checks that each query is one SELECT and that their :names and the
// params are the same.
func (c *compiler) checkQueries(source config.SyncSource, queries []sqlText, paramsKnown bool) {
	runner, found := c.queryRunner(source.From)
	switch {
	case !found: // that is reported already, and how the text reads is not known
		return
	case runner == nil:
		c.errorf(queries[0].at, "Unsupported query", `The provider %q has no queries: name a table with "table".`, source.From.Provider)
		c.failures++
		return
	}
	given := make([]string, len(source.Params))
	for i, p := range source.Params {
		given[i] = p.Name
	}
	var used []string
	complete := paramsKnown
	for _, q := range queries {
		names, ok := c.checkSelect(q, runner)
		complete = complete && ok
		used = append(used, names...)
		for _, name := range names {
			if paramsKnown && !slices.Contains(given, name) {
				c.errorf(q.at, "Unknown param", "The query uses :%s, which params does not define.%s", name, didYouMean(name, given))
				c.failures++
			}
		}
	}
	if !complete {
		return
	}
	subject := "The query does not use"
	if len(queries) > 1 {
		subject = "None of the queries uses"
	}
	for _, p := range source.Params {
		if !slices.Contains(used, p.Name) {
			c.errorf(hclRange(p.Range), "Unused param", "%s :%s.%s", subject, p.Name, didYouMean(p.Name, distinct(slices.Clone(used))))
			c.failures++
		}
	}
}

// checkSelect returns the :names of a query, each once; false if it is not one SELECT.
func (c *compiler) checkSelect(q sqlText, runner providers.QueryRunner) ([]string, bool) {
	lexis := runner.QueryLexis()
	var err error
	if checker, ok := runner.(providers.QueryChecker); ok {
		err = checker.CheckQuery(q.text)
	}
	if err == nil {
		err = sqlgen.CheckSelect(q.text, lexis)
	}
	if err != nil {
		c.errorf(q.at, "Invalid query", "A query must be a single SELECT, and it is refused: %s.", err)
		c.failures++
		return nil, false
	}
	_, used, err := sqlgen.BindNamed(q.text, lexis, func(int, string) string { return "" })
	if err != nil {
		c.errorf(q.at, "Invalid query", "The query cannot be read: %s.", err)
		c.failures++
		return nil, false
	}
	return distinct(used), true
}

// checkTasks checks that a query of rows to remove and on_missing go together.
func (c *compiler) checkTasks(i *instance) {
	queries := i.sync.Source.Queries
	if len(queries) == 0 {
		return
	}
	at := slices.IndexFunc(queries, func(q config.TaskQuery) bool { return q.Task == config.Delete })
	switch onMissing := i.sync.Lifecycle.OnMissing; {
	case at >= 0 && onMissing == config.KeepMissing:
		c.errorf(hclRange(queries[at].Range), missingArgument, `delete names rows to remove, and it is not said how: write on_missing = "archive" or on_missing = "delete" in the lifecycle block.`)
		c.failures++
	case at < 0 && onMissing != config.KeepMissing:
		i.block.lifecycle.fail("on_missing", "Conflicting arguments", "on_missing is %q, and nothing would ever be removed: with queries a row is not missing because insert and update do not name it. Only what a query delete names is removed, and there is none.", onMissing)
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
