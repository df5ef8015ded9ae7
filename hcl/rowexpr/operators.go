package rowexpr

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/registrar-sync/registrar/internal/value"
)

// operand prepares a node as an operand of type t: a constant is converted at
// once, a type that cannot fit is complained about.
func (c *compiler) operand(expr hclsyntax.Expression, t typ) node {
	n := c.compile(expr)
	if c.diags.HasErrors() {
		return invalid
	}
	if !t.accepts(n.typ) {
		return c.errorf(expr.Range(), "Invalid operand", "%s is required, not %s.", capital(article(t.String())), article(n.typ.String()))
	}
	if n.constant == nil || n.isNull() || n.typ == t || t == tAny {
		return n
	}
	v, err := t.convert(n.constant.one)
	if err != nil {
		return c.errorf(expr.Range(), "Invalid operand", "%s.", capital(err.Error()))
	}
	converted, err := constantNode(ToCty(v))
	if err != nil {
		return c.errorf(expr.Range(), "Invalid operand", "%s.", capital(err.Error()))
	}
	return converted
}

func (c *compiler) unary(e *hclsyntax.UnaryOpExpr) node {
	switch e.Op {
	case hclsyntax.OpNegate:
		return applyOne("-", c.operand(e.Val, tNumber), tNumber, tNumber, negate)
	case hclsyntax.OpLogicalNot:
		return applyOne("!", c.operand(e.Val, tBool), tBool, tBool, func(v value.Value) (value.Value, error) {
			return value.OfBool(!v.Bool()), nil
		})
	default:
		return c.errorf(e.Range(), unsupported, "This operator is not supported.")
	}
}

func (c *compiler) binary(e *hclsyntax.BinaryOpExpr) node {
	switch e.Op {
	case hclsyntax.OpAdd:
		return c.arithmetic("+", e, add)
	case hclsyntax.OpSubtract:
		return c.arithmetic("-", e, subtract)
	case hclsyntax.OpMultiply:
		return c.arithmetic("*", e, multiply)
	case hclsyntax.OpDivide:
		return c.arithmetic("/", e, divide)
	case hclsyntax.OpModulo:
		return c.arithmetic("%", e, remainder)
	case hclsyntax.OpEqual:
		return c.equality("==", e)
	case hclsyntax.OpNotEqual:
		return c.equality("!=", e)
	case hclsyntax.OpLessThan:
		return c.ordering("<", e, func(sign int) bool { return sign < 0 })
	case hclsyntax.OpLessThanOrEqual:
		return c.ordering("<=", e, func(sign int) bool { return sign <= 0 })
	case hclsyntax.OpGreaterThan:
		return c.ordering(">", e, func(sign int) bool { return sign > 0 })
	case hclsyntax.OpGreaterThanOrEqual:
		return c.ordering(">=", e, func(sign int) bool { return sign >= 0 })
	case hclsyntax.OpLogicalAnd:
		return c.logical("&&", e, false)
	case hclsyntax.OpLogicalOr:
		return c.logical("||", e, true)
	default:
		return c.errorf(e.Range(), unsupported, "This operator is not supported.")
	}
}

func (c *compiler) arithmetic(symbol string, e *hclsyntax.BinaryOpExpr, op func(a, b value.Value) (value.Value, error)) node {
	left, right := c.operand(e.LHS, tNumber), c.operand(e.RHS, tNumber)
	return applyTwo(symbol, left, right, tNumber, tNumber, tNumber, op)
}

// ordering compares numbers, or dates, times and timestamps of one type.
func (c *compiler) ordering(symbol string, e *hclsyntax.BinaryOpExpr, holds func(sign int) bool) node {
	left, right := c.operand(e.LHS, tAny), c.operand(e.RHS, tAny)
	for i, n := range []node{left, right} {
		if n.constant == nil && n.typ.temporal() || n.typ.temporal() {
			continue
		}
		if !tNumber.accepts(n.typ) {
			return c.errorf([]hclsyntax.Expression{e.LHS, e.RHS}[i].Range(), "Invalid operand", "A number, date, time or timestamp is required, not %s.", article(n.typ.String()))
		}
	}
	return applyTwo(symbol, left, right, tAny, tAny, tBool, func(a, b value.Value) (value.Value, error) {
		sign, err := compare(a, b)
		if err != nil {
			return value.Value{}, err
		}
		return value.OfBool(holds(sign)), nil
	})
}

