package hcl

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
)

// syncBlock is a sync block; what its expressions mean depends on the instance.
type syncBlock struct {
	name  string
	block *hclsyntax.Block
	// module is where it is declared.
	module *compiler

	top, source, queries, destination, lifecycle, guard, incremental *block
	columns                                                          []*columnBlock // as written
	asserts                                                          []*assertBlock
	// watermark is incremental's argument, which is a column of the row; nil if it is not written.
	watermark *hclsyntax.Attribute
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
	// faculty is the one it runs for, nil for none.
	faculty *faculty
	// failed: sync is incomplete.
	failed bool
	needs  []*instance
	// needed is, for each of needs, what says so.
	needed map[*instance]hcl.Range
}

// need makes the instance run after another.
func (i *instance) need(other *instance, at hcl.Range) {
	if _, already := i.needed[other]; already {
		return
	}
	if i.needed == nil {
		i.needed = make(map[*instance]hcl.Range)
	}
	i.needs = append(i.needs, other)
	i.needed[other] = at
	i.sync.DependsOn = append(i.sync.DependsOn, other.sync.Address)
}

var (
	syncSchema = schema{
		arguments: map[string]bool{
			"for_each": false, "faculty": false, "sensitive": false,
			"schedule": false, "notify": false, "depends_on": false,
			"before_apply": false, "after_apply": false,
		},
		blocks: map[string]nested{
			"source":      {required: true},
			"destination": {required: true},
			"columns":     {required: true},
			"assert":      {labels: []string{"name"}, many: true},
			"lifecycle":   {},
			"guard":       {},
			"incremental": {},
		},
	}
	syncSourceSchema = schema{
		arguments: map[string]bool{"from": true, "table": false, "query": false, "params": false},
		blocks:    map[string]nested{"queries": {}},
	}
	syncDestinationSchema = schema{
		arguments: map[string]bool{
			"into": true, "table": true, "key": true,
			"scope": false, "owns_table": false, "adopt": false, "unenforced_key": false, "generated": false,
		},
	}
)

func (s *syncBlock) address() string { return s.module.prefix + "sync." + s.name }

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
	now, dest := each, each
	now.now, dest.dest = true, true
	archive := now
	archive.dest = true
	s.top = c.open(s.block, "sync block", syncSchema, each)
	s.forEach, s.dependsOn = s.top.arguments["for_each"], s.top.arguments["depends_on"]
	delete(s.top.arguments, "for_each")
	delete(s.top.arguments, "depends_on")
	inner := func(outer *block, name string, sc schema) *block {
		if outer == nil || len(outer.blocks[name]) == 0 {
			return nil
		}
		return c.open(outer.blocks[name][0], name+" block of a sync", sc, each)
	}
	s.source = inner(s.top, "source", syncSourceSchema)
	s.queries = inner(s.source, "queries", queriesSchema)
	s.destination = inner(s.top, "destination", syncDestinationSchema)
	s.lifecycle = inner(s.top, "lifecycle", lifecycleSchema)
	s.guard = inner(s.top, "guard", guardSchema)
	c.openIncremental(s, each)
	for _, columns := range s.top.blocks["columns"] {
		c.openColumns(s, columns, each)
	}
	c.openAsserts(s, each)
	s.complete = c.failures == failures && s.source != nil && s.destination != nil && len(s.columns) > 0

	for _, b := range []*block{s.top, s.source, s.queries, s.destination, s.lifecycle, s.guard, s.incremental} {
		if b == nil {
			continue
		}
		for _, name := range names(b.arguments) {
			switch expr := b.arguments[name].Expr; {
			case b == s.lifecycle && name == "archive":
				c.check(expr, archive)
			case b == s.lifecycle && (name == "restore" || name == "stamps"):
				c.check(expr, now)
			case b == s.lifecycle && (name == "archived" || name == "archived_since" || name == "protect"):
				c.check(expr, dest)
			case b == s.destination && name == "scope":
				c.checkScope(expr, each)
			case b == s.destination && name == "generated":
				c.checkGenerated(expr, each)
			default:
				c.check(expr, each)
			}
		}
	}
	c.checkOwnership(s)
}

// checkOwnership checks that scope or owns_table is written, and table, query or queries.
func (c *compiler) checkOwnership(s *syncBlock) {
	if d := s.destination; d != nil && !d.has("scope") && !d.has("owns_table") {
		c.errorf(d.header, "Missing ownership", `It is not said which rows of the table are this sync's. Write scope = { column = "value" } for rows that hold the value, or owns_table = true if all of them are.`)
		s.complete = false
	}
	if src := s.source; src != nil && !src.has("table") && !src.has("query") && len(src.blocks["queries"]) == 0 {
		c.errorf(src.header, missingArgument, `A source block of a sync needs "table", "query" or "queries".`)
		s.complete = false
	}
}

// expand makes the instances of a sync.
func (c *compiler) expand(s *syncBlock) {
	if s.forEach == nil {
		s.expanded = true
		if !c.countInstance(s.block.DefRange()) {
			return
		}
		s.instances = []*instance{{block: s, scope: scope{ctx: c.base, locals: true}, sync: &config.Sync{Address: s.address()}}}
		return
	}
	var elements []element
	elements, s.expanded = c.elements(s.forEach)
	for _, e := range elements {
		s.instances = append(s.instances, &instance{
			block: s, key: e.key, scope: e.scope,
			sync: &config.Sync{Address: fmt.Sprintf("%s[%q]", s.address(), e.key)},
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
		c.compileGenerated(i, s.destination.in(i.scope))
	}
	c.checkLookups(i)
	c.compileSensitive(i, top)
	c.compileAsserts(i)
	c.compileHooks(i, top)
	c.compileLifecycle(i)
	c.compileGuard(i)
	c.compileIncremental(i)
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
	i.faculty = v.GetAttr("block").EncapsulatedValue().(*faculty)
	f := i.faculty.faculty
	i.sync.Faculty, i.sync.Schedule, i.sync.Notify = f.Label, f.Schedule, f.Notify
}
