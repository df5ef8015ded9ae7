package rowexpr

import (
	"fmt"
	"maps"
	"sync"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/registrar-sync/registrar/internal/value"
)

// builtin is a function of the library: its cty form, which HCL's evaluator calls,
// and its native form, which rows use where all arguments are single values.
type builtin struct {
	// cty is derived from the native form where it is not given.
	cty function.Function
	// takes are the types of the parameters of the native form; the last one
	// stands for all that follow.
	takes []typ
	gives typ
	// least and most bound the number of arguments; most is -1 for no bound. Both
	// are 0 where the cty form says it.
	least, most int
	// The native form: one and two are used for that many arguments where they are
	// set, many for any number. Arguments are converted and not NULL.
	one  func(value.Value) (value.Value, error)
	two  func(a, b value.Value) (value.Value, error)
	many func([]value.Value) (value.Value, error)
	// prepare may specialise the native form for constant arguments, or take it
	// away, so that the cty form is called.
	prepare func(b builtin, args []node) (builtin, error)
	// prepareCty may compile a call with collections among its arguments.
	prepareCty func(args []node) (node, bool)
	// compile takes the whole call: for functions that do not evaluate all
	// arguments, or accept NULL.
	compile func(args []node) node
	// acceptsNull: the cty form says itself what NULL means.
	acceptsNull bool
	// refuses says what is wrong when the cty form fails on a row.
	refuses string
}

func (b builtin) isNative() bool { return b.one != nil || b.two != nil || b.many != nil }

func (b builtin) parameter(i int) typ {
	if len(b.takes) == 0 {
		return tAny
	}
	return b.takes[min(i, len(b.takes)-1)]
}

// Functions returns the function library, for row expressions and everything else
// in a configuration. A NULL argument makes a function's result NULL, unless the
// function is about NULL. The map is the caller's own.
func Functions() map[string]function.Function {
	return maps.Clone(functions())
}

var functions = sync.OnceValue(func() map[string]function.Function {
	all := make(map[string]function.Function, len(library()))
	for name, b := range library() {
		all[name] = b.cty
	}
	return all
})

// library is built once and never changed.
var library = sync.OnceValue(func() map[string]builtin {
	all := map[string]builtin{
		"try": {cty: tryFunction(), compile: compileTry},
		"can": {cty: canFunction(), compile: compileCan},
	}
	for _, group := range []map[string]builtin{
		textFunctions(), patternFunctions(), numberFunctions(), temporalFunctions(),
		conversionFunctions(), nullFunctions(), collectionFunctions(), encodingFunctions(),
	} {
		for name, b := range group {
			if isZero(b.cty) {
				b.cty = derive(b)
			}
			all[name] = b
		}
	}
	return all
})

func isZero(f function.Function) bool { return f == function.Function{} }

// derive makes the cty form of a native function.
func derive(b builtin) function.Function {
	spec := &function.Spec{}
	for i := range b.least {
		spec.Params = append(spec.Params, function.Parameter{
			Name: "value", Type: b.parameter(i).cty(), AllowNull: true, AllowDynamicType: true,
		})
	}
	if b.most != b.least {
		spec.VarParam = &function.Parameter{
			Name: "more", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true,
		}
	}
	call := func(args []cty.Value) (cty.Value, error) {
		values := make([]value.Value, len(args))
		for i, arg := range args {
			v, err := FromCty(arg)
			if err != nil {
				return cty.NilVal, function.NewArgError(i, &safeError{err})
			}
			values[i] = v
		}
		v, err := b.callNative(values)
		if err != nil {
			return cty.NilVal, &safeError{err}
		}
		return ToCty(v), nil
	}
	fixed := b.gives.cty()
	spec.Type = function.StaticReturnType(fixed)
	if fixed == cty.DynamicPseudoType {
		spec.Type = func(args []cty.Value) (cty.Type, error) {
			for _, arg := range args {
				if !arg.IsWhollyKnown() {
					return cty.DynamicPseudoType, nil
				}
			}
			v, err := call(args)
			if err != nil {
				return cty.NilType, err
			}
			return v.Type(), nil
		}
	}
	spec.Impl = func(args []cty.Value, want cty.Type) (cty.Value, error) {
		v, err := call(args)
		if err == nil && v.IsNull() {
			return cty.NullVal(want), nil
		}
		return v, err
	}
	return function.New(spec)
}

