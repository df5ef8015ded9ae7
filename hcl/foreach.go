package hcl

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxElements bounds the instances of a configuration, which are held against each other in pairs.
const maxElements = 10_000

const tooManyInstances = "Too many instances"

// element is one of those that for_each yields.
type element struct {
	key string
	// scope knows each.key and each.value.
	scope scope
}

// elements evaluates a for_each, in the order of its keys; false if they are not known.
func (c *compiler) elements(forEach *hclsyntax.Attribute) ([]element, bool) {
	v, ok := c.eval(forEach.Expr, scope{ctx: c.base, locals: true})
	// Elements may be unknown, but their keys must not be.
	if !ok && (!v.IsKnown() || !v.Type().IsMapType() && !v.Type().IsObjectType()) {
		return nil, false
	}
	at := forEach.Expr.Range()
	_, marks := v.Unmark()
	switch t := v.Type(); {
	case len(marks) > 0 || t.IsSetType() && v.ContainsMarked():
		c.errorf(at, sensitiveValue, "The keys of for_each are part of the names of the instances, so they cannot depend on a sensitive variable.")
		return nil, false
	case v.IsNull():
		c.errorf(at, "Invalid for_each", "for_each is null; expected a map, or a set of strings.")
		return nil, false
	case t.IsMapType() || t.IsObjectType():
	case t.IsSetType() && (t.ElementType() == cty.String || v.LengthInt() == 0):
	case t.IsSetType():
		c.errorf(at, "Invalid for_each", "for_each is a set of %s; only strings can be keys.", t.ElementType().FriendlyName())
		return nil, false
	case t.IsTupleType() || t.IsListType():
		c.errorf(at, "Invalid for_each", "for_each is a list; expected a map, or a set of strings: write toset([…]).")
		return nil, false
	default:
		c.errorf(at, "Invalid for_each", "for_each is %s; expected faculty, a map, or a set of strings.", typeName(t))
		return nil, false
	}
	if n := v.LengthInt(); c.elementCount+n > maxElements {
		c.errorf(at, tooManyInstances, "for_each has %d elements; all the for_each of a configuration together can have %d.", n, maxElements)
		return nil, false
	}
	c.elementCount += v.LengthInt()
	var out []element
	// Maps, objects and sets of strings yield their elements in the keys' order.
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if key.IsNull() {
			c.errorf(at, "Invalid for_each", "for_each holds a null; only strings can be keys.")
			break
		}
		ctx := withVariable(c.base, "each", cty.ObjectVal(map[string]cty.Value{"key": key, "value": value}))
		out = append(out, element{key: key.AsString(), scope: scope{ctx: ctx, locals: true, each: true}})
	}
	return out, true
}

// countInstance counts a sync without for_each, of which each instance of its module has one; false if there are too many.
func (c *compiler) countInstance(at hcl.Range) bool {
	if c.elementCount++; c.elementCount == maxElements+1 {
		c.errorf(at, tooManyInstances, "The syncs of a configuration, those of each instance of a module, and all its for_each together can have %d instances.", maxElements)
	}
	return c.elementCount <= maxElements
}

// unknownEach is the scope of a block that has no instance.
func (c *compiler) unknownEach(forEach bool) scope {
	s := scope{ctx: c.base, locals: true, each: forEach}
	if forEach {
		s.ctx = withVariable(c.base, "each", cty.DynamicVal)
	}
	return s
}
