package rowexpr

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/registrar-sync/registrar/internal/value"
)

// nullFunctions are those that are about NULL, and so do not propagate it.
func nullFunctions() map[string]builtin {
	return map[string]builtin{
		"coalesce": {cty: coalesceFunction(), compile: compileCoalesce, acceptsNull: true},
		"nullif":   {cty: nullIfFunction(), compile: compileNullIf, acceptsNull: true},
	}
}

// coalesceFunction returns the first argument that is not null, unchanged.
func coalesceFunction() function.Function {
	first := func(args []cty.Value) cty.Value {
		for _, arg := range args {
			if !arg.IsKnown() {
				return cty.DynamicVal
			}
			if !arg.IsNull() {
				return arg
			}
		}
		return cty.NullVal(cty.DynamicPseudoType)
	}
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true, AllowUnknown: true}},
		VarParam: &function.Parameter{Name: "more", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true, AllowUnknown: true},
		Type:     func(args []cty.Value) (cty.Type, error) { return first(args).Type(), nil },
		Impl:     func(args []cty.Value, _ cty.Type) (cty.Value, error) { return first(args), nil },
	})
}

// compileCoalesce evaluates no argument after the first that is not NULL.
func compileCoalesce(args []node) node {
	for _, arg := range args {
		if !arg.typ.single() {
			return coalesceCollection(args)
		}
	}
	return node{typ: commonButNull(args), bindOne: func(index []int) eval {
		bound := make([]eval, len(args))
		for i, arg := range args {
			bound[i] = arg.one(index)
		}
		return func(row []value.Value) (value.Value, error) {
			for _, f := range bound {
				if v, err := f(row); err != nil || !v.IsNull() {
					return v, err
				}
			}
			return value.Value{}, nil
		}
	}}
}

func coalesceCollection(args []node) node {
	return node{typ: tDynamic, bindCty: func(index []int) evalCty {
		bound := bindAll(args, index)
		return func(row []value.Value) (cty.Value, error) {
			for _, f := range bound {
				if v, err := f(row); err != nil || !v.IsNull() {
					return v, err
				}
			}
			return cty.NullVal(cty.DynamicPseudoType), nil
		}
	}}
}

func commonButNull(nodes []node) typ {
	result := tNull
	for _, n := range nodes {
		switch {
		case n.typ == tNull || n.typ == result:
		case result == tNull:
			result = n.typ
		default:
			return tAny
		}
	}
	if result == tNull {
		return tAny
	}
	return result
}

// nullIfFunction returns null where both arguments are equal, else the first.
func nullIfFunction() function.Function {
	call := func(args []cty.Value) (cty.Value, error) {
		a, err := FromCty(args[0])
		if err != nil {
			return cty.NilVal, function.NewArgError(0, err)
		}
		b, err := FromCty(args[1])
		if err != nil {
			return cty.NilVal, function.NewArgError(1, err)
		}
		if a.IsNull() || b.IsNull() {
			return args[0], nil
		}
		same, err := equal(a, b)
		if err != nil {
			return cty.NilVal, err
		}
		if same {
			return cty.NullVal(args[0].Type()), nil
		}
		return args[0], nil
	}
	parameter := function.Parameter{Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true}
	return function.New(&function.Spec{
		Params: []function.Parameter{parameter, parameter},
		Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return call(args) },
	})
}

func compileNullIf(args []node) node {
	t := args[0].typ
	if !t.single() {
		t = tAny
	}
	return node{typ: t, bindOne: func(index []int) eval {
		first, second := args[0].one(index), args[1].one(index)
		return func(row []value.Value) (value.Value, error) {
			a, err := first(row)
			if err != nil {
				return value.Value{}, err
			}
			b, err := second(row)
			if err != nil {
				return value.Value{}, err
			}
			if a.IsNull() || b.IsNull() {
				return a, nil
			}
			same, err := equal(a, b)
			if err != nil {
				return value.Value{}, fmt.Errorf("nullif: %w", err)
			}
			if same {
				return value.Value{}, nil
			}
			return a, nil
		}
	}}
}
