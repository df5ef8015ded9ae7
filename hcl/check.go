package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl/rowexpr"
	"github.com/registrar-sync/registrar/providers"
)

var checkSchema = schema{arguments: map[string]bool{
	"severity": false, "code": false, "source": false, "destination": false, "sync": false,
	"query": false, "params": false, "where": false, "message": true, "key": false, "sensitive": false, "blocks": false,
}}

// compileChecks compiles the check blocks; the syncs that they name are complete by then.
func (c *compiler) compileChecks() {
	for _, b := range c.blocks {
		if b.Type == "check" {
			c.compileCheck(b)
		}
	}
}

// check is a check block on its way to config.Check.
type check struct {
	*block
	out config.Check
	// severityKnown: what is written there is no mistake.
	severityKnown bool
	// subject is the argument that says what is looked at: source, destination or sync.
	subject string
	// staged are the instances that it means, where it is sync.
	staged []*instance
	// where, message, sync and blocks are evaluated in ways of their own, and nil if not
	// written.
	where, message, sync, blocks *hclsyntax.Attribute
}

func (c *compiler) compileCheck(b *hclsyntax.Block) {
	s := scope{ctx: c.base, locals: true}
	failures, before := c.failures, len(c.diags)
	opened := c.open(b, "check block", checkSchema, s)
	k := check{
		out: config.Check{
			Address: c.prefix + "check." + b.Labels[0], Name: b.Labels[0], Range: position(b.DefRange()),
		},
		where: opened.takeRow("where"), message: opened.takeRow("message"), sync: opened.take("sync"), blocks: opened.take("blocks"),
	}
	k.block = opened.in(s)
	untilHere := c.failures
	k.out.Severity = choice(k.block, "severity", []config.CheckSeverity{config.CheckInfo, config.CheckWarning, config.CheckError}, config.CheckWarning)
	k.severityKnown = c.failures == untilHere
	k.out.Code, _ = k.text("code")
	k.findSubject()
	switch k.subject {
	case "source", "destination":
		k.compileQuery()
	case "sync":
		k.compileStaged()
	}
	if k.message != nil {
		k.out.Message = k.overRow(k.message, rowexpr.CompileText)
	}
	k.compileSensitive()
	k.compileBlocks()
	if k.subject == "sync" {
		k.checkNames()
	}
	if c.failures > failures || c.diags[before:].HasErrors() {
		return
	}
	// A sync without instances has no rows to look at.
	if k.subject != "sync" || len(k.out.Staged) > 0 {
		c.config.Checks = append(c.config.Checks, &k.out)
	}
}

// take removes an argument from the block, for one that is not evaluated as others are.
func (b *block) take(name string) *hclsyntax.Attribute {
	taken := b.arguments[name]
	delete(b.arguments, name)
	return taken
}

// takeRow is take for an expression that may refer to row.
func (b *block) takeRow(name string) *hclsyntax.Attribute {
	taken := b.take(name)
	if taken != nil {
		s := b.scope
		s.row = true
		b.c.check(taken.Expr, s)
	}
	return taken
}

// findSubject finds what the check looks at.
func (k *check) findSubject() {
	var written []*hclsyntax.Attribute
	for _, name := range []string{"source", "destination"} {
		if k.has(name) {
			written = append(written, k.arguments[name])
		}
	}
	if k.sync != nil {
		written = append(written, k.sync)
	}
	if len(written) == 0 {
		k.c.failures++
		k.c.errorf(k.header, missingArgument, `A check block needs "source" or "destination", which a query is run on, or "sync", whose staged rows are looked at.`)
		return
	}
	k.subject = written[0].Name
	for _, other := range written[1:] {
		k.conflict(other, "A check looks at one thing: it has %q already.", k.subject)
	}
}

func (k *check) conflict(a *hclsyntax.Attribute, format string, args ...any) {
	k.c.failures++
	k.c.errorf(a.NameRange, "Conflicting arguments", format, args...)
}

// compileQuery compiles a check that runs a query.
func (k *check) compileQuery() {
	if k.where != nil {
		k.conflict(k.where, `"where" is for the staged rows of a sync; a query on a %s has conditions of its own, and each row it returns is a finding.`, k.subject)
	}
	kind := sourceType
	if k.subject == "destination" {
		kind = destinationType
	}
	if from, ok := k.reference(k.subject, kind, k.subject); ok {
		k.out.From = from.(*config.Connection)
	}
	k.out.QueryRange = position(k.at("query"))
	if k.out.From != nil && !k.c.mayRunQueries(k.out.From) {
		k.fail(k.subject, "Unsupported query", "The provider %q runs no queries, so a check cannot look into this %s. It can look at the staged rows of a sync, with sync and where.", k.out.From.Provider, k.subject)
		k.out.From = nil
	}
	if key, ok := k.words("key"); ok {
		k.out.Key = texts(key)
	}
	params, known := k.c.params(k.block)
	k.out.Params = params
	k.out.AllSensitive = slices.ContainsFunc(params, isSecret)
	if !k.has("query") {
		k.c.failures++
		k.c.errorf(k.header, missingArgument, `A check of a %s needs "query"; each row that it returns is a finding.`, k.subject)
		return
	}
	query, ok := k.text("query")
	if !ok {
		return
	}
	k.out.Query = query
	k.c.checkQuery(k.block, config.SyncSource{From: k.out.From, Query: query, Params: params}, known)
}

// mayRunQueries is false for the sources and destinations of a provider that is known
// and runs no queries.
func (c *compiler) mayRunQueries(at *config.Connection) bool {
	runner, _ := c.queryRunner(at)
	return runner != nil || !slices.ContainsFunc(c.opts.Providers, func(p providers.Provider) bool { return p.Name() == at.Provider })
}

