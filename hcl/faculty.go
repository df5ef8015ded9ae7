package hcl

import (
	"reflect"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
)

// faculty is a faculty block.
type faculty struct {
	label    string
	block    *hclsyntax.Block
	opened   *block
	progress progress
	value    cty.Value
	faculty  *config.Faculty
	// guard is laid over the registrar block's by the faculty's syncs.
	guard guardArguments
}

// facultyBlockType leads from the value of a faculty to the faculty: in a module, a
// label does not tell which it is.
var facultyBlockType = cty.Capsule("faculty block", reflect.TypeFor[faculty]())

// facultyType is what faculty.x stands for in expressions. Holding references,
// such an object can only come from a faculty block.
var facultyType = cty.Object(map[string]cty.Type{
	"block":    facultyBlockType,
	"label":    cty.String,
	"name":     cty.String,
	"code":     cty.String,
	"schedule": scheduleType,
	"notify":   cty.List(notifierType),
})

var facultySchema = schema{
	arguments: map[string]bool{"name": false, "code": false, "schedule": false, "notify": false},
	blocks:    map[string]nested{"guard": {}},
}

// evaluateFaculty evaluates a faculty after the locals that it refers to. path
// leads to it, for cycles.
func (c *compiler) evaluateFaculty(label string, static map[string]cty.Value, path []string) {
	f := c.faculties[label]
	address := "faculty." + label
	switch f.progress {
	case done:
		return
	case underway:
		c.reportCycle(append(path, address), f.block.DefRange())
		f.progress, f.value = done, cty.UnknownVal(facultyType)
		return
	case untouched:
	}
	if len(path) >= maxChain {
		c.tooLong(f.block.DefRange())
		f.progress, f.value = done, cty.UnknownVal(facultyType)
		return
	}
	f.progress = underway
	failures := c.failures
	s := scope{locals: true}
	b := c.open(f.block, "faculty block", facultySchema, s)
	f.opened = b
	exprs := make([]hclsyntax.Expression, 0, len(b.arguments))
	for _, name := range names(b.arguments) {
		if c.check(b.arguments[name].Expr, s) {
			exprs = append(exprs, b.arguments[name].Expr)
		}
	}
	s.ctx = c.contextFor(exprs, static, append(path, address))
	if f.progress == done {
		return
	}
	b = b.in(s)
	f.faculty = &config.Faculty{Address: c.prefix + address, Label: label, Name: label, Range: position(f.block.DefRange())}
	value := map[string]cty.Value{
		"block":    cty.CapsuleVal(facultyBlockType, f),
		"label":    cty.StringVal(label),
		"name":     cty.StringVal(label),
		"code":     cty.NullVal(cty.String),
		"schedule": cty.NullVal(scheduleType),
		"notify":   cty.ListValEmpty(notifierType),
	}
	if text, ok := b.text("name"); ok {
		f.faculty.Name, value["name"] = text, cty.StringVal(text)
	}
	if text, ok := b.text("code"); ok {
		f.faculty.Code, value["code"] = text, cty.StringVal(text)
	}
	if schedule := b.schedule(); schedule != nil {
		f.faculty.Schedule, value["schedule"] = schedule, cty.CapsuleVal(scheduleType, schedule)
	}
	f.faculty.Notify = b.notify()
	if len(f.faculty.Notify) > 0 {
		notifiers := make([]cty.Value, len(f.faculty.Notify))
		for i, n := range f.faculty.Notify {
			notifiers[i] = cty.CapsuleVal(notifierType, n)
		}
		value["notify"] = cty.ListVal(notifiers)
	}
	f.value, f.progress = cty.ObjectVal(value), done
	if c.failures > failures {
		f.value = cty.UnknownVal(facultyType)
	}
}

// facultyValues is what faculty stands for: a map, so that for_each = faculty and
// filters of it work alike.
func (c *compiler) facultyValues(labels []string) cty.Value {
	if len(labels) == 0 {
		return cty.MapValEmpty(facultyType)
	}
	values := make(map[string]cty.Value, len(labels))
	for _, label := range labels {
		if f := c.faculties[label]; f != nil {
			values[label] = f.value
		}
	}
	if len(values) == 0 {
		return cty.MapValEmpty(facultyType)
	}
	return cty.MapVal(values)
}

// compileFaculties lists the faculties in the order in which they are written.
func (c *compiler) compileFaculties() {
	for _, b := range c.blocks {
		if b.Type != "faculty" {
			continue
		}
		f := c.faculties[b.Labels[0]]
		if f.faculty != nil {
			c.config.Faculties = append(c.config.Faculties, f.faculty)
		}
		if f.opened != nil {
			f.guard = f.opened.innerGuard("guard block of a faculty", scope{ctx: c.base, locals: true})
		}
	}
}

// schedule evaluates the argument schedule.
func (b *block) schedule() *config.Schedule {
	found, ok := b.reference("schedule", scheduleType, "schedule")
	if !ok {
		return nil
	}
	return found.(*config.Schedule)
}

// notify evaluates the argument notify, a list of notifiers.
func (b *block) notify() []*config.Notifier {
	items, _ := b.items("notify")
	var out []*config.Notifier
	for _, one := range items {
		if found, ok := b.c.referent(one, notifierType, "notify", `An element of "notify"`); ok {
			out = append(out, found.(*config.Notifier))
		}
	}
	return out
}
