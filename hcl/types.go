package hcl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// referenceTypes are the types of what a module's variables can refer to, as type
// constraints spell them.
var referenceTypes = map[string]cty.Type{
	"source":      sourceType,
	"destination": destinationType,
	"faculty":     facultyType,
	"schedule":    scheduleType,
	"notify":      notifierType,
}

// typeKeywords are all that can stand alone in a type constraint.
var typeKeywords = append([]string{"string", "number", "bool", "any"}, names(referenceTypes)...)

// typeConstraint reads a variable's type. Package typeexpr knows none of our types: it
// is given any in their place, and they are put back into what it returns.
func (c *compiler) typeConstraint(expr hclsyntax.Expression) (cty.Type, *typeexpr.Defaults, bool) {
	before := len(c.diags)
	replaced := c.withoutReferences(expr)
	if c.diags[before:].HasErrors() {
		return cty.DynamicPseudoType, nil, false
	}
	t, defaults, diags := typeexpr.TypeConstraintWithDefaults(replaced)
	c.report(diags, false)
	if diags.HasErrors() {
		return cty.DynamicPseudoType, nil, false
	}
	return withReferences(expr, t), defaults, true
}

// withoutReferences returns a type constraint with any in the place of our types, and
// reports unknown types.
func (c *compiler) withoutReferences(expr hclsyntax.Expression) hclsyntax.Expression {
	switch expr := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		keyword := hcl.ExprAsKeyword(expr)
		if _, ours := referenceTypes[keyword]; ours {
			out := *expr
			out.Traversal = hcl.Traversal{hcl.TraverseRoot{Name: "any", SrcRange: expr.SrcRange}}
			return &out
		}
		constructors := []string{"list", "set", "map", "object", "tuple", "optional"}
		if keyword != "" && !slices.Contains(typeKeywords, keyword) && !slices.Contains(constructors, keyword) {
			c.errorf(expr.SrcRange, "Invalid type specification", "There is no type %s; expected %s, or one made of these as in list(string).%s", keyword, strings.Join(typeKeywords, ", "), didYouMean(keyword, typeKeywords))
		}
		return expr
	case *hclsyntax.FunctionCallExpr:
		out := *expr
		out.Args = slices.Clone(expr.Args)
		for i, arg := range out.Args {
			if expr.Name == "optional" && i > 0 {
				break // a default
			}
			out.Args[i] = c.withoutReferences(arg)
		}
		return &out
	case *hclsyntax.ObjectConsExpr:
		out := *expr
		out.Items = slices.Clone(expr.Items)
		for i := range out.Items {
			out.Items[i].ValueExpr = c.withoutReferences(out.Items[i].ValueExpr)
		}
		return &out
	case *hclsyntax.TupleConsExpr:
		out := *expr
		out.Exprs = slices.Clone(expr.Exprs)
		for i := range out.Exprs {
			out.Exprs[i] = c.withoutReferences(out.Exprs[i])
		}
		return &out
	default:
		return expr
	}
}

// withReferences puts our types into t, which typeexpr made of expr without them.
func withReferences(expr hclsyntax.Expression, t cty.Type) cty.Type {
	if ours, ok := referenceTypes[hcl.ExprAsKeyword(expr)]; ok {
		return ours
	}
	call, ok := expr.(*hclsyntax.FunctionCallExpr)
	if !ok || len(call.Args) == 0 {
		return t
	}
	inner := call.Args[0]
	switch {
	case call.Name == "optional":
		return withReferences(inner, t)
	case t.IsListType():
		return cty.List(withReferences(inner, t.ElementType()))
	case t.IsSetType():
		return cty.Set(withReferences(inner, t.ElementType()))
	case t.IsMapType():
		return cty.Map(withReferences(inner, t.ElementType()))
	case t.IsObjectType():
		attributes := t.AttributeTypes()
		pairs, _ := hcl.ExprMap(inner)
		for _, pair := range pairs {
			name := hcl.ExprAsKeyword(pair.Key)
			if value, ok := pair.Value.(hclsyntax.Expression); ok {
				attributes[name] = withReferences(value, attributes[name])
			}
		}
		return cty.ObjectWithOptionalAttrs(attributes, names(t.OptionalAttributes()))
	case t.IsTupleType():
		elements := slices.Clone(t.TupleElementTypes())
		exprs, _ := hcl.ExprList(inner)
		for i := range min(len(exprs), len(elements)) {
			if value, ok := exprs[i].(hclsyntax.Expression); ok {
				elements[i] = withReferences(value, elements[i])
			}
		}
		return cty.Tuple(elements)
	default:
		return t
	}
}

// refers reports whether a type holds one of ours.
func refers(t cty.Type) bool {
	switch {
	case t.IsCapsuleType():
		return true
	case t.IsCollectionType():
		return refers(t.ElementType())
	case t.IsObjectType():
		for _, attribute := range t.AttributeTypes() {
			if refers(attribute) {
				return true
			}
		}
	case t.IsTupleType():
		return slices.ContainsFunc(t.TupleElementTypes(), refers)
	}
	return false
}

// typeText spells a type as a type constraint does.
func typeText(t cty.Type) string {
	if !refers(t) {
		return typeexpr.TypeString(t)
	}
	for name, ours := range referenceTypes {
		if t.Equals(ours) {
			return name
		}
	}
	switch {
	case t.IsListType():
		return "list(" + typeText(t.ElementType()) + ")"
	case t.IsSetType():
		return "set(" + typeText(t.ElementType()) + ")"
	case t.IsMapType():
		return "map(" + typeText(t.ElementType()) + ")"
	case t.IsObjectType():
		attributes := t.AttributeTypes()
		parts := make([]string, 0, len(attributes))
		for _, name := range names(attributes) {
			parts = append(parts, fmt.Sprintf("%s=%s", name, typeText(attributes[name])))
		}
		return "object({" + strings.Join(parts, ",") + "})"
	case t.IsTupleType():
		var parts []string
		for _, element := range t.TupleElementTypes() {
			parts = append(parts, typeText(element))
		}
		return "tuple([" + strings.Join(parts, ",") + "])"
	default:
		return t.FriendlyName()
	}
}
