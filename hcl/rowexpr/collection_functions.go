package rowexpr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/registrar-sync/registrar/internal/value"
)

func collectionFunctions() map[string]builtin {
	const notCollection = "the arguments are not collections that fit together"
	return map[string]builtin{
		"length": {cty: nullable(lengthFunction()), takes: []typ{tText}, gives: tNumber, one: strlen, refuses: "text or a collection is required"},
		"concat": {cty: nullable(bounded(concatFunction(), fewTogether)), takes: []typ{tText}, gives: tDynamic, many: concatTexts, prepare: concatGivesText, refuses: "the arguments must be all lists or all text"},
		"contains": {
			cty: nullable(stdlib.ContainsFunc), gives: tBool, prepareCty: containsConstant,
			refuses: "the first argument must be a list, tuple or set",
		},
		"split":      collection(bounded(stdlib.SplitFunc, fewParts), tCollection, ""),
		"join":       {cty: nullable(gathered(bounded(joinFunction(), shortJoin))), gives: tText, refuses: "the arguments after the first must be lists of text"},
		"element":    collection(stdlib.ElementFunc, tDynamic, "the list is empty, or the index not a whole number"),
		"keys":       collection(stdlib.KeysFunc, tCollection, "a map or an object is required"),
		"values":     collection(stdlib.ValuesFunc, tCollection, "a map or an object is required"),
		"merge":      {cty: bounded(stdlib.MergeFunc, fewTogether), gives: tDynamic, acceptsNull: true, refuses: "the arguments must be maps or objects"},
		"distinct":   collection(stdlib.DistinctFunc, tCollection, notCollection),
		"flatten":    collection(bounded(stdlib.FlattenFunc, fewTogether), tCollection, notCollection),
		"compact":    {cty: gathered(compactFunction()), gives: tCollection, refuses: "a list of text is required"},
		"sort":       collection(stdlib.SortFunc, tCollection, "a list of text without NULL is required"),
		"reverse":    collection(stdlib.ReverseListFunc, tCollection, "a list is required"),
		"range":      collection(stdlib.RangeFunc, tCollection, "the numbers span no range of at most 1024 elements"),
		"slice":      collection(stdlib.SliceFunc, tCollection, "the indexes lie outside the list"),
		"zipmap":     collection(stdlib.ZipmapFunc, tCollection, "the lists must be of one length"),
		"formatlist": collection(formatGuard(bounded(stdlib.FormatListFunc, shortFormat)), tCollection, "an argument does not suit its verb"),
		"format":     {cty: nullable(formatGuard(bounded(stdlib.FormatFunc, shortFormat))), gives: tText, refuses: "an argument does not suit its verb"},

		"setunion":               collection(stdlib.SetUnionFunc, tCollection, notCollection),
		"setintersection":        collection(stdlib.SetIntersectionFunc, tCollection, notCollection),
		"setsubtract":            collection(stdlib.SetSubtractFunc, tCollection, notCollection),
		"setsymmetricdifference": collection(stdlib.SetSymmetricDifferenceFunc, tCollection, notCollection),
		"setproduct":             collection(bounded(stdlib.SetProductFunc, fewProducts), tCollection, notCollection),
	}
}

// lengthFunction counts the characters of text, or the elements of a collection.
func lengthFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v := args[0]
			if v.Type().IsObjectType() {
				return cty.NumberIntVal(int64(len(v.Type().AttributeTypes()))), nil
			}
			if one, err := FromCty(v); err == nil {
				text, ok := asText(one)
				if !ok {
					return cty.NilVal, function.NewArgErrorf(0, "text or a collection is required")
				}
				return cty.NumberIntVal(int64(characters(cty.StringVal(text).AsString()))), nil
			}
			return stdlib.Length(v)
		},
	})
}

// concatFunction joins lists as Terraform's does, or texts where no argument is a
// collection.
func concatFunction() function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "lists", Type: cty.DynamicPseudoType},
		Type: func(args []cty.Value) (cty.Type, error) {
			if len(args) > 0 && noneIsCollection(args) {
				return cty.String, nil
			}
			return stdlib.ConcatFunc.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, want cty.Type) (cty.Value, error) {
			if want != cty.String {
				return stdlib.ConcatFunc.Call(args)
			}
			values := make([]value.Value, len(args))
			for i, arg := range args {
				one, err := FromCty(arg)
				if err == nil {
					one, err = tText.convert(one)
				}
				if err != nil {
					return cty.NilVal, function.NewArgError(i, err)
				}
				values[i] = one
			}
			v, err := concatTexts(values)
			return ToCty(v), err
		},
	})
}