// compileStaged compiles a check of the rows that a sync staged.
func (k *check) compileStaged() {
	k.staged = k.c.oneSync(k.sync, k.scope)
	for _, i := range k.staged {
		k.out.Staged = append(k.out.Staged, i.sync.Address)
		// All instances are of one block.
		k.out.Key = i.sync.Destination.Key
	}
	for _, name := range []string{"query", "params", "key"} {
		if a := k.arguments[name]; a != nil {
			k.conflict(a, `%q is for a query on a source or a destination; the staged rows of a sync are looked at with "where", and shown with the sync's key.`, name)
		}
	}
	if k.where == nil {
		k.c.failures++
		k.c.errorf(k.header, missingArgument, `A check of a sync needs "where": the condition that is true for a row to report.`)
		return
	}
	k.out.QueryRange = position(k.where.Expr.Range())
	k.out.Where = k.overRow(k.where, rowexpr.CompileCondition)
}

// overRow compiles an argument that may refer to row.
func (k *check) overRow(a *hclsyntax.Attribute, compile compilation) config.Expr {
	if k.isNull(a.Expr) {
		k.c.failures++
		k.c.errorf(a.Expr.Range(), invalidValue, "%q is null, for every row.", a.Name)
		return config.Expr{}
	}
	out, secret := k.c.rowExpression(a.Expr, k.scope, compile)
	if secret {
		k.c.failures++
		k.c.errorf(a.Expr.Range(), sensitiveValue, "What a check finds is shown in plans and recorded, so %q cannot depend on a sensitive variable.", a.Name)
	}
	return out
}

// compileSensitive finds the columns that are not shown: those named, and for staged rows
// those that the sync masks.
func (k *check) compileSensitive() {
	if v, ok := k.value("sensitive"); ok && v.Type() == cty.String {
		if v.AsString() != "all" {
			k.fail("sensitive", invalidValue, `"sensitive" is %q; expected a list of columns, or "all".`, v.AsString())
		}
		k.out.AllSensitive = true
	} else if k.subject != "sync" && !k.has("sensitive") && k.c.masksByDefault(k.out.From) {
		k.out.AllSensitive = true
	} else if ok {
		named, _ := k.words("sensitive")
		k.out.Sensitive = texts(named)
		if k.subject == "sync" && len(k.staged) > 0 {
			for _, w := range named {
				if known := stagedNames(k.staged[0].sync); !slices.Contains(known, w.text) {
					k.c.failures++
					k.c.errorf(w.at, "Unknown column", `"sensitive" names the column %q, which the sync does not map.%s`, w.text, didYouMean(w.text, known))
				}
			}
		}
	}
	for _, i := range k.staged {
		for _, column := range i.sync.Columns {
			if !column.Sensitive && !slices.Contains(k.out.Sensitive, column.Name) {
				continue
			}
			for _, name := range columnNames(column) {
				if !slices.Contains(k.out.Sensitive, name) {
					k.out.Sensitive = append(k.out.Sensitive, name)
				}
			}
		}
	}
}

// compileBlocks finds the syncs that an error holds.
func (k *check) compileBlocks() {
	if k.blocks == nil {
		if k.out.Severity == config.CheckError {
			k.c.warnf(k.header, "Check holds nothing", `What the check finds is an error, and holds no sync. List those that must not be applied then, as blocks = [sync.enrolments], or write blocks = [] if none is meant.`)
		}
		return
	}
	for _, blocked := range k.c.listedSyncs(k.blocks, k.scope) {
		k.out.Blocks = append(k.out.Blocks, blocked.instance.sync.Address)
	}
	list, _ := k.blocks.Expr.(*hclsyntax.TupleConsExpr)
	if k.severityKnown && k.out.Severity != config.CheckError && list != nil && len(list.Exprs) > 0 {
		k.conflict(k.blocks, `Only an error holds syncs, and the severity of this check is %q: write severity = "error", or leave out "blocks".`, k.out.Severity)
	}
}

// checkNames checks the columns that where and message refer to.
func (k *check) checkNames() {
	for _, i := range k.staged {
		known := stagedNames(i.sync)
		for _, ref := range slices.Concat(k.out.Where.Refs, k.out.Message.Refs) {
			k.checkName(ref, known)
		}
	}
}

func (k *check) checkName(ref config.ColumnRef, known []string) {
	var found []string
	for _, name := range known {
		if name == ref.Name || !ref.Exact && strings.EqualFold(name, ref.Name) {
			found = append(found, name)
		}
	}
	switch {
	case len(found) == 1:
	case len(found) > 1:
		k.c.errorf(hclRange(ref.Range), "Ambiguous column", "The sync maps %s, and row.%s could be either: write row[%q].", alternatives(found), ref.Name, found[0])
	default:
		k.c.errorf(hclRange(ref.Range), "Unknown column", "The staged rows of the sync have no column %q: in a check, row has the columns of the destination that the sync maps.%s", ref.Name, didYouMean(ref.Name, known))
	}
}

// stagedNames are the names that a check's row has: the mapped columns, and the keys of
// lookups as "column.key".
func stagedNames(s *config.Sync) []string {
	var out []string
	for _, column := range s.Columns {
		out = append(out, columnNames(column)...)
	}
	return out
}

func columnNames(column config.Column) []string {
	out := []string{column.Name}
	if column.Lookup != nil {
		for _, by := range column.Lookup.By {
			out = append(out, column.Name+"."+by.Column)
		}
	}
	return out
}
