package rowexpr

import (
	"errors"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/registrar-sync/registrar/internal/value"
)

// oracle evaluates an expression node by node with HCL's own evaluator, and applies
// between the nodes what the package comment declares to be different.
type oracle struct {
	row testRow
	ctx *hcl.EvalContext
}

// result is what a node evaluates to.
type result struct {
	v cty.Value
	// text is what a decimal column's value is in a text, where v has lost its scale.
	text string
	// untyped is set for the NULL of a function whose type HCL does not come to know.
	untyped bool
}

var (
	errOracle = errors.New("error")
	// errUndetermined: HCL decides by the type of something that cannot be
	// evaluated, rows by what is known before; either will do.
	errUndetermined = errors.New("undetermined")
)

func newOracle(row testRow) oracle {
	return oracle{row: row, ctx: &hcl.EvalContext{Functions: Functions()}}
}

func (o oracle) eval(expr hclsyntax.Expression) (result, error) {
	if !dependsOnRow(expr) {
		return o.hcl(expr)
	}
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return o.eval(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return o.eval(e.Wrapped)
	case *hclsyntax.ScopeTraversalExpr:
		return o.column(e)
	case *hclsyntax.TemplateExpr:
		return o.template(e)
	case *hclsyntax.UnaryOpExpr:
		return o.unary(e)
	case *hclsyntax.BinaryOpExpr:
		return o.binary(e)
	case *hclsyntax.ConditionalExpr:
		return o.conditional(e)
	case *hclsyntax.FunctionCallExpr:
		return o.call(e)
	case *hclsyntax.IndexExpr:
		return o.index(e)
	case *hclsyntax.RelativeTraversalExpr:
		source, err := o.eval(e.Source)
		if err != nil {
			return source, err
		}
		for _, step := range e.Traversal {
			if source.v.IsNull() {
				return result{v: cty.NullVal(cty.DynamicPseudoType), untyped: true}, nil
			}
			if source, err = o.hcl(&hclsyntax.RelativeTraversalExpr{Source: literal(source.v), Traversal: hcl.Traversal{step}}); err != nil {
				return source, err
			}
		}
		return source, nil
	case *hclsyntax.TupleConsExpr:
		tuple := &hclsyntax.TupleConsExpr{}
		for _, inner := range e.Exprs {
			v, err := o.eval(inner)
			if err != nil {
				return v, err
			}
			tuple.Exprs = append(tuple.Exprs, element(v.v))
		}
		return o.hcl(tuple)
	case *hclsyntax.ObjectConsExpr:
		object := &hclsyntax.ObjectConsExpr{}
		for _, item := range e.Items {
			v, err := o.eval(item.ValueExpr)
			if err != nil {
				return v, err
			}
			object.Items = append(object.Items, hclsyntax.ObjectConsItem{KeyExpr: item.KeyExpr, ValueExpr: element(v.v)})
		}
		return o.hcl(object)
	default:
		return result{}, errUndetermined
	}
}

func literal(v cty.Value) hclsyntax.Expression { return &hclsyntax.LiteralValueExpr{Val: v} }

// element is a value inside a collection, where NULL has no type.
func element(v cty.Value) hclsyntax.Expression {
	if v.IsNull() {
		v = cty.NullVal(cty.DynamicPseudoType)
	}
	return literal(v)
}

// hcl evaluates one node with HCL's evaluator. Numbers are decimal: what binary
// arithmetic adds behind 60 digits is cut off.
func (o oracle) hcl(expr hclsyntax.Expression) (result, error) {
	v, diags := expr.Value(o.ctx)
	if diags.HasErrors() || !v.IsWhollyKnown() {
		return result{}, errOracle
	}
	if v.Type() != cty.Number || v.IsNull() {
		return result{v: v}, nil
	}
	number, err := FromCty(v)
	if err != nil {
		return result{}, errOracle
	}
	return result{v: ToCty(number)}, nil
}

func (o oracle) column(e *hclsyntax.ScopeTraversalExpr) (result, error) {
	v := o.row.find(e.Traversal[1].(hcl.TraverseAttr).Name, false)
	r := result{v: ToCty(v)}
	if v.Kind() == value.Decimal {
		r.text = v.Text()
	}
	return r, nil
}

// asText is the operand as an argument for text.
func (r result) asText() hclsyntax.Expression {
	if r.text != "" {
		return literal(cty.StringVal(r.text))
	}
	return literal(r.v)
}

