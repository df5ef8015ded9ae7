package rowexpr

import (
	"errors"
	"fmt"
	"sync"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/registrar-sync/registrar/internal/value"
)

// call compiles a function call that depends on the row: to the function's native
// form where all arguments are single values, else to a call of its cty form.
func (c *compiler) call(e *hclsyntax.FunctionCallExpr) node {
	b, known := library()[e.Name]
	if !known {
		if c.defined(e.Name) {
			// It may read files, or be unfit for concurrent use.
			return c.errorf(e.Range(), unsupported, "%s cannot take the source row: it is called while the configuration is read.", e.Name)
		}
		// Without arguments, nothing but the unknown name is reported.
		_, diags := (&hclsyntax.FunctionCallExpr{Name: e.Name, NameRange: e.NameRange, OpenParenRange: e.OpenParenRange, CloseParenRange: e.CloseParenRange}).Value(c.ctx)
		c.diags = append(c.diags, diags...)
		return invalid
	}
	args := make([]node, len(e.Args))
	for i, arg := range e.Args {
		args[i] = c.compile(arg)
	}
	if c.diags.HasErrors() {
		return invalid
	}
	expand := e.ExpandFinal
	if last := len(args) - 1; expand && args[last].constant != nil {
		elements, ok := c.expandConstant(args[last].constant.cty)
		if !ok {
			return c.errorf(e.Args[last].Range(), "Invalid expanding argument value", "The expanding argument (indicated by ...) must be a tuple, list or set.")
		}
		args, expand = append(args[:last:last], elements...), false
	}
	if expand && args[len(args)-1].typ.single() {
		return c.errorf(e.Args[len(args)-1].Range(), "Invalid expanding argument value", "The expanding argument (indicated by ...) must be a tuple, list or set.")
	}
	if expand && (e.Name == "try" || e.Name == "can") {
		return c.errorf(e.Args[len(args)-1].Range(), unsupported, "%s takes its arguments one by one.", e.Name)
	}
	if !expand && !c.arity(e, b, len(args)) {
		return invalid
	}
	if b.compile != nil && !expand {
		return b.compile(args)
	}
	if !expand && b.isNative() && allSingle(args) {
		if !c.arguments(e, b, args) {
			return invalid
		}
		if b.prepare != nil {
			prepared, err := b.prepare(b, args)
			if err != nil {
				return c.errorf(e.Range(), "Invalid function argument", "%s: %s.", e.Name, err)
			}
			b = prepared
		}
		if b.isNative() {
			return b.apply(e.Name, args)
		}
	}
	if !expand && b.prepareCty != nil {
		if n, ok := b.prepareCty(args); ok {
			return n
		}
	}
	return bridge(e.Name, b, args, expand)
}

func allSingle(args []node) bool {
	for _, arg := range args {
		if !arg.typ.single() {
			return false
		}
	}
	return true
}

// defined reports whether the context adds this function to the library.
func (c *compiler) defined(name string) bool {
	for ctx := c.ctx; ctx != nil; ctx = ctx.Parent() {
		if _, ok := ctx.Functions[name]; ok {
			return true
		}
	}
	return false
}

func (c *compiler) expandConstant(v cty.Value) ([]node, bool) {
	if v.IsNull() || !v.CanIterateElements() || v.Type().IsMapType() || v.Type().IsObjectType() {
		return nil, false
	}
	var nodes []node
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		n, err := constantNode(element)
		if err != nil {
			return nil, false
		}
		nodes = append(nodes, n)
	}
	return nodes, true
}

// arity checks the number of arguments.
func (c *compiler) arity(e *hclsyntax.FunctionCallExpr, b builtin, n int) bool {
	low, high := len(b.cty.Params()), len(b.cty.Params())
	if b.cty.VarParam() != nil {
		high = -1
	}
	if b.most != 0 {
		low, high = b.least, b.most
	}
	switch {
	case n < low:
		c.errorf(e.CloseParenRange, "Not enough function arguments", "%s takes at least %d argument(s), not %d.", e.Name, low, n)
	case high >= 0 && n > high:
		c.errorf(e.Range(), "Too many function arguments", "%s takes at most %d argument(s), not %d.", e.Name, high, n)
	default:
		return true
	}
	return false
}

// arguments checks the types of the arguments of a native function, and converts
// those that are constant.
func (c *compiler) arguments(e *hclsyntax.FunctionCallExpr, b builtin, args []node) bool {
	for i, arg := range args {
		at := e.Range()
		if i < len(e.Args) {
			at = e.Args[i].Range()
		}
		t := b.parameter(i)
		if !t.accepts(arg.typ) {
			c.errorf(at, "Invalid function argument", "%s: argument %d must be %s, not %s.", e.Name, i+1, withArticle(t), withArticle(arg.typ))
			continue
		}
		if arg.constant == nil || arg.isNull() || t == tAny || arg.typ == t {
			continue
		}
		v, err := t.convert(arg.constant.one)
		if err == nil {
			args[i], err = constantNode(ToCty(v))
		}
		if err != nil {
			c.errorf(at, "Invalid function argument", "%s: argument %d: %s.", e.Name, i+1, err)
		}
	}
	return !c.diags.HasErrors()
}