// compare orders two values that are not NULL.
func compare(a, b value.Value) (int, error) {
	ta, tb := typeOf(a.Kind()), typeOf(b.Kind())
	if ta.temporal() || tb.temporal() {
		if ta != tb {
			return 0, errIncomparable(ta, tb)
		}
		return compareTemporal(a, b), nil
	}
	x, err := tNumber.convert(a)
	if err != nil {
		return 0, err
	}
	y, err := tNumber.convert(b)
	if err != nil {
		return 0, err
	}
	return compareNumbers(x, y), nil
}

func errIncomparable(a, b typ) error {
	return fmt.Errorf("%s cannot be compared with %s", article(a.String()), withArticle(b))
}

// withArticle spells a type in a sentence; text and bytes take no article.
func withArticle(t typ) string {
	switch t {
	case tText, tBytes, tAny, tNull:
		return t.String()
	default:
		return article(t.String())
	}
}

func compareTemporal(a, b value.Value) int {
	if a.Kind() == value.Time {
		return int(a.Clock() - b.Clock())
	}
	rank := func(v value.Value) int {
		switch {
		case v.Equal(value.Infinite(v.Kind(), true)):
			return -1
		case v.IsInfinite():
			return 1
		}
		return 0
	}
	if ra, rb := rank(a), rank(b); ra != 0 || rb != 0 {
		return ra - rb
	}
	return a.Time().Compare(b.Time())
}

// equality compares any two values; one of a constant null tests for NULL.
func (c *compiler) equality(symbol string, e *hclsyntax.BinaryOpExpr) node {
	left, right := c.compile(e.LHS), c.compile(e.RHS)
	if c.diags.HasErrors() {
		return invalid
	}
	wanted := symbol == "=="
	if right.isNull() {
		return nullTest(left, wanted)
	}
	if left.isNull() {
		return nullTest(right, wanted)
	}
	if left.typ.temporal() && right.typ.single() && right.typ != tAny && left.typ != right.typ ||
		right.typ.temporal() && left.typ.single() && left.typ != tAny && left.typ != right.typ {
		return c.errorf(e.Range(), "Invalid comparison", "%s.", capital(errIncomparable(left.typ, right.typ).Error()))
	}
	if !left.typ.single() || !right.typ.single() {
		return collectionEquality(left, right, wanted)
	}
	return applyTwo(symbol, left, right, tAny, tAny, tBool, func(a, b value.Value) (value.Value, error) {
		same, err := equal(a, b)
		if err != nil {
			return value.Value{}, err
		}
		return value.OfBool(same == wanted), nil
	})
}

// equal compares two values that are not NULL as HCL does: values of different
// types differ, numbers are compared by what they amount to. A date, time or
// timestamp compared with anything else is a mistake that would always be false.
func equal(a, b value.Value) (bool, error) {
	ka, kb := a.Kind(), b.Kind()
	switch {
	case ka == kb && ka != value.Decimal && ka != value.Float:
		return a.Equal(b), nil
	case isNumeric(ka) && isNumeric(kb):
		x, okX := asNumber(a)
		y, okY := asNumber(b)
		if !okX || !okY {
			return okX == okY && a.Text() == b.Text(), nil
		}
		return compareNumbers(x, y) == 0, nil
	case typeOf(ka).temporal() || typeOf(kb).temporal():
		return false, errIncomparable(typeOf(ka), typeOf(kb))
	default:
		return false, nil
	}
}

func nullTest(n node, wanted bool) node {
	if n.bindOne == nil {
		return node{typ: tBool, bindOne: func(index []int) eval {
			operand := n.cty(index)
			return func(row []value.Value) (value.Value, error) {
				v, err := operand(row)
				if err != nil {
					return value.Value{}, err
				}
				return value.OfBool(v.IsNull() == wanted), nil
			}
		}}
	}
	return node{typ: tBool, bindOne: func(index []int) eval {
		operand := n.one(index)
		return func(row []value.Value) (value.Value, error) {
			v, err := operand(row)
			if err != nil {
				return value.Value{}, err
			}
			return value.OfBool(v.IsNull() == wanted), nil
		}
	}}
}

func collectionEquality(left, right node, wanted bool) node {
	return node{typ: tBool, bindOne: func(index []int) eval {
		left, right := left.cty(index), right.cty(index)
		return func(row []value.Value) (value.Value, error) {
			a, err := left(row)
			if err != nil {
				return value.Value{}, err
			}
			b, err := right(row)
			if err != nil {
				return value.Value{}, err
			}
			if a.IsNull() || b.IsNull() {
				return value.Value{}, nil
			}
			x, errX := FromCty(a)
			y, errY := FromCty(b)
			if errX == nil && errY == nil {
				same, err := equal(x, y)
				if err != nil {
					return value.Value{}, err
				}
				return value.OfBool(same == wanted), nil
			}
			same, err := stdlib.Equal(a, b)
			if err != nil || !same.IsKnown() || same.IsNull() {
				return value.Value{}, errors.New("the values cannot be compared")
			}
			return value.OfBool(same.True() == wanted), nil
		}
	}}
}

