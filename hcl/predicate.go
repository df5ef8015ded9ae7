package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl/rowexpr"
	"github.com/registrar-sync/registrar/internal/value"
)

const (
	unsupportedPredicate = "Unsupported predicate"
	predicateForms       = "A predicate is made of comparisons of one column with a constant (== != < <= > >=), == null, != null, contains([\"a\", \"b\"], dest.column), && || ! and parentheses."
)

// operators are the comparisons, by how HCL spells them; mirrored is the same with
// its sides exchanged.
var operators = map[*hclsyntax.Operation]struct{ op, mirrored config.PredicateOp }{
	hclsyntax.OpEqual:              {config.Equal, config.Equal},
	hclsyntax.OpNotEqual:           {config.NotEqual, config.NotEqual},
	hclsyntax.OpLessThan:           {config.Less, config.Greater},
	hclsyntax.OpLessThanOrEqual:    {config.LessOrEqual, config.GreaterOrEqual},
	hclsyntax.OpGreaterThan:        {config.Greater, config.Less},
	hclsyntax.OpGreaterThanOrEqual: {config.GreaterOrEqual, config.LessOrEqual},
}

// predicate compiles an argument that is a condition on a row of the destination;
// nil where it is left out or faulty.
func (b *block) predicate(name string) *config.Predicate {
	a := b.arguments[name]
	if a == nil {
		return nil
	}
	s := b.scope
	s.dest = true
	if !b.c.check(a.Expr, s) {
		b.c.failures++
		return nil
	}
	return b.c.predicate(a.Expr, s)
}

// destColumn evaluates an argument that is a reference to a column, as dest.archived_on.
func (b *block) destColumn(name string) (string, bool) {
	a := b.arguments[name]
	if a == nil {
		return "", false
	}
	s := b.scope
	s.dest = true
	if !b.c.check(a.Expr, s) {
		b.c.failures++
		return "", false
	}
	column, is, ok := b.c.destReference(a.Expr, s)
	if !is {
		b.fail(name, invalidReference, "%q must be a column of the destination, as in dest.archived_on.", name)
	}
	return column, is && ok
}

// predicate compiles a checked expression; nil where it is faulty.
func (c *compiler) predicate(expr hclsyntax.Expression, s scope) *config.Predicate {
	if column, is, ok := c.destReference(expr, s); is {
		if !ok {
			return nil
		}
		return &config.Predicate{Op: config.Equal, Column: column, Values: []value.Value{value.OfBool(true)}, Range: position(expr.Range())}
	}
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return c.predicate(e.Expression, s)
	case *hclsyntax.UnaryOpExpr:
		if e.Op == hclsyntax.OpLogicalNot {
			return c.combination(config.Not, e.Range(), s, e.Val)
		}
	case *hclsyntax.BinaryOpExpr:
		switch _, compares := operators[e.Op]; {
		case e.Op == hclsyntax.OpLogicalAnd:
			return c.combination(config.And, e.Range(), s, e.LHS, e.RHS)
		case e.Op == hclsyntax.OpLogicalOr:
			return c.combination(config.Or, e.Range(), s, e.LHS, e.RHS)
		case compares:
			return c.comparison(e, s)
		}
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "contains" && len(e.Args) == 2 && !e.ExpandFinal {
			return c.membership(e, s)
		}
	}
	return c.noPredicate(expr.Range(), "This is no condition on rows of the destination that a database could test.")
}

func (c *compiler) noPredicate(at hcl.Range, why string) *config.Predicate {
	c.errorf(at, unsupportedPredicate, "%s %s", why, predicateForms)
	c.failures++
	return nil
}

func (c *compiler) combination(op config.PredicateOp, at hcl.Range, s scope, exprs ...hclsyntax.Expression) *config.Predicate {
	out := &config.Predicate{Op: op, Range: position(at)}
	complete := true
	for _, expr := range exprs {
		switch operand := c.predicate(expr, s); {
		case operand == nil:
			complete = false
		case operand.Op == op && op != config.Not:
			out.Operands = append(out.Operands, operand.Operands...)
		default:
			out.Operands = append(out.Operands, operand)
		}
	}
	if !complete {
		return nil
	}
	return out
}

