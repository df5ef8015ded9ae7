package hcl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl/rowexpr"
)

// syncBlock is a sync block; what its expressions mean depends on the instance.
type syncBlock struct {
	name  string
	block *hclsyntax.Block

	top, source, destination, lifecycle, guard *block
	columns                                    []*hclsyntax.Attribute // as written
	// forEach and dependsOn are evaluated in ways of their own, and nil if not written.
	forEach, dependsOn *hclsyntax.Attribute
	// complete: nothing that the block must hold is missing.
	complete  bool
	instances []*instance
	// expanded: the instances are known.
	expanded bool
}

// instance is one sync of a for_each, or the only one of a block without.
type instance struct {
	block *syncBlock
	key   string
	scope scope
	sync  *config.Sync
	// scopeRange is where the scope, or owns_table, is written.
	scopeRange hcl.Range
	// failed: sync is incomplete.
	failed bool
	needs  []*instance
}

var (
	syncSchema = schema{
		arguments: map[string]bool{
			"for_each": false, "faculty": false, "sensitive": false,
			"schedule": false, "notify": false, "depends_on": false,
		},
		blocks: map[string]nested{
			"source":      {required: true},
			"destination": {required: true},
			"columns":     {required: true},
			"lifecycle":   {},
			"guard":       {},
		},
	}
	syncSourceSchema = schema{
		arguments: map[string]bool{"from": true, "table": false, "query": false, "params": false},
	}
	syncDestinationSchema = schema{
		arguments: map[string]bool{
			"into": true, "table": true, "key": true,
			"scope": false, "owns_table": false, "unenforced_key": false,
		},
	}
)

func (s *syncBlock) address() string { return "sync." + s.name }

func (c *compiler) compileSyncs() {
	for _, s := range c.syncOrder {
		c.openSync(s)
		c.expand(s)
	}
	for _, s := range c.syncOrder {
		for _, i := range s.instances {
			c.compileInstance(i)
		}
	}
}

// openSync checks all of a sync that is the same for every instance, the names in
// its expressions included: a for_each may yield no instance.
func (c *compiler) openSync(s *syncBlock) {
	failures := c.failures
	each := scope{locals: true, each: s.block.Body.Attributes["for_each"] != nil}
	now := each
	now.now = true
	s.top = c.open(s.block, "sync block", syncSchema, each)
	s.forEach, s.dependsOn = s.top.arguments["for_each"], s.top.arguments["depends_on"]
	delete(s.top.arguments, "for_each")
	delete(s.top.arguments, "depends_on")
	inner := func(name string, sc schema) *block {
		if found := s.top.blocks[name]; len(found) > 0 {
			return c.open(found[0], name+" block of a sync", sc, each)
		}
		return nil
	}
	s.source = inner("source", syncSourceSchema)
	s.destination = inner("destination", syncDestinationSchema)
	s.lifecycle = inner("lifecycle", lifecycleSchema)
	s.guard = inner("guard", guardSchema)
	for _, columns := range s.top.blocks["columns"] {
		c.openColumns(s, columns, each)
	}
	s.complete = c.failures == failures && s.source != nil && s.destination != nil && len(s.columns) > 0

	for _, b := range []*block{s.top, s.source, s.destination, s.lifecycle, s.guard} {
		if b == nil {
			continue
		}
		for _, name := range names(b.arguments) {
			switch expr := b.arguments[name].Expr; {
			case b == s.lifecycle && (name == "archive" || name == "restore" || name == "stamps"):
				c.check(expr, now)
			default:
				c.check(expr, each)
			}
		}
	}
	c.checkOwnership(s)
}