func (o oracle) template(e *hclsyntax.TemplateExpr) (result, error) {
	whole, null := &hclsyntax.TemplateExpr{}, false
	for _, part := range e.Parts {
		v, err := o.eval(part)
		if err != nil {
			return v, err
		}
		null = null || v.v.IsNull()
		if isCollection(v.v) || v.v.Type() == bytesType && !v.v.IsNull() {
			return v, errOracle
		}
		whole.Parts = append(whole.Parts, v.asText())
	}
	if null {
		return result{v: cty.NullVal(cty.String)}, nil
	}
	return o.hcl(whole)
}

func (o oracle) unary(e *hclsyntax.UnaryOpExpr) (result, error) {
	operand, err := o.eval(e.Val)
	if err != nil {
		return operand, err
	}
	if operand.v.IsNull() {
		return result{v: cty.NullVal(e.Op.Type)}, nil
	}
	if e.Op.Type == cty.Number && isForeignNumber(operand.v) {
		return operand, errOracle
	}
	return o.hcl(&hclsyntax.UnaryOpExpr{Op: e.Op, Val: literal(operand.v)})
}

// isForeignNumber reports whether a text is a number to HCL only: an infinite one, or
// one with a binary exponent.
func isForeignNumber(v cty.Value) bool {
	return v.Type() == cty.String && (strings.Contains(strings.ToLower(v.AsString()), "inf") || strings.ContainsAny(v.AsString(), "pP"))
}

func (o oracle) binary(e *hclsyntax.BinaryOpExpr) (result, error) {
	if e.Op == hclsyntax.OpLogicalAnd || e.Op == hclsyntax.OpLogicalOr {
		return o.logical(e)
	}
	left, errLeft := o.eval(e.LHS)
	right, errRight := o.eval(e.RHS)
	if err := firstError(errLeft, errRight); err != nil {
		return result{}, err
	}
	a, b := left.v, right.v
	equality := e.Op == hclsyntax.OpEqual || e.Op == hclsyntax.OpNotEqual
	constantNull := !dependsOnRow(e.LHS) && a.IsNull() || !dependsOnRow(e.RHS) && b.IsNull()
	if !equality && (isCollection(a) || isCollection(b)) {
		return result{}, errOracle
	}
	switch {
	case equality && constantNull:
		return o.hcl(&hclsyntax.BinaryOpExpr{LHS: literal(a), Op: e.Op, RHS: literal(b)})
	case a.IsNull() || b.IsNull():
		return result{v: cty.NullVal(e.Op.Type)}, nil
	}
	temporal := isTemporal(a) || isTemporal(b)
	ordering := !equality && e.Op.Type == cty.Bool
	if temporal && (ordering || equality) {
		if a.Type() != b.Type() {
			return result{}, errOracle
		}
		if ordering {
			return ordered(e.Op, a, b), nil
		}
	}
	if !equality {
		if isForeignNumber(a) || isForeignNumber(b) {
			return result{}, errOracle
		}
		if e.Op == hclsyntax.OpDivide || e.Op == hclsyntax.OpModulo {
			return o.divide(e.Op, a, b)
		}
	}
	return o.hcl(&hclsyntax.BinaryOpExpr{LHS: literal(a), Op: e.Op, RHS: literal(b)})
}

// firstError prefers an error proper to doubt.
func firstError(errs ...error) error {
	for _, err := range errs {
		if errors.Is(err, errOracle) {
			return err
		}
	}
	return errors.Join(errs...)
}

func isTemporal(v cty.Value) bool {
	return slices.Contains([]cty.Type{dateType, timeType, dateTimeType, instantType}, v.Type())
}

func ordered(op *hclsyntax.Operation, a, b cty.Value) result {
	x, _ := FromCty(a)
	y, _ := FromCty(b)
	sign := x.Time().Compare(y.Time())
	if x.Kind() == value.Time {
		sign = strings.Compare(x.Text(), y.Text())
	}
	holds := map[*hclsyntax.Operation]bool{
		hclsyntax.OpLessThan: sign < 0, hclsyntax.OpLessThanOrEqual: sign <= 0,
		hclsyntax.OpGreaterThan: sign > 0, hclsyntax.OpGreaterThanOrEqual: sign >= 0,
	}
	return result{v: cty.BoolVal(holds[op])}
}