// logical compiles && and || with three truth values. decisive is the value that
// settles the result on its own.
func (c *compiler) logical(symbol string, e *hclsyntax.BinaryOpExpr, decisive bool) node {
	left, right := c.operand(e.LHS, tBool), c.operand(e.RHS, tBool)
	return node{typ: tBool, bindOne: func(index []int) eval {
		left, right := left.one(index), right.one(index)
		return func(row []value.Value) (value.Value, error) {
			a, err := truth(symbol, left, row)
			if err != nil {
				return value.Value{}, err
			}
			if !a.IsNull() && a.Bool() == decisive {
				return a, nil
			}
			b, err := truth(symbol, right, row)
			if err != nil {
				return value.Value{}, err
			}
			if !b.IsNull() && b.Bool() == decisive || a.IsNull() {
				if b.IsNull() || b.Bool() == decisive {
					return b, nil
				}
				return value.Value{}, nil
			}
			return b, nil
		}
	}}
}

// truth evaluates a bool operand of the operator; NULL stays NULL.
func truth(operator string, f eval, row []value.Value) (value.Value, error) {
	v, err := f(row)
	if err != nil || v.IsNull() || v.Kind() == value.Bool {
		return v, err
	}
	b, ok := asBool(v)
	if !ok {
		return value.Value{}, fmt.Errorf("%s: %w", operator, errNotBool)
	}
	return value.OfBool(b), nil
}

// conditional compiles c ? a : b. Only the branch taken is evaluated, unless its
// type depends on the other.
func (c *compiler) conditional(e *hclsyntax.ConditionalExpr) node {
	condition := c.operand(e.Condition, tBool)
	yes, no := c.compile(e.TrueResult), c.compile(e.FalseResult)
	if c.diags.HasErrors() {
		return invalid
	}
	if !yes.typ.single() || !no.typ.single() {
		return conditionalCollection(condition, yes, no)
	}
	result := tAny
	if yes.typ != tAny && no.typ != tAny {
		unified, ok := unify(yes.typ, no.typ)
		if !ok {
			return c.errorf(e.Range(), "Inconsistent conditional result types", "The results must be of one type, but one is %s and the other %s.", withArticle(yes.typ), withArticle(no.typ))
		}
		result = unified
	} else if yes.typ == tText || no.typ == tText {
		result = tText
	}
	return node{typ: result, bindOne: func(index []int) eval {
		condition := condition.one(index)
		whenTrue, whenFalse := branch(yes, no, result, index), branch(no, yes, result, index)
		return func(row []value.Value) (value.Value, error) {
			holds, err := truth("conditional", condition, row)
			if err != nil {
				return value.Value{}, err
			}
			if holds.Bool() {
				return whenTrue(row)
			}
			return whenFalse(row)
		}
	}}
}

// branch evaluates one result of a conditional and converts it to the type that
// it has in common with the other.
func branch(taken, other node, result typ, index []int) eval {
	f := taken.one(index)
	if taken.typ == result && result != tAny || other.typ == tNull || taken.isNull() {
		return f
	}
	if result == tText && other.typ == tText {
		return func(row []value.Value) (value.Value, error) {
			v, err := f(row)
			if err != nil || v.IsNull() || v.Kind() == value.Text {
				return v, err
			}
			if v, err = tText.convert(v); err != nil {
				return value.Value{}, errResults
			}
			return v, nil
		}
	}
	otherType := func([]value.Value) typ { return other.typ }
	if other.typ == tAny {
		g := other.one(index)
		otherType = func(row []value.Value) typ {
			v, err := g(row)
			if err != nil {
				return tNull
			}
			return typeOf(v.Kind())
		}
	}
	return func(row []value.Value) (value.Value, error) {
		v, err := f(row)
		if err != nil || v.IsNull() {
			return v, err
		}
		own := typeOf(v.Kind())
		unified, ok := unify(own, otherType(row))
		if !ok {
			return value.Value{}, errResults
		}
		if unified == own {
			return v, nil
		}
		if v, err = unified.convert(v); err != nil {
			return value.Value{}, errResults
		}
		return v, nil
	}
}