func (c *compiler) openColumns(s *syncBlock, b *hclsyntax.Block, sc scope) {
	sc.row = true
	before := len(s.columns)
	for _, attribute := range b.Body.Attributes {
		s.columns = append(s.columns, attribute)
	}
	for _, inner := range b.Body.Blocks {
		switch {
		case inner.Type == "column":
			if attribute := c.openColumn(inner, sc); attribute != nil {
				s.columns = append(s.columns, attribute)
			}
		case isUnsupportedItem(inner.Type):
			c.unsupported(inner.TypeRange, inner.Type)
		default:
			c.errorf(inner.TypeRange, unsupportedBlock, `A columns block holds column = expression, and column "NAME" { value = expression } for names that are no identifiers.`)
		}
	}
	if len(s.columns) == before && len(b.Body.Blocks) == 0 {
		c.errorf(b.DefRange(), "No columns", "The columns block maps no column; write column = expression for each, those of the key included.")
		c.failures++
	}
	slices.SortFunc(s.columns, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	seen := map[string]hcl.Range{}
	for _, attribute := range s.columns {
		if first, twice := seen[attribute.Name]; twice {
			c.errorf(attribute.NameRange, "Duplicate column", "The column %q is mapped already, on line %d.", attribute.Name, first.Start.Line)
			c.failures++
		}
		seen[attribute.Name] = attribute.NameRange
		c.check(attribute.Expr, sc)
	}
}

// openColumn reads column "NAME" { value = expression }, the long form of
// NAME = expression for names that HCL could not write; nil if it is faulty.
func (c *compiler) openColumn(b *hclsyntax.Block, sc scope) *hclsyntax.Attribute {
	failures := c.failures
	if !c.checkLabels(b, []string{"NAME"}) {
		c.failures++
		return nil
	}
	value := c.open(b, "column block", schema{arguments: map[string]bool{"value": true}}, sc).arguments["value"]
	if value == nil || c.failures != failures {
		return nil
	}
	return &hclsyntax.Attribute{Name: b.Labels[0], Expr: value.Expr, SrcRange: b.Range(), NameRange: b.LabelRanges[0]}
}

// checkOwnership checks that scope or owns_table is written, and table or query.
func (c *compiler) checkOwnership(s *syncBlock) {
	if d := s.destination; d != nil && !d.has("scope") && !d.has("owns_table") {
		c.errorf(d.header, "Missing ownership", `It is not said which rows of the table are this sync's. Write scope = { column = "value" } for rows that hold the value, or owns_table = true if all of them are.`)
		s.complete = false
	}
	if src := s.source; src != nil && !src.has("table") && !src.has("query") {
		c.errorf(src.header, missingArgument, `A source block of a sync needs "table" or "query".`)
		s.complete = false
	}
}

// expand makes the instances of a sync.
func (c *compiler) expand(s *syncBlock) {
	attribute := s.forEach
	if attribute == nil {
		s.expanded = true
		s.instances = []*instance{{block: s, scope: scope{ctx: c.base, locals: true}, sync: &config.Sync{Address: s.address()}}}
		return
	}
	v, ok := c.eval(attribute.Expr, scope{ctx: c.base, locals: true})
	// Elements may be unknown, but their keys must not be.
	if !ok && (!v.IsKnown() || !v.Type().IsMapType() && !v.Type().IsObjectType()) {
		return
	}
	at := attribute.Expr.Range()
	_, marks := v.Unmark()
	switch t := v.Type(); {
	case len(marks) > 0 || t.IsSetType() && v.ContainsMarked():
		c.errorf(at, sensitiveValue, "The keys of for_each are part of the names of the instances, so they cannot depend on a sensitive variable.")
		return
	case v.IsNull():
		c.errorf(at, "Invalid for_each", "for_each is null; expected a map, or a set of strings.")
		return
	case t.IsMapType() || t.IsObjectType():
	case t.IsSetType() && (t.ElementType() == cty.String || v.LengthInt() == 0):
	case t.IsSetType():
		c.errorf(at, "Invalid for_each", "for_each is a set of %s; only strings can be keys.", t.ElementType().FriendlyName())
		return
	case t.IsTupleType() || t.IsListType():
		c.errorf(at, "Invalid for_each", "for_each is a list; expected a map, or a set of strings: write toset([…]).")
		return
	default:
		c.errorf(at, "Invalid for_each", "for_each is %s; expected faculty, a map, or a set of strings.", typeName(t))
		return
	}
	s.expanded = true
	// Maps, objects and sets of strings yield their elements in the keys' order.
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if key.IsNull() {
			c.errorf(at, "Invalid for_each", "for_each holds a null; only strings can be keys.")
			return
		}
		text := key.AsString()
		ctx := withVariable(c.base, "each", cty.ObjectVal(map[string]cty.Value{"key": key, "value": value}))
		s.instances = append(s.instances, &instance{
			block: s, key: text,
			scope: scope{ctx: ctx, locals: true, each: true},
			sync:  &config.Sync{Address: fmt.Sprintf("%s[%q]", s.address(), text)},
		})
	}
}

// compileInstance fills an instance's sync.
func (c *compiler) compileInstance(i *instance) {
	s, failures := i.block, c.failures
	errorsBefore := len(c.diags)
	i.sync.Name = s.name
	i.sync.Range = position(s.block.DefRange())
	top := s.top.in(i.scope)
	c.compileFaculty(i, top)
	if own := top.schedule(); own != nil {
		i.sync.Schedule = own
	}
	if top.has("notify") {
		i.sync.Notify = top.notify()
	}
	if s.source != nil {
		i.sync.Source = c.compileSyncSource(i, s.source.in(i.scope))
	}
	c.compileColumns(i)
	if s.destination != nil {
		c.compileDestination(i, s.destination.in(i.scope))
	}
	c.compileSensitive(i, top)
	c.compileLifecycle(i)
	c.compileGuard(i)
	i.failed = !s.complete || c.failures > failures || c.diags[errorsBefore:].HasErrors()
}