// divide refuses to divide by zero, and computes the remainder exactly.
func (o oracle) divide(op *hclsyntax.Operation, a, b cty.Value) (result, error) {
	x, errX := convert.Convert(a, cty.Number)
	y, errY := convert.Convert(b, cty.Number)
	if errX != nil || errY != nil || y.AsBigFloat().Sign() == 0 {
		return result{}, errOracle
	}
	if op == hclsyntax.OpDivide {
		return o.hcl(&hclsyntax.BinaryOpExpr{LHS: literal(x), Op: op, RHS: literal(y)})
	}
	p, _ := new(big.Rat).SetString(x.AsBigFloat().Text('f', -1))
	q, _ := new(big.Rat).SetString(y.AsBigFloat().Text('f', -1))
	quotient := new(big.Rat).Quo(p, q)
	whole := new(big.Int).Quo(quotient.Num(), quotient.Denom())
	p.Sub(p, q.Mul(q, new(big.Rat).SetInt(whole)))
	rest, err := cty.ParseNumberVal(p.FloatString(200))
	if err != nil {
		return result{}, errOracle
	}
	return o.hcl(literal(rest).(*hclsyntax.LiteralValueExpr))
}

func (o oracle) logical(e *hclsyntax.BinaryOpExpr) (result, error) {
	decisive := e.Op == hclsyntax.OpLogicalOr
	left, err := o.truth(e.LHS)
	if err != nil {
		return left, err
	}
	if !left.v.IsNull() && left.v.True() == decisive {
		return left, nil
	}
	right, err := o.truth(e.RHS)
	switch {
	case err != nil:
		return right, err
	case !right.v.IsNull() && right.v.True() == decisive:
		return right, nil
	case left.v.IsNull() || right.v.IsNull():
		return result{v: cty.NullVal(cty.Bool)}, nil
	}
	return o.hcl(&hclsyntax.BinaryOpExpr{LHS: literal(left.v), Op: e.Op, RHS: literal(right.v)})
}

func (o oracle) truth(expr hclsyntax.Expression) (result, error) {
	r, err := o.eval(expr)
	if err != nil {
		return r, err
	}
	if r.v.IsNull() {
		return result{v: cty.NullVal(cty.Bool)}, nil
	}
	b, err := convert.Convert(r.v, cty.Bool)
	if err != nil {
		return r, errOracle
	}
	return result{v: b}, nil
}

func (o oracle) conditional(e *hclsyntax.ConditionalExpr) (result, error) {
	condition, err := o.truth(e.Condition)
	if err != nil {
		return condition, err
	}
	holds := !condition.v.IsNull() && condition.v.True()
	yes, errYes := o.eval(e.TrueResult)
	no, errNo := o.eval(e.FalseResult)
	taken, errTaken, errOther := no, errNo, errYes
	if holds {
		taken, errTaken, errOther = yes, errYes, errNo
	}
	if errTaken != nil {
		return taken, errTaken
	}
	if taken.v.IsNull() {
		return result{v: taken.v, untyped: true}, nil
	}
	if errOther != nil || yes.untyped || no.untyped || !yes.v.IsNull() && yes.v.Type() == bytesType || !no.v.IsNull() && no.v.Type() == bytesType {
		return result{}, errUndetermined
	}
	if isCollection(yes.v) || isCollection(no.v) {
		return taken, nil
	}
	r, err := o.hcl(&hclsyntax.ConditionalExpr{Condition: literal(cty.BoolVal(holds)), TrueResult: numberLike(yes.v), FalseResult: numberLike(no.v)})
	if err != nil || taken.text == "" && taken.v.Type() != nonFiniteType {
		return r, err
	}
	if taken.text == "" {
		text, _ := FromCty(taken.v)
		taken.text = text.Text()
	}
	if r.v.Type() == cty.String {
		return result{v: cty.StringVal(taken.text)}, nil
	}
	return taken, nil
}

// numberLike stands in for a number that is not finite, which still is of that type.
func numberLike(v cty.Value) hclsyntax.Expression {
	if v.Type() == nonFiniteType {
		v = cty.Zero
	}
	return literal(v)
}

func isCollection(v cty.Value) bool { return !v.IsNull() && !isSingle(v) }

func isSingle(v cty.Value) bool { return v.Type().IsPrimitiveType() || v.Type().IsCapsuleType() }

// textual are the functions that take any single value as text.
var textual = []string{"tostring", "to_text", "length", "md5", "sha256", "base64encode", "concat"}

// optionalText are the functions whose optional argument is text.
var optionalText = []string{"trim", "lpad", "rpad", "to_timestamp"}

