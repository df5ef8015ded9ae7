package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// progress of a local value or a faculty, which may need each other.
type progress int

const (
	untouched progress = iota
	underway
	done
)

// local is an argument of a locals block.
type local struct {
	attribute *hclsyntax.Attribute
	progress  progress
	value     cty.Value
}

func (c *compiler) declareLocals(b *hclsyntax.Block) {
	for _, inner := range b.Body.Blocks {
		c.errorf(inner.TypeRange, unsupportedBlock, "A locals block holds name = value only.")
	}
	for _, name := range names(b.Body.Attributes) {
		attribute := b.Body.Attributes[name]
		if first := c.locals[name]; first != nil {
			c.errorf(attribute.NameRange, "Duplicate local value", "local.%s is declared at %s already.", name, position(first.attribute.NameRange))
			continue
		}
		c.locals[name] = &local{attribute: attribute}
	}
}

// evaluateLocals evaluates local values and faculties, each after those that it
// refers to, and makes the context of all other blocks.
func (c *compiler) evaluateLocals() {
	static := c.staticRoots()
	var path []string
	for _, name := range names(c.locals) {
		c.evaluateLocal(name, static, path)
	}
	for _, name := range names(c.faculties) {
		c.evaluateFaculty(name, static, path)
	}
	c.base = &hcl.EvalContext{Variables: static, Functions: c.functions}
	static["local"] = c.localValues(names(c.locals))
	static["faculty"] = c.facultyValues(names(c.faculties))
}

// staticRoots are the names that need no evaluation.
func (c *compiler) staticRoots() map[string]cty.Value {
	schedules := make(map[string]cty.Value)
	for name, s := range c.schedules {
		schedules[name] = cty.CapsuleVal(scheduleType, s.schedule)
	}
	notifiers := make(map[string]map[string]cty.Value)
	for _, n := range c.notifiers {
		put(notifiers, n.block, cty.CapsuleVal(notifierType, n.notifier))
	}
	connections := func(known map[string]*connection, t cty.Type) cty.Value {
		values := make(map[string]map[string]cty.Value)
		for _, conn := range known {
			put(values, conn.block, cty.CapsuleVal(t, conn.connection))
		}
		return objects(values)
	}
	return map[string]cty.Value{
		"var":         c.variableValues(),
		"source":      connections(c.sources, sourceType),
		"destination": connections(c.destinations, destinationType),
		"schedule":    cty.ObjectVal(schedules),
		"notify":      objects(notifiers),
	}
}

func put(values map[string]map[string]cty.Value, b *hclsyntax.Block, v cty.Value) {
	if values[b.Labels[0]] == nil {
		values[b.Labels[0]] = make(map[string]cty.Value)
	}
	values[b.Labels[0]][b.Labels[1]] = v
}

func objects(values map[string]map[string]cty.Value) cty.Value {
	out := make(map[string]cty.Value, len(values))
	for name, inner := range values {
		out[name] = cty.ObjectVal(inner)
	}
	return cty.ObjectVal(out)
}

func (c *compiler) evaluateLocal(name string, static map[string]cty.Value, path []string) {
	l := c.locals[name]
	address := "local." + name
	switch l.progress {
	case done:
		return
	case underway:
		c.reportCycle(append(path, address), l.attribute.Range())
		l.progress, l.value = done, cty.DynamicVal
		return
	case untouched:
	}
	l.progress = underway
	s := scope{locals: true}
	if len(path) >= maxChain {
		c.tooLong(l.attribute.Range())
	} else if c.check(l.attribute.Expr, s) {
		s.ctx = c.contextFor([]hclsyntax.Expression{l.attribute.Expr}, static, append(path, address))
		// A cycle through this local has made it unknown by now.
		if l.progress != done {
			l.value, _ = c.eval(l.attribute.Expr, s)
		}
	}
	if l.value == cty.NilVal {
		l.value = cty.DynamicVal
	}
	l.progress = done
}

// contextFor evaluates the locals and faculties that exprs refer to and returns
// the context that holds them.
func (c *compiler) contextFor(exprs []hclsyntax.Expression, static map[string]cty.Value, path []string) *hcl.EvalContext {
	var localNames, facultyNames []string
	for _, expr := range exprs {
		for _, t := range expr.Variables() {
			name, _, ok := step(t, 1)
			switch t.RootName() {
			case "local":
				localNames = append(localNames, name)
			case "faculty":
				if ok {
					facultyNames = append(facultyNames, name)
				} else {
					facultyNames = append(facultyNames, names(c.faculties)...)
				}
			}
		}
	}
	localNames, facultyNames = distinct(localNames), distinct(facultyNames)
	for _, name := range localNames {
		if c.locals[name] != nil {
			c.evaluateLocal(name, static, path)
		}
	}
	for _, name := range facultyNames {
		if c.faculties[name] != nil {
			c.evaluateFaculty(name, static, path)
		}
	}
	ctx := &hcl.EvalContext{Variables: static, Functions: c.functions}
	ctx = withVariable(ctx, "local", c.localValues(localNames))
	return withVariable(ctx, "faculty", c.facultyValues(facultyNames))
}

func distinct(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}

func (c *compiler) localValues(which []string) cty.Value {
	values := make(map[string]cty.Value, len(which))
	for _, name := range which {
		if l := c.locals[name]; l != nil {
			values[name] = l.value
		}
	}
	return cty.ObjectVal(values)
}

func (c *compiler) tooLong(at hcl.Range) {
	c.errorf(at, expressionTooComplex, "Of local values and faculties, at most %d may refer each to the next.", maxChain)
}

// reportCycle reports a path whose last element is among the earlier ones.
func (c *compiler) reportCycle(path []string, at hcl.Range) {
	first := slices.Index(path, path[len(path)-1])
	c.errorf(at, "Dependency cycle", "This depends on itself: %s.", strings.Join(path[first:], " -> "))
}