// compileFaculty finds the faculty that the sync runs for; its schedule and
// notifiers are the sync's unless that has its own.
func (c *compiler) compileFaculty(i *instance, top *block) {
	v, ok := top.value("faculty")
	if !ok {
		return
	}
	if !v.Type().Equals(facultyType) {
		top.fail("faculty", invalidReference, `"faculty" must be a reference such as faculty.hss, or each.value where for_each = faculty, not %s.`, typeName(v.Type()))
		return
	}
	f := c.faculties[v.GetAttr("label").AsString()].faculty
	i.sync.Faculty, i.sync.Schedule, i.sync.Notify = f.Label, f.Schedule, f.Notify
}

func (c *compiler) compileColumns(i *instance) {
	ctx := i.scope.ctx
	for _, attribute := range i.block.columns {
		// Whether its expression compiles or not, the column is mapped.
		column := config.Column{Name: attribute.Name, Range: position(attribute.SrcRange)}
		if c.checked[attribute.Expr] && known(attribute.Expr, ctx) {
			column.Sensitive = secretIn(attribute.Expr, ctx)
			expr, diags := rowexpr.Compile(attribute.Expr, ctx)
			c.report(diags, column.Sensitive)
			column.Expr = expr
		} else {
			c.failures++
		}
		i.sync.Columns = append(i.sync.Columns, column)
	}
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
	scope, ok := c.assignments(b.arguments["scope"].Expr, b.scope, quoted("scope"))
	if ok && len(scope) == 0 {
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

// compileSensitive marks the columns that are masked.
func (c *compiler) compileSensitive(i *instance, top *block) {
	a := top.arguments["sensitive"]
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
			for n := range i.sync.Columns {
				i.sync.Columns[n].Sensitive = true
			}
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

// assignments evaluates { column = constant, … }, in the order written.
func (c *compiler) assignments(expr hclsyntax.Expression, s scope, what string) ([]config.Assignment, bool) {
	if !c.check(expr, s) {
		c.failures++
		return nil, false
	}
	object, written := expr.(*hclsyntax.ObjectConsExpr)
	if !written {
		v, ok := c.plain(expr, s, what)
		if !ok {
			return nil, false
		}
		if t := v.Type(); !t.IsObjectType() && !t.IsMapType() {
			c.errorf(expr.Range(), invalidValue, "%s must be written { column = value }, not as %s.", what, typeName(t))
			c.failures++
			return nil, false
		}
		var out []config.Assignment
		fine := true
		for it := v.ElementIterator(); it.Next(); {
			key, element := it.Element()
			if a, ok := c.assignment(key.AsString(), element, expr.Range(), what); ok {
				out = append(out, a)
			} else {
				fine = false
			}
		}
		return out, fine
	}
	var out []config.Assignment
	fine := true
	for _, entry := range object.Items {
		key, ok := c.plain(entry.KeyExpr, s, what)
		if ok {
			key, ok = c.converted(key, cty.String, entry.KeyExpr.Range(), "A column's name")
		}
		if !ok {
			fine = false
			continue
		}
		name := key.AsString()
		at := hcl.RangeBetween(entry.KeyExpr.Range(), entry.ValueExpr.Range())
		if slices.ContainsFunc(out, func(a config.Assignment) bool { return strings.EqualFold(a.Column, name) }) {
			c.errorf(at, "Duplicate column", "%s sets the column %q twice.", what, name)
			c.failures++
			fine = false
			continue
		}
		v, ok := c.plain(entry.ValueExpr, s, what)
		if !ok && !v.IsKnown() {
			fine = false
			continue
		}
		if a, ok := c.assignment(name, v, at, what); ok {
			out = append(out, a)
		} else {
			fine = false
		}
	}
	return out, fine
}

func (c *compiler) assignment(column string, v cty.Value, at hcl.Range, what string) (config.Assignment, bool) {
	out := config.Assignment{Column: column, Range: position(at)}
	if strings.TrimSpace(column) == "" {
		c.errorf(at, invalidName, "%s holds an empty column name.", what)
		c.failures++
		return out, false
	}
	if v.Type().Equals(nowType) {
		out.Now = true
		return out, true
	}
	one, err := rowexpr.FromCty(v)
	if err != nil {
		c.errorf(at, invalidValue, "The value of the column %q must be text, a number, true or false, a date or null, not %s.", column, typeName(v.Type()))
		c.failures++
		return out, false
	}
	out.Value = one
	return out, true
}