func (o oracle) call(e *hclsyntax.FunctionCallExpr) (result, error) {
	f := o.ctx.Functions[e.Name]
	if e.ExpandFinal {
		last, err := o.eval(e.Args[len(e.Args)-1])
		if err != nil {
			return last, err
		}
		if last.v.IsNull() {
			return result{v: cty.NullVal(cty.DynamicPseudoType), untyped: true}, nil
		}
		if !last.v.CanIterateElements() || last.v.Type().IsMapType() || last.v.Type().IsObjectType() {
			return last, errOracle
		}
		expanded := &hclsyntax.FunctionCallExpr{Name: e.Name, Args: slices.Clone(e.Args[:len(e.Args)-1])}
		for _, element := range last.v.AsValueSlice() {
			expanded.Args = append(expanded.Args, literal(element))
		}
		e = expanded
	}
	switch e.Name {
	case "try", "can":
		return o.try(e)
	case "coalesce":
		for _, arg := range e.Args {
			if v, err := o.eval(arg); err != nil || !v.v.IsNull() {
				return v, err
			}
		}
		return result{v: cty.NullVal(cty.DynamicPseudoType), untyped: true}, nil
	}
	args := make([]result, len(e.Args))
	var errs []error
	for i, arg := range e.Args {
		var err error
		args[i], err = o.eval(arg)
		errs = append(errs, err)
	}
	if err := firstError(errs...); err != nil {
		return result{}, err
	}
	if e.Name == "concat" && slices.ContainsFunc(args, func(r result) bool { return isCollection(r.v) }) {
		for i := range args {
			args[i].text = ""
		}
	}
	// NULL propagates before types are looked at.
	if slices.ContainsFunc(args, func(r result) bool { return r.v.IsNull() }) && !slices.Contains([]string{"nullif", "jsonencode", "merge"}, e.Name) {
		call := &hclsyntax.FunctionCallExpr{Name: e.Name}
		for _, arg := range args {
			call.Args = append(call.Args, literal(arg.v))
		}
		if r, err := o.hcl(call); err == nil {
			// In rows, only the NULLs of functions that always return one type have one.
			if !isSingle(r.v) || slices.Contains([]string{"regex", "element"}, e.Name) {
				r = result{v: cty.NullVal(cty.DynamicPseudoType), untyped: true}
			}
			return r, nil
		}
		return result{v: cty.NullVal(cty.DynamicPseudoType), untyped: true}, nil
	}
	call := &hclsyntax.FunctionCallExpr{Name: e.Name, ExpandFinal: e.ExpandFinal}
	for i, arg := range args {
		t := cty.DynamicPseudoType
		if i < len(f.Params()) {
			t = f.Params()[i].Type
		} else if f.VarParam() != nil {
			t = f.VarParam().Type
		}
		optional := i >= len(f.Params()) && slices.Contains(optionalText, e.Name)
		if t == cty.String || optional || slices.Contains(textual, e.Name) {
			call.Args = append(call.Args, arg.asText())
			continue
		}
		if (t == cty.Number || e.Name == "tonumber") && isForeignNumber(arg.v) {
			return result{}, errOracle
		}
		call.Args = append(call.Args, literal(arg.v))
	}
	r, err := o.hcl(call)
	if e.Name == "nullif" && err == nil {
		if r.v.IsNull() {
			return result{v: cty.NullVal(cty.DynamicPseudoType), untyped: true}, nil
		}
		return args[0], nil
	}
	return r, err
}

func (o oracle) try(e *hclsyntax.FunctionCallExpr) (result, error) {
	for _, arg := range e.Args {
		v, err := o.eval(arg)
		switch {
		case errors.Is(err, errUndetermined):
			return v, err
		case e.Name == "can":
			return result{v: cty.BoolVal(err == nil)}, nil
		case err == nil:
			v.untyped = v.v.IsNull()
			return v, nil
		}
	}
	return result{}, errOracle
}

func (o oracle) index(e *hclsyntax.IndexExpr) (result, error) {
	collection, errCollection := o.eval(e.Collection)
	key, errKey := o.eval(e.Key)
	if err := firstError(errCollection, errKey); err != nil {
		return result{}, err
	}
	if collection.v.IsNull() || key.v.IsNull() {
		return result{v: cty.NullVal(cty.DynamicPseudoType), untyped: true}, nil
	}
	at := literal(key.v)
	if ty := collection.v.Type(); ty.IsMapType() || ty.IsObjectType() {
		at = key.asText()
	} else if isForeignNumber(key.v) {
		return result{}, errOracle
	}
	return o.hcl(&hclsyntax.IndexExpr{Collection: literal(collection.v), Key: at})
}