// nullable lets NULL through a function: a NULL argument makes the result NULL.
func nullable(f function.Function) function.Function {
	spec := &function.Spec{}
	for _, p := range f.Params() {
		p.AllowNull, p.AllowDynamicType = true, true
		spec.Params = append(spec.Params, p)
	}
	if p := f.VarParam(); p != nil {
		rest := *p
		rest.AllowNull, rest.AllowDynamicType = true, true
		spec.VarParam = &rest
	}
	spec.Type = func(args []cty.Value) (cty.Type, error) {
		null := false
		typed := make([]cty.Value, len(args))
		for i, arg := range args {
			typed[i] = arg
			if arg.IsNull() {
				null, typed[i] = true, cty.UnknownVal(arg.Type())
			}
		}
		t, err := f.ReturnTypeForValues(typed)
		if err != nil && null {
			return cty.DynamicPseudoType, nil
		}
		return t, err
	}
	spec.Impl = func(args []cty.Value, want cty.Type) (cty.Value, error) {
		for _, arg := range args {
			if arg.IsNull() {
				return cty.NullVal(want), nil
			}
		}
		return f.Call(args)
	}
	return function.New(spec)
}

// translated passes every argument through translate before f sees it.
func translated(f function.Function, translate func(cty.Value) (cty.Value, error)) function.Function {
	spec := &function.Spec{Params: f.Params(), VarParam: f.VarParam()}
	return passing(spec, f, func(_ int, v cty.Value) (cty.Value, error) { return translate(v) })
}

// passing completes a function that takes what spec says, and calls f with what each argument, by its place, is
// translated to.
func passing(spec *function.Spec, f function.Function, translate func(i int, v cty.Value) (cty.Value, error)) function.Function {
	all := func(args []cty.Value) ([]cty.Value, error) {
		out := make([]cty.Value, len(args))
		for i, arg := range args {
			v, err := translate(i, arg)
			if err != nil {
				return nil, function.NewArgError(i, err)
			}
			out[i] = v
		}
		return out, nil
	}
	spec.Type = func(args []cty.Value) (cty.Type, error) {
		args, err := all(args)
		if err != nil {
			return cty.NilType, err
		}
		return f.ReturnTypeForValues(args)
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		args, err := all(args)
		if err != nil {
			return cty.NilVal, err
		}
		return f.Call(args)
	}
	return function.New(spec)
}

// textualize replaces dates, times and timestamps by their texts, however deep.
func textualize(v cty.Value) (cty.Value, error) {
	return cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if !v.Type().IsCapsuleType() || !v.IsKnown() || v.IsNull() {
			return v, nil
		}
		unmarked, marks := v.Unmark()
		one, err := FromCty(unmarked)
		if err != nil {
			return v, &safeError{err}
		}
		s, ok := asText(one)
		if !ok {
			return v, &safeError{errNotText}
		}
		return cty.StringVal(s).WithMarks(marks), nil
	})
}

// compileTry compiles try(a, b, …): the first argument that can be evaluated.
func compileTry(args []node) node {
	for _, arg := range args {
		if !arg.typ.single() {
			return tryCollection(args)
		}
	}
	return node{typ: common(args), bindOne: func(index []int) eval {
		bound := make([]eval, len(args))
		for i, arg := range args {
			bound[i] = arg.one(index)
		}
		return func(row []value.Value) (v value.Value, err error) {
			for _, f := range bound {
				if v, err = f(row); err == nil {
					return v, nil
				}
			}
			return value.Value{}, errNothingTried(err)
		}
	}}
}

func tryCollection(args []node) node {
	return node{typ: tDynamic, bindCty: func(index []int) evalCty {
		bound := bindAll(args, index)
		return func(row []value.Value) (v cty.Value, err error) {
			for _, f := range bound {
				if v, err = f(row); err == nil {
					return v, nil
				}
			}
			return cty.NilVal, errNothingTried(err)
		}
	}}
}

func compileCan(args []node) node {
	return node{typ: tBool, bindOne: func(index []int) eval {
		f := args[0].cty(index)
		return func(row []value.Value) (value.Value, error) {
			_, err := f(row)
			return value.OfBool(err == nil), nil
		}
	}}
}

// common returns the type that all the nodes have, or tAny.
func common(nodes []node) typ {
	for _, n := range nodes[1:] {
		if n.typ != nodes[0].typ {
			return tAny
		}
	}
	return nodes[0].typ
}

// collection wraps a function of the standard library that takes or returns
// collections.
func collection(f function.Function, gives typ, refuses string) builtin {
	return builtin{cty: nullable(gathered(f)), gives: gives, refuses: refuses}
}

// standard couples a function of the standard library with its native form.
func standard(f function.Function, native builtin) builtin {
	native.cty = nullable(f)
	return native
}

func conversion(to cty.Type) function.Function { return stdlib.MakeToFunc(to) }

func errNothingTried(last error) error {
	if last == nil {
		return errArity
	}
	return fmt.Errorf("try: no argument could be evaluated; the last: %w", last)
}