// conditionalCollection compiles a conditional of which a result may be a collection.
func conditionalCollection(condition, yes, no node) node {
	result := tDynamic
	if yes.typ == tCollection && no.typ == tCollection {
		result = tCollection
	}
	return node{typ: result, bindCty: func(index []int) evalCty {
		condition := condition.one(index)
		whenTrue, whenFalse := yes.cty(index), no.cty(index)
		return func(row []value.Value) (cty.Value, error) {
			holds, err := truth("conditional", condition, row)
			if err != nil {
				return cty.NilVal, err
			}
			taken, other, otherType := whenFalse, whenTrue, yes.typ
			if holds.Bool() {
				taken, other, otherType = whenTrue, whenFalse, no.typ
			}
			v, err := taken(row)
			if err != nil || v.IsNull() || v.Type() == cty.String || !typeOfCty(v).single() {
				return v, err
			}
			if otherType == tAny || otherType == tDynamic {
				w, err := other(row)
				if err != nil {
					return v, nil //nolint:nilerr // a result that is not taken may fail
				}
				otherType = typeOfCty(w)
			}
			if !otherType.single() {
				return v, nil
			}
			own := typeOfCty(v)
			unified, ok := unify(own, otherType)
			if !ok {
				return cty.NilVal, errResults
			}
			if unified == own {
				return v, nil
			}
			v, err = convert.Convert(v, unified.cty())
			if err != nil {
				return cty.NilVal, errResults
			}
			return v, nil
		}
	}}
}

var errResults = errors.New("conditional: the results are not of one type")

// template compiles text with interpolations; a NULL one makes it NULL.
func (c *compiler) template(e *hclsyntax.TemplateExpr) node {
	parts := make([]node, len(e.Parts))
	for i, part := range e.Parts {
		parts[i] = c.compile(part)
		if parts[i].typ == tCollection {
			return c.errorf(part.Range(), "Invalid template interpolation value", "A collection cannot be included in text: use join or jsonencode.")
		}
	}
	return node{typ: tText, bindOne: func(index []int) eval {
		bound := make([]eval, len(parts))
		for i, part := range parts {
			bound[i] = part.one(index)
		}
		return func(row []value.Value) (value.Value, error) {
			var space [64]byte
			text, null := space[:0], false
			for _, part := range bound {
				v, err := part(row)
				if err != nil {
					return value.Value{}, err
				}
				switch v.Kind() {
				case value.Null:
					null = true
				case value.Text, value.Decimal:
					text = append(text, v.Str()...)
				case value.Bytes:
					return value.Value{}, fmt.Errorf("template: %w", errNotText)
				case value.Float:
					s, _ := asText(v)
					text = append(text, s...)
				default:
					text = v.AppendText(text)
				}
				if err := stretched(len(text)); err != nil && len(bound) > 1 {
					return value.Value{}, err
				}
			}
			if null {
				return value.Value{}, nil
			}
			return textOf(string(text)), nil
		}
	}}
}

// applyOne compiles an operator or function of one operand.
func applyOne(name string, n node, takes, gives typ, op func(value.Value) (value.Value, error)) node {
	return node{typ: gives, bindOne: func(index []int) eval {
		operand := n.one(index)
		return func(row []value.Value) (value.Value, error) {
			v, err := operand(row)
			if err != nil || v.IsNull() {
				return value.Value{}, err
			}
			if takes != tAny {
				if v, err = takes.convert(v); err != nil {
					return value.Value{}, fmt.Errorf("%s: %w", name, err)
				}
			}
			if v, err = op(v); err != nil {
				return value.Value{}, fmt.Errorf("%s: %w", name, err)
			}
			return v, nil
		}
	}}
}

// applyTwo compiles an operator or function of two operands.
func applyTwo(name string, left, right node, takesLeft, takesRight, gives typ, op func(a, b value.Value) (value.Value, error)) node {
	return node{typ: gives, bindOne: func(index []int) eval {
		left, right := left.one(index), right.one(index)
		return func(row []value.Value) (value.Value, error) {
			a, err := left(row)
			if err != nil {
				return value.Value{}, err
			}
			b, err := right(row)
			if err != nil || a.IsNull() || b.IsNull() {
				return value.Value{}, err
			}
			if takesLeft != tAny {
				if a, err = takesLeft.convert(a); err != nil {
					return value.Value{}, fmt.Errorf("%s: %w", name, err)
				}
			}
			if takesRight != tAny {
				if b, err = takesRight.convert(b); err != nil {
					return value.Value{}, fmt.Errorf("%s: %w", name, err)
				}
			}
			v, err := op(a, b)
			if err != nil {
				return value.Value{}, fmt.Errorf("%s: %w", name, err)
			}
			return v, nil
		}
	}}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]&^0x20) + s[1:]
}