func (c *compiler) comparison(e *hclsyntax.BinaryOpExpr, s scope) *config.Predicate {
	op, constant := operators[e.Op].op, e.RHS
	column, is, ok := c.destReference(e.LHS, s)
	if !is {
		op, constant = operators[e.Op].mirrored, e.LHS
		column, is, ok = c.destReference(e.RHS, s)
	}
	switch {
	case !is:
		return c.noPredicate(e.Range(), "Neither side of this comparison is a column.")
	case dependsOnDest(constant):
		return c.noPredicate(constant.Range(), "Both sides of this comparison depend on the row.")
	case !ok:
		return nil
	}
	out := &config.Predicate{Op: op, Column: column, Range: position(e.Range())}
	v, ok := c.plain(constant, s, "A predicate")
	switch {
	case !ok && (!v.IsKnown() || !v.IsNull()):
		return nil
	case !ok && op == config.Equal:
		out.Op = config.IsNull
		return out
	case !ok && op == config.NotEqual:
		out.Op = config.IsNotNull
		return out
	case !ok:
		return c.noPredicate(constant.Range(), "Nothing is less or greater than null.")
	case v.Type() == cty.Bool && op != config.Equal && op != config.NotEqual:
		return c.noPredicate(constant.Range(), "Neither of true and false is the greater.")
	}
	one, fine := c.predicateValue(v, constant.Range())
	out.Values = []value.Value{one}
	if !fine {
		return nil
	}
	return out
}

// membership compiles contains([…], dest.column).
func (c *compiler) membership(e *hclsyntax.FunctionCallExpr, s scope) *config.Predicate {
	column, is, ok := c.destReference(e.Args[1], s)
	switch {
	case !is:
		return c.noPredicate(e.Args[1].Range(), "The second argument of contains must be a column.")
	case dependsOnDest(e.Args[0]):
		return c.noPredicate(e.Args[0].Range(), "The first argument of contains must be a list of constants.")
	}
	items, fine := c.items(e.Args[0], s, "A list of contains")
	out := &config.Predicate{Op: config.In, Column: column, Range: position(e.Range())}
	for _, one := range items {
		v, good := c.predicateValue(one.value, one.at)
		fine = fine && good
		out.Values = append(out.Values, v)
	}
	switch {
	case !ok || !fine:
		return nil
	case len(items) == 0: // no value is in an empty list, NULL included
		out.Op = config.And
		out.Operands = []*config.Predicate{
			{Op: config.IsNull, Column: column, Range: out.Range},
			{Op: config.IsNotNull, Column: column, Range: out.Range},
		}
		out.Column = ""
	}
	return out
}

func (c *compiler) predicateValue(v cty.Value, at hcl.Range) (value.Value, bool) {
	one, err := rowexpr.FromCty(v)
	if err != nil {
		c.errorf(at, invalidValue, "A column is compared with text, a number, true or false, or a date, not with %s.", typeName(v.Type()))
		c.failures++
		return value.Value{}, false
	}
	return one, true
}

func dependsOnDest(expr hclsyntax.Expression) bool {
	return slices.ContainsFunc(expr.Variables(), func(t hcl.Traversal) bool { return t.RootName() == "dest" })
}