// apply returns a node that calls the native function.
func (b builtin) apply(name string, args []node) node {
	switch {
	case len(args) == 1 && b.one != nil:
		return applyOne(name, args[0], b.parameter(0), b.gives, b.one)
	case len(args) == 2 && b.two != nil:
		return applyTwo(name, args[0], args[1], b.parameter(0), b.parameter(1), b.gives, b.two)
	}
	return node{typ: b.gives, bindOne: func(index []int) eval {
		bound := make([]eval, len(args))
		for i, arg := range args {
			bound[i] = arg.one(index)
		}
		// Functions keep none of their arguments: rows take turns with the space for them.
		spaces := &sync.Pool{New: func() any {
			space := make([]value.Value, len(bound))
			return &space
		}}
		return func(row []value.Value) (value.Value, error) {
			space := spaces.Get().(*[]value.Value)
			defer spaces.Put(space)
			values := *space
			for i, f := range bound {
				v, err := f(row)
				if err != nil {
					return value.Value{}, err
				}
				values[i] = v
			}
			v, err := b.callNative(values)
			if err != nil {
				return value.Value{}, fmt.Errorf("%s: %w", name, err)
			}
			return v, nil
		}
	}}
}

var errArity = errors.New("the number of arguments is wrong")

// callNative converts the arguments and calls the native function; a NULL argument
// makes the result NULL.
func (b builtin) callNative(args []value.Value) (value.Value, error) {
	if b.most != 0 && (len(args) < b.least || b.most > 0 && len(args) > b.most) {
		return value.Value{}, errArity
	}
	for _, arg := range args {
		if arg.IsNull() {
			return value.Value{}, nil
		}
	}
	for i, arg := range args {
		t := b.parameter(i)
		if t == tAny {
			continue
		}
		converted, err := t.convert(arg)
		if err != nil {
			return value.Value{}, fmt.Errorf("argument %d: %w", i+1, err)
		}
		args[i] = converted
	}
	switch {
	case len(args) == 1 && b.one != nil:
		return b.one(args[0])
	case len(args) == 2 && b.two != nil:
		return b.two(args[0], args[1])
	case b.many != nil:
		return b.many(args)
	default:
		return value.Value{}, errArity
	}
}

// bridge calls the cty form of a function for each row.
func bridge(name string, b builtin, args []node, expand bool) node {
	params, rest := b.cty.Params(), b.cty.VarParam()
	param := func(i int) cty.Type {
		switch {
		case i < len(params):
			return params[i].Type
		case rest != nil:
			return rest.Type
		default:
			return cty.DynamicPseudoType
		}
	}
	return node{typ: b.gives, bindCty: func(index []int) evalCty {
		bound := make([]evalCty, len(args))
		for i, arg := range args {
			if arg.typ.single() && param(i) == cty.String {
				bound[i] = textArgument(arg, index)
			} else {
				bound[i] = arg.cty(index)
			}
		}
		return func(row []value.Value) (cty.Value, error) {
			values, err := evalAll(bound, row)
			if err != nil {
				return cty.NilVal, err
			}
			if expand {
				last := values[len(values)-1]
				if last.IsNull() {
					return cty.NullVal(cty.DynamicPseudoType), nil
				}
				if ty := last.Type(); !ty.IsTupleType() && !ty.IsListType() && !ty.IsSetType() {
					return cty.NilVal, fmt.Errorf("%s: the expanding argument is not a list", name)
				}
				values = append(values[:len(values)-1], last.AsValueSlice()...)
				if len(values) < len(params) || rest == nil && len(values) > len(params) {
					return cty.NilVal, fmt.Errorf("%s: %w", name, errArity)
				}
			}
			for _, v := range values {
				if v.IsNull() && !b.acceptsNull {
					return cty.NullVal(b.gives.cty()), nil
				}
			}
			for i, v := range values {
				if values[i], err = convertArgument(v, param(i)); err != nil {
					return cty.NilVal, fmt.Errorf("%s: argument %d must be %s", name, i+1, param(i).FriendlyNameForConstraint())
				}
			}
			v, err := b.cty.Call(values)
			if err != nil {
				return cty.NilVal, fmt.Errorf("%s: %s", name, b.refusal(err))
			}
			v, _ = v.UnmarkDeep()
			if !v.IsWhollyKnown() {
				return cty.NilVal, fmt.Errorf("%s: the result is not known", name)
			}
			return v, nil
		}
	}}
}

// convertArgument is convert.Convert, but for texts that are numbers to it alone.
func convertArgument(v cty.Value, t cty.Type) (cty.Value, error) {
	if t != cty.Number || v.Type() != cty.String || v.IsNull() {
		return convert.Convert(v, t)
	}
	n, ok := asNumber(value.OfText(v.AsString()))
	if !ok {
		return cty.NilVal, errNotNumber
	}
	return ToCty(n), nil
}

// refusal says why a call failed without the library's own text, which may repeat
// an argument.
func (b builtin) refusal(err error) string {
	if b.refuses != "" {
		return b.refuses
	}
	if own, ok := errors.AsType[*safeError](err); ok {
		return own.Error()
	}
	if argument, ok := errors.AsType[function.ArgError](err); ok {
		return fmt.Sprintf("argument %d is not usable", argument.Index+1)
	}
	return "the arguments are not usable"
}

// safeError is an error of this package's, whose text repeats no value.
type safeError struct{ err error }

func (e *safeError) Error() string { return e.err.Error() }
func (e *safeError) Unwrap() error { return e.err }

// textArgument converts a single value to text, so that a decimal keeps its scale.
func textArgument(n node, index []int) evalCty {
	f := n.one(index)
	return func(row []value.Value) (cty.Value, error) {
		v, err := f(row)
		if err != nil {
			return cty.NilVal, err
		}
		if v.IsNull() {
			return cty.NullVal(cty.String), nil
		}
		if s, ok := asText(v); ok {
			return cty.StringVal(s), nil
		}
		return ToCty(v), nil
	}
}