func noneIsCollection(args []cty.Value) bool {
	for _, arg := range args {
		if ty := arg.Type(); !ty.IsPrimitiveType() && !ty.IsCapsuleType() {
			return false
		}
	}
	return true
}

func concatTexts(args []value.Value) (value.Value, error) {
	octets := 0
	for _, arg := range args {
		octets += len(arg.Str())
	}
	if err := stretched(octets); err != nil && len(args) > 1 {
		return value.Value{}, err
	}
	var out strings.Builder
	out.Grow(octets)
	for _, arg := range args {
		out.WriteString(arg.Str())
	}
	return textOf(out.String()), nil
}

func concatGivesText(b builtin, _ []node) (builtin, error) {
	b.gives = tText
	return b, nil
}

// containsConstant compiles a search of a constant list of single values.
func containsConstant(args []node) (node, bool) {
	if args[0].constant == nil || !args[1].typ.single() {
		return node{}, false
	}
	list := args[0].constant.cty
	if ty := list.Type(); list.IsNull() || !ty.IsListType() && !ty.IsTupleType() && !ty.IsSetType() {
		return node{}, false
	}
	texts := map[string]bool{}
	var others []value.Value
	for it := list.ElementIterator(); it.Next(); {
		_, element := it.Element()
		v, err := FromCty(element)
		switch {
		case err != nil:
			return node{}, false
		case v.Kind() == value.Text:
			texts[v.Str()] = true
		case !v.IsNull():
			others = append(others, v)
		}
	}
	return applyOne("contains", args[1], tAny, tBool, func(v value.Value) (value.Value, error) {
		if v.Kind() == value.Text {
			return value.OfBool(texts[v.Str()]), nil
		}
		for _, other := range others {
			// Values that cannot be compared are not the same.
			if same, err := equal(v, other); err == nil && same {
				return value.OfBool(true), nil
			}
		}
		return value.OfBool(false), nil
	}), true
}

// joinFunction joins the elements of lists. A NULL element makes the result NULL:
// compact leaves those out.
func joinFunction() function.Function {
	return function.New(&function.Spec{
		Params:   stdlib.JoinFunc.Params(),
		VarParam: stdlib.JoinFunc.VarParam(),
		Type:     function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for _, list := range args[1:] {
				for it := list.ElementIterator(); it.Next(); {
					if _, element := it.Element(); element.IsNull() {
						return cty.NullVal(cty.String), nil
					}
				}
			}
			return stdlib.JoinFunc.Call(args)
		},
	})
}

// compactFunction leaves NULLs and empty text out of a list.
func compactFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.String), AllowNull: true}},
		Type:   function.StaticReturnType(cty.List(cty.String)),
		Impl: func(args []cty.Value, want cty.Type) (cty.Value, error) {
			if args[0].IsNull() {
				return cty.NullVal(want), nil
			}
			var kept []cty.Value
			for it := args[0].ElementIterator(); it.Next(); {
				if _, element := it.Element(); !element.IsNull() && element.AsString() != "" {
					kept = append(kept, element)
				}
			}
			if len(kept) == 0 {
				return cty.ListValEmpty(cty.String), nil
			}
			return cty.ListVal(kept), nil
		},
	})
}

// formatGuard lets dates into format, and keeps widths within bounds.
func formatGuard(f function.Function) function.Function {
	return translated(guarded(f), textualize)
}

func guarded(f function.Function) function.Function {
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(),
		Type: f.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if digits := longestNumber(args[0].AsString()); digits > len(fmt.Sprint(maxWidth))-1 {
				return cty.NilVal, function.NewArgError(0, errors.New("the format holds a number of more than four digits"))
			}
			return f.Call(args)
		},
	})
}

// longestNumber returns the digits of the longest number in a verb of a format.
func longestNumber(format string) int {
	longest := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		digits := 0
		for i++; i < len(format) && strings.IndexByte("0123456789.+- #[]*", format[i]) >= 0; i++ {
			digits++
			if format[i] < '0' || format[i] > '9' {
				digits = 0
			}
			longest = max(longest, digits)
		}
	}
	return longest
}