// destReference returns the column that dest.x, dest["x"] or dest[expression] means. is
// is false for any other expression, ok for a faulty one.
func (c *compiler) destReference(expr hclsyntax.Expression, s scope) (column string, is, ok bool) {
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return c.destReference(e.Expression, s)
	case *hclsyntax.IndexExpr:
		root, whole := e.Collection.(*hclsyntax.ScopeTraversalExpr)
		if !whole || len(root.Traversal) != 1 || root.Traversal.RootName() != "dest" || dependsOnDest(e.Key) {
			return "", false, false
		}
		column, ok = c.callText(e.Key, s, "The name of a column")
		return column, true, ok
	case *hclsyntax.ScopeTraversalExpr:
		if e.Traversal.RootName() != "dest" {
			return "", false, false
		}
		name, at, named := step(e.Traversal, 1)
		switch {
		case !named || strings.TrimSpace(name) == "":
			c.errorf(e.Range(), invalidReference, `dest is a row of the destination: name one of its columns, as in dest.status or dest["status"].`)
		case len(e.Traversal) > 2:
			c.errorf(at, invalidReference, "A column holds one value, which has no attributes or elements.")
		default:
			return name, true, true
		}
		c.failures++
		return "", true, false
	default:
		return "", false, false
	}
}

// truths is a set of truth values that a predicate may have.
type truths uint8

const (
	isTrue truths = 1 << iota
	isFalse
	isUnknown

	anything = isTrue | isFalse | isUnknown
)

// outcome returns what a predicate may be for a row in which some columns have been
// set, and nothing is known of the others.
func outcome(p *config.Predicate, set []config.Assignment) truths {
	switch p.Op {
	case config.Not:
		return negated(outcome(p.Operands[0], set))
	case config.And:
		result := isTrue
		for _, operand := range p.Operands {
			result = both(result, outcome(operand, set))
		}
		return result
	case config.Or:
		result := isFalse
		for _, operand := range p.Operands {
			result = negated(both(negated(result), negated(outcome(operand, set))))
		}
		return result
	default:
		i := slices.IndexFunc(set, func(a config.Assignment) bool { return strings.EqualFold(a.Column, p.Column) })
		if i < 0 {
			return anything
		}
		return comparedWith(p, set[i])
	}
}

func negated(t truths) truths {
	out := t & isUnknown
	if t&isTrue != 0 {
		out |= isFalse
	}
	if t&isFalse != 0 {
		out |= isTrue
	}
	return out
}

func both(a, b truths) truths {
	var out truths
	if a&isTrue != 0 && b&isTrue != 0 {
		out |= isTrue
	}
	if (a|b)&isFalse != 0 {
		out |= isFalse
	}
	if a&isUnknown != 0 && b&(isTrue|isUnknown) != 0 || b&isUnknown != 0 && a&(isTrue|isUnknown) != 0 {
		out |= isUnknown
	}
	return out
}

// comparedWith is the outcome of a comparison with a column's constant.
func comparedWith(p *config.Predicate, a config.Assignment) truths {
	if len(a.Template) > 0 {
		if p.Op == config.IsNull || p.Op == config.IsNotNull {
			return isTrue | isFalse // it may be empty, which is Oracle's NULL
		}
		return anything
	}
	null := !a.Now && a.Value.IsNull()
	empty := !a.Now && a.Value.Kind() == value.Text && a.Value.Str() == "" // Oracle's NULL
	switch {
	case p.Op == config.IsNull || p.Op == config.IsNotNull:
		switch {
		case empty:
			return isTrue | isFalse
		case null == (p.Op == config.IsNull):
			return isTrue
		default:
			return isFalse
		}
	case null:
		return isUnknown
	case empty:
		return anything
	case a.Now:
		return isTrue | isFalse
	}
	same := truths(0)
	for _, v := range p.Values {
		same |= sameness(v, a.Value)
	}
	switch p.Op {
	case config.Equal, config.In:
		if same&isTrue != 0 && slices.ContainsFunc(p.Values, a.Value.Equal) {
			return isTrue
		}
		return same
	case config.NotEqual:
		return negated(same)
	default: // an order, which for texts is the engine's
		return isTrue | isFalse
	}
}

// sameness says whether every database, some or none takes two constants for equal.
func sameness(a, b value.Value) truths {
	switch {
	case a.Equal(b):
		return isTrue
	case folded(a) == folded(b):
		return isTrue | isFalse
	default:
		return isFalse
	}
}
